//! What somebody takes along with their pictures, read by a reader of such archives.

use crate::execute;
use crate::features::chat::api::SendMessage;
use crate::features::chat::model::SendForm;
use crate::features::images::api::SetFace;
use crate::features::images::tests::{picture, put_in};
use crate::features::parties::tests::{open, order, seen};
use crate::on_both;
use crate::shared::ids::{ImageId, SendId};
use crate::shared::images::Size;
use crate::shared::time::Span;
use crate::testing::{Actor, Answer};
use axum::body::Body;
use axum::http::{Request, header};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use uuid::Uuid;
use zip::{CompressionMethod, ZipArchive};

/// The files of an archive, each with how it is kept. Reading one checks its sum.
fn files(answer: &Answer) -> BTreeMap<String, (CompressionMethod, Vec<u8>)> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut archive = ZipArchive::new(Cursor::new(answer.bytes.clone())).expect("a whole archive");
    let mut files = BTreeMap::new();
    for n in 0..archive.len() {
        let mut file = archive.by_index(n).expect("a file");
        let mut content = Vec::new();
        file.read_to_end(&mut content).expect("as it was written");
        let time = file.last_modified().expect("a time");
        assert_eq!((time.year(), time.month(), time.day()), (2026, 5, 12));
        assert!(files.insert(file.name().to_owned(), (file.compression(), content)).is_none(), "each once");
    }
    files
}

async fn packed(actor: &Actor) -> BTreeMap<String, (CompressionMethod, Vec<u8>)> {
    files(&actor.get("/me/export.zip").await)
}

fn name(id: ImageId) -> String {
    format!("images/{id}.jpg")
}

on_both! {
    async fn an_archive_has_all_that_is_ones_own_and_nothing_else(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let [shown, said, free] = [put_in(&mina).await, put_in(&mina).await, put_in(&mina).await];
        mina.call_with::<SetFace>(&[], &[&picture(9)]).await.expect("a face");
        let mut form = order();
        form.pictures = [shown].into_iter().collect();
        let party = open(&mina, form).await;
        let view = seen(&mina, party).await;
        let room = view.room.expect("a room");
        let form = SendForm { room, send_id: SendId::random(), text: String::new(), reply_to: None, pictures: [said].into_iter().collect() };
        mina.call(SendMessage { form }).await.expect("said");
        jun.call_with::<SetFace>(&[], &[&picture(3)]).await.expect("a face");
        put_in(&jun).await;

        let answer = mina.get("/me/export.zip").await;
        for (name, value) in [
            (header::CONTENT_TYPE, "application/zip"),
            (header::CONTENT_DISPOSITION, "attachment; filename=\"moim.zip\""),
            (header::CACHE_CONTROL, "no-store"),
        ] {
            assert_eq!(answer.headers[name], value);
        }
        let files = files(&answer);
        let own = [shown.id, said.id, free.id, view.host.face.expect("a face")];
        let mut names: Vec<String> = own.iter().map(|id| name(*id)).collect();
        names.push("moim.json".to_owned());
        names.sort();
        assert_eq!(files.keys().cloned().collect::<Vec<_>>(), names);
        for id in own {
            let kept = app.state.images.read(id, Size::Large).await.expect("read").expect("there");
            assert_eq!(files[&name(id)], (CompressionMethod::Stored, kept));
        }
        let (how, document) = &files["moim.json"];
        assert_eq!((*how, document.as_slice()), (CompressionMethod::Deflated, mina.get("/me/export").await.bytes.as_ref()));

        // Nothing presses together what is pressed together.
        let request = Request::get("/me/export.zip").header(header::ACCEPT_ENCODING, "br, gzip").body(Body::empty()).expect("a request");
        let answer = mina.send(request).await;
        assert!(answer.status == 200 && !answer.headers.contains_key(header::CONTENT_ENCODING));
        // The page has a link to it.
        assert!(mina.get("/me/close").await.body.contains("href=\"/me/export.zip\""));
    }

    async fn a_picture_whose_file_is_gone_is_named_and_the_rest_is_there(app: TestApp) {
        let mina = app.member("mina").await;
        let [one, gone, other] = [put_in(&mina).await, put_in(&mina).await, put_in(&mina).await];
        app.state.images.remove(gone.id).await.expect("removed");
        let files = packed(&mina).await;
        assert_eq!(files.len(), 4);
        assert!(files.contains_key(&name(one.id)) && files.contains_key(&name(other.id)));
        let missing: Vec<ImageId> = serde_json::from_slice(&files["missing.json"].1).expect("JSON");
        assert_eq!(missing, [gone.id]);
    }

    async fn as_many_as_are_read_together_and_more(app: TestApp) {
        let mina = app.member("mina").await;
        let mut there = 0;
        for count in [0_u64, 1, 499, 500, 501, 1_000] {
            let mut tx = app.state.db.begin().await.expect("a transaction");
            for _ in there..count {
                let sql = "insert into images (id, owner_id, width, height, created_at, free_since) values ($1, $2, 1, 1, $3, $3)";
                execute!(&mut tx, sql, ImageId(Uuid::new_v4()), mina.id(), app.now()).expect("stored");
            }
            tx.commit().await.expect("committed");
            there = count;
            let files = packed(&mina).await;
            let missing: Vec<ImageId> =
                files.get("missing.json").map(|(_, list)| serde_json::from_slice(list).expect("JSON")).unwrap_or_default();
            let document: serde_json::Value = serde_json::from_slice(&files["moim.json"].1).expect("a whole document");
            let told = document["images"].as_array().map(Vec::len);
            assert_eq!((missing.len() as u64, told, files.len()), (count, Some(missing.len()), 1 + usize::from(count > 0)));
        }
    }

    async fn it_is_for_nobody_else_and_not_without_end(app: TestApp) {
        let mina = app.member("mina").await;
        let visitor = app.visitor().get("/me/export.zip").await;
        assert_eq!((visitor.status.as_u16(), visitor.location()), (303, "/sign-in?next=/me/close"));
        let program = Request::get("/me/export.zip").body(Body::empty()).expect("a request");
        assert_eq!(app.visitor().send(program).await.status, 401);
        // With and without pictures, both count.
        for n in 0..10 {
            let path = if n % 2 == 0 { "/me/export.zip" } else { "/me/export" };
            assert_eq!(mina.get(path).await.status, 200);
        }
        for path in ["/me/export.zip", "/me/export"] {
            assert_eq!(mina.get(path).await.status, 429);
        }
        app.advance(Span::hours(1));
        assert_eq!(packed(&mina).await.len(), 1);
    }
}
