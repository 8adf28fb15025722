//! Pictures, through the router.

use super::api::{RemoveFace, SetFace, UploadImage};
use super::jobs::collect;
use crate::app::work;
use crate::features::accounts::api::{CloseAccount, ReadAccount};
use crate::features::accounts::model::CloseForm;
use crate::features::chat::api::{ChatRoom, ChatRooms, DeleteMessage, EditMessage, SendImages, SendMessage, StartDirect};
use crate::features::chat::model::{ChangeForm, Content, DirectForm, Opened, PICTURE, Preview, RoomView, SendForm, Sent};
use crate::features::parties::api::{CancelParty, JoinParty, RemoveMember};
use crate::features::parties::model::CancelForm;
use crate::features::parties::tests::{open, order, seen};
use crate::features::profiles::api::ReadProfile;
use crate::on_both;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{ImageId, RoomId, SendId, UserId};
use crate::shared::images::{MAX_BYTES, Picture, Pictures, Size, path, refusal};
use crate::shared::time::Span;
use crate::testing::{Actor, Answer, PASSWORD, TestApp};
use axum::body::Body;
use axum::http::{Request, header};
use futures_util::{FutureExt, stream};
use image::{ImageFormat, Rgb, RgbImage};
use leptos::server_fn::ServerFn;
use std::convert::Infallible;
use std::io::Cursor;
use std::time::Duration;
use tokio::sync::oneshot;
use uuid::Uuid;

/// A small picture of one colour.
pub fn picture(shade: u8) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    RgbImage::from_pixel(48, 32, Rgb([shade, 90, 200])).write_to(&mut file, ImageFormat::Png).expect("written");
    file.into_inner()
}

/// Brings a picture to the server, for something that will show it.
pub async fn put_in(actor: &Actor) -> Picture {
    let word = actor.call_with::<UploadImage>(&[], &[&picture(1)]).await.expect("taken");
    word.parse().expect("a picture")
}

/// How somebody who asks for a picture is answered.
pub async fn status(actor: &Actor, id: ImageId) -> u16 {
    actor.get(&path(id, Size::Medium)).await.status.as_u16()
}

fn showing(room: RoomId, text: &str, pictures: &[Picture]) -> SendForm {
    SendForm { room, send_id: SendId::random(), text: text.to_owned(), reply_to: None, pictures: pictures.iter().copied().collect() }
}

async fn show(actor: &Actor, room: RoomId, text: &str, pictures: &[Picture]) -> Result<Sent, AppError> {
    actor.call(SendMessage { form: showing(room, text, pictures) }).await
}

/// A form with a file of which nothing ever comes; says when somebody waits for it.
async fn slow_form(actor: Actor, begun: oneshot::Sender<()>) -> Answer {
    let nothing = stream::once(async move {
        let _ = begun.send(());
        std::future::pending::<Result<Vec<u8>, Infallible>>().await
    });
    let request = Request::post(UploadImage::PATH)
        .header(header::ACCEPT, "application/json")
        .header(header::HOST, "moim.test")
        .header(header::ORIGIN, "http://moim.test")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=slow");
    actor.send(request.body(Body::from_stream(nothing)).expect("a request")).await
}

async fn room_of(people: &[&Actor]) -> RoomId {
    let party = open(people[0], order()).await;
    for other in &people[1..] {
        other.call(JoinParty { party }).await.expect("joined");
    }
    seen(people[0], party).await.room.expect("a room")
}

async fn view(actor: &Actor, room: RoomId) -> RoomView {
    match actor.ask(ChatRoom { room, before: None }).await.expect("a room") {
        Opened::Room(view) => *view,
        Opened::Deleted { .. } => panic!("deleted"),
    }
}

/// The last message of a room: its words and pictures.
async fn last(actor: &Actor, room: RoomId) -> (String, Vec<Picture>) {
    match view(actor, room).await.history.messages.pop().expect("a message").content {
        Content::Text { text, pictures, .. } => (text, pictures.iter().collect()),
        other => panic!("{other:?}"),
    }
}

async fn face(actor: &Actor) -> Option<ImageId> {
    actor.ask(ReadAccount {}).await.expect("an account").face
}

fn invalid(key: &'static str) -> AppError {
    refusal(key)
}

on_both! {
    async fn a_face_is_seen_by_everybody_until_it_is_another_one(app: TestApp) {
        let (mina, visitor) = (app.member("mina").await, app.visitor());
        let answer = mina.post_files(Some("/me/profile"), "/api/set_face", &[], &[&picture(1)]).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/me?done=profile"));
        let first = face(&mina).await.expect("a face");
        assert_eq!(visitor.ask(ReadProfile { nickname: "mina".to_owned() }).await.expect("seen").face, Some(first));
        assert!(visitor.get("/users/mina").await.body.contains(&path(first, Size::Small)));
        for size in Size::ALL {
            let answer = visitor.get(&path(first, size)).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.headers[header::CONTENT_TYPE], "image/jpeg");
            assert_eq!(answer.headers[header::CACHE_CONTROL], "public, max-age=300");
            assert_eq!(answer.headers["x-content-type-options"], "nosniff");
            let tag = answer.headers[header::ETAG].clone();
            let again = Request::get(path(first, size)).header(header::IF_NONE_MATCH, tag).body(Body::empty()).expect("a request");
            assert_eq!(visitor.send(again).await.status, 304);
        }
        mina.call_with::<SetFace>(&[], &[&picture(2)]).await.expect("another face");
        let second = face(&mina).await.expect("a face");
        assert_ne!(first, second);
        assert_eq!((status(&visitor, first).await, status(&visitor, second).await), (404, 200));
        mina.call(RemoveFace {}).await.expect("no face");
        assert_eq!((face(&mina).await, status(&visitor, second).await), (None, 404));
        // Again is no mistake.
        mina.call(RemoveFace {}).await.expect("no face");
    }

    async fn what_everybody_may_keep_carries_nobodys_session(app: TestApp) {
        let mina = app.member("mina").await;
        mina.call_with::<SetFace>(&[], &[&picture(1)]).await.expect("a face");
        let face = face(&mina).await.expect("a face");
        app.advance(Span::minutes(16));
        let answer = mina.get(&path(face, Size::Small)).await;
        assert!(answer.status == 200 && answer.headers.contains_key(header::SET_COOKIE));
        assert_eq!(answer.headers[header::CACHE_CONTROL], "private, no-cache");
        assert!(mina.get(&path(face, Size::Small)).await.headers[header::CACHE_CONTROL].as_bytes().starts_with(b"public"));
    }

    async fn pictures_of_a_deleted_room_are_removed(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, order()).await;
        jun.call(JoinParty { party }).await.expect("joined");
        let room = seen(&mina, party).await.room.expect("a room");
        let shown = put_in(&jun).await;
        show(&jun, room, "", &[shown]).await.expect("shown");
        mina.call(CancelParty { form: CancelForm { party: Some(party), reason: String::new() } }).await.expect("cancelled");
        assert_eq!((status(&mina, shown.id).await, status(&jun, shown.id).await), (404, 200));
        // It was shown once; it is nobody's to show again.
        let other = room_of(&[&jun, &mina]).await;
        assert_eq!(show(&jun, other, "", &[shown]).await.expect_err("used"), AppError::field("image", "images.error.gone"));
        app.advance(Span::hours(48));
        assert_eq!(collect(&app.state).await.expect("collected"), 1);
        assert_eq!(status(&jun, shown.id).await, 404);
    }

    async fn the_file_of_ones_own_things_has_the_pictures(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = room_of(&[&mina, &jun]).await;
        let (mine, theirs) = (put_in(&mina).await, put_in(&jun).await);
        show(&mina, room, "", &[mine]).await.expect("shown");
        show(&jun, room, "", &[theirs]).await.expect("shown");
        let file = mina.get("/me/export").await.body;
        let file: serde_json::Value = serde_json::from_str(&file).expect("JSON");
        assert_eq!(file["images"].as_array().expect("a list").len(), 1);
        assert_eq!(file["images"][0]["address"], path(mine.id, Size::Large));
        assert_eq!(file["messages"][0]["pictures"], mine.to_string());
        assert!(!file.to_string().contains(&theirs.id.to_string()));
    }

    async fn what_is_no_picture_is_refused_beside_the_field(app: TestApp) {
        let mina = app.member("mina").await;
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>".as_slice();
        assert_eq!(mina.call_with::<SetFace>(&[], &[svg]).await.expect_err("an SVG"), invalid("images.error.kind"));
        assert_eq!(mina.call_with::<SetFace>(&[], &[]).await.expect_err("nothing"), invalid("images.error.none"));
        assert_eq!(mina.call_with::<SetFace>(&[], &[b""]).await.expect_err("an empty file"), invalid("images.error.none"));
        let long = [picture(1), vec![0; MAX_BYTES]].concat();
        assert_eq!(mina.call_with::<UploadImage>(&[], &[&long]).await.expect_err("too long"), invalid("images.error.large"));
        // A page that is shown again says why.
        let answer = mina.post_files(Some("/me/profile"), "/api/set_face", &[], &[svg]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains("JPEG, PNG, WebP 사진만"));
        // A form that is none, and one without end.
        let plain = Request::post("/api/set_face").header(header::ORIGIN, "http://moim.test").header(header::HOST, "moim.test");
        let plain = plain.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from("image=x")).expect("a request");
        assert_eq!(mina.send(plain).await.status, 400);
        let cut = Request::post("/api/set_face").header(header::ORIGIN, "http://moim.test").header(header::HOST, "moim.test");
        let cut = cut.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
        let cut = cut.body(Body::from("--b\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\nxx")).expect("a request");
        assert_eq!(mina.send(cut).await.status, 400);
        assert_eq!(face(&mina).await, None);
    }

    async fn pictures_of_a_room_are_for_its_members(app: TestApp) {
        let (mina, jun, sora) = (app.member("mina").await, app.member("jun").await, app.member("sora").await);
        let party = open(&mina, order()).await;
        jun.call(JoinParty { party }).await.expect("joined");
        let room = seen(&mina, party).await.room.expect("a room");
        let two = [put_in(&mina).await, put_in(&mina).await];
        // Before it is shown nobody else sees it.
        assert_eq!((status(&mina, two[0].id).await, status(&jun, two[0].id).await), (200, 404));
        show(&mina, room, "", &two).await.expect("shown");
        assert_eq!(last(&jun, room).await, (String::new(), two.to_vec()));
        assert_eq!((two[0].width, two[0].height), (48, 32));
        assert!(jun.get(&format!("/chat/{room}")).await.body.contains(&path(two[1].id, Size::Medium)));
        let rooms = jun.ask(ChatRooms { search: String::new(), after: None }).await.expect("rooms").rooms;
        assert!(matches!(&rooms[0].last, Some(Preview::Text { text, .. }) if text == PICTURE));
        let answer = jun.get(&path(two[0].id, Size::Large)).await;
        assert_eq!(answer.headers[header::CACHE_CONTROL], "private, no-cache");
        assert!(answer.headers.get_all(header::VARY).iter().any(|vary| vary == "Cookie"));
        // What a browser has of it is shown as long as it may be.
        let again = async || {
            let asked = Request::get(path(two[0].id, Size::Large)).header(header::IF_NONE_MATCH, answer.headers[header::ETAG].clone());
            jun.send(asked.body(Body::empty()).expect("a request")).await
        };
        let known = again().await;
        assert_eq!((known.status.as_u16(), known.headers[header::CACHE_CONTROL].as_bytes()), (304, b"private, no-cache".as_slice()));
        assert_eq!((status(&app.visitor(), two[0].id).await, status(&sora, two[0].id).await), (404, 404));
        mina.call(RemoveMember { party, person: jun.id() }).await.expect("removed");
        assert_eq!(again().await.status, 404);
        assert_eq!((status(&mina, two[0].id).await, status(&jun, two[0].id).await), (200, 404));
        // What does not exist, is no id, or no size.
        for nowhere in ["/images/00000000-0000-4000-8000-000000000000/m", "/images/x/m", &format!("/images/{}/x", two[0].id)] {
            assert_eq!(mina.get(nowhere).await.status, 404, "{nowhere}");
        }
    }

    async fn a_picture_is_shown_once_and_only_by_its_owner(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = room_of(&[&mina, &jun]).await;
        let one = put_in(&mina).await;
        assert_eq!(show(&jun, room, "내 것", &[one]).await.expect_err("not theirs"), AppError::field("image", "images.error.gone"));
        let one = [one];
        let (first, second) = tokio::join!(show(&mina, room, "한 번", &one), show(&mina, room, "두 번", &one));
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        // Sent twice under one name is shown once; the second time it is not asked for again.
        let form = showing(room, "", &[put_in(&mina).await]);
        let sent = mina.call(SendMessage { form: form.clone() }).await.expect("shown");
        assert_eq!(mina.call(SendMessage { form }).await.expect("shown before"), sent);
        // The same one twice in a message is one.
        let twice = put_in(&mina).await;
        show(&mina, room, "", &[twice, twice]).await.expect("shown");
        assert_eq!(last(&jun, room).await.1, [twice]);
        // Five are too many, and so is one that nobody knows; neither takes anything.
        let mut five = Vec::new();
        for _ in 0..5 {
            five.push(put_in(&mina).await);
        }
        assert_eq!(show(&mina, room, "", &five).await.expect_err("five"), invalid("images.error.many"));
        let unknown = Picture { id: ImageId(uuid::Uuid::new_v4()), width: 1, height: 1 };
        assert_eq!(show(&mina, room, "", &[five[0], unknown]).await.expect_err("unknown"), AppError::field("image", "images.error.gone"));
        // What a page says of their size does not count.
        let forged = Picture { width: 9, height: 9, ..five[0] };
        show(&mina, room, "넷", &[forged, five[1], five[2], five[3]]).await.expect("shown");
        assert_eq!(last(&jun, room).await, ("넷".to_owned(), five[..4].to_vec()));
        assert_eq!(show(&mina, room, "", &[]).await.expect_err("nothing"), AppError::field("text", "chat.error.blank"));
        // Too late.
        let old = put_in(&mina).await;
        app.advance(Span::hours(24));
        assert_eq!(show(&mina, room, "", &[old]).await.expect_err("old"), AppError::field("image", "images.error.gone"));
    }

    async fn a_message_is_deleted_with_its_pictures(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = room_of(&[&mina, &jun]).await;
        let one = put_in(&mina).await;
        let seq = show(&mina, room, "", &[one]).await.expect("shown").seq;
        let change = |text: &str| EditMessage { form: ChangeForm { room, seq, text: text.to_owned() } };
        mina.call(change("설명")).await.expect("changed");
        assert_eq!(last(&jun, room).await, ("설명".to_owned(), vec![one]));
        assert_eq!(status(&jun, one.id).await, 200);
        mina.call(DeleteMessage { room, seq }).await.expect("deleted");
        assert_eq!(last(&jun, room).await, (String::new(), Vec::new()));
        assert_eq!(status(&jun, one.id).await, 404);
        assert_eq!(mina.call(change("다시")).await.expect_err("gone"), Conflict::Stale.into());
        // Without words too.
        let two = put_in(&mina).await;
        let seq = show(&mina, room, "", &[two]).await.expect("shown").seq;
        mina.call(DeleteMessage { room, seq }).await.expect("deleted");
        mina.call(DeleteMessage { room, seq }).await.expect("deleted already");
        assert_eq!((last(&jun, room).await.1, status(&jun, two.id).await), (Vec::new(), 404));
    }

    async fn a_form_without_a_program_brings_pictures_along(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = room_of(&[&mina, &jun]).await;
        let (page, name, send_id) = (format!("/chat/{room}"), room.to_string(), SendId::random().to_string());
        let fields = [("room", name.as_str()), ("send_id", send_id.as_str())];
        let files = [picture(1), picture(2)];
        let files = [files[0].as_slice(), files[1].as_slice()];
        let answer = mina.post_files(Some(&page), "/api/send_images", &fields, &files).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, page.as_str()));
        assert_eq!(last(&jun, room).await.1.len(), 2);
        let answer = mina.post_files(Some(&page), "/api/send_images", &fields, &[b"<svg/>"]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains("JPEG, PNG, WebP 사진만"));
        let five = [files[0]; 5];
        assert_eq!(mina.call_with::<SendImages>(&fields, &five).await.expect_err("five"), invalid("images.error.many"));
        let stranger = app.member("sora").await;
        assert_eq!(stranger.call_with::<SendImages>(&fields, &files[..1]).await.expect_err("not theirs"), AppError::NotFound);
        assert_eq!(mina.call_with::<SendImages>(&[("room", "x")], &files[..1]).await.expect_err("no room"), AppError::BadRequest);
    }

    async fn the_first_words_to_somebody_may_be_pictures_without_a_program_too(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let page = "/chat/with/jun";
        let html = mina.get(page).await.body;
        assert!(html.contains("action=\"/api/send_images\"") && html.contains(&format!("name=\"to\" value=\"{}\"", jun.id())), "{html}");
        let (to, send_id) = (jun.id().to_string(), SendId::random().to_string());
        let fields = [("to", to.as_str()), ("send_id", send_id.as_str())];
        // What is refused says so on the page, and makes no room.
        let answer = mina.post_files(Some(page), "/api/send_images", &fields, &[b"<svg/>"]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains("JPEG, PNG, WebP 사진만") && answer.body.contains("name=\"to\""), "{}", answer.body);
        assert!(mina.ask(ChatRooms { search: String::new(), after: None }).await.expect("a list").rooms.is_empty());
        // Sent twice, it is said once.
        for _ in 0..2 {
            let answer = mina.post_files(Some(page), "/api/send_images", &fields, &[&picture(1), &picture(2)]).await;
            assert_eq!(answer.status, 303);
            let rooms = jun.ask(ChatRooms { search: String::new(), after: None }).await.expect("a list").rooms;
            assert_eq!((rooms.len(), rooms[0].tally.said), (1, 1));
            assert_eq!(answer.location(), format!("/chat/{}", rooms[0].room));
            assert_eq!(last(&jun, rooms[0].room).await.1.len(), 2);
        }
        let nobody = UserId(Uuid::now_v7()).to_string();
        for (to, why) in [(nobody.as_str(), AppError::NotFound), ("x", AppError::BadRequest), (mina.id().to_string().as_str(), Conflict::Yourself.into())] {
            assert_eq!(mina.call_with::<SendImages>(&[("to", to), ("send_id", send_id.as_str())], &[&picture(1)]).await.expect_err("nobody"), why);
        }
    }

    async fn what_nothing_shows_is_removed_after_a_while(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = room_of(&[&mina, &jun]).await;
        let (unused, shown) = (put_in(&mina).await, put_in(&mina).await);
        show(&mina, room, "", &[shown]).await.expect("shown");
        mina.call_with::<SetFace>(&[], &[&picture(1)]).await.expect("a face");
        let kept = face(&mina).await.expect("a face");
        assert_eq!(collect(&app.state).await.expect("collected"), 0);
        app.advance(Span::hours(47));
        assert_eq!(collect(&app.state).await.expect("collected"), 0);
        assert!(app.state.images.read(unused.id, Size::Large).await.expect("read").is_some());
        app.advance(Span::hours(1));
        assert_eq!(collect(&app.state).await.expect("collected"), 1);
        for size in Size::ALL {
            assert_eq!(app.state.images.read(unused.id, size).await.expect("read"), None);
            assert!(app.state.images.read(shown.id, size).await.expect("read").is_some());
            assert!(app.state.images.read(kept, size).await.expect("read").is_some());
        }
        assert_eq!(collect(&app.state).await.expect("collected"), 0);
    }

    async fn the_first_message_to_somebody_shows_pictures_too(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let page = mina.get("/chat/with/jun").await.body;
        assert!(page.contains("name=\"form[pictures]\"") && page.contains("type=\"file\""), "{page}");
        let (own, theirs) = (put_in(&mina).await, put_in(&jun).await);
        let first = async |text: &str, pictures: &str| {
            let form = DirectForm { to: jun.id(), send_id: SendId::random(), text: text.to_owned(), pictures: Pictures(pictures.to_owned()) };
            mina.call(StartDirect { form }).await
        };
        assert_eq!(first("", Pictures::COMING).await, Err(refusal("images.error.wait")));
        assert_eq!(first("", &theirs.to_string()).await, Err(AppError::field("image", "images.error.gone")));
        assert!(first("", "").await.is_err());
        assert_eq!(jun.ask(ChatRooms { search: String::new(), after: None }).await.expect("a list").rooms, [], "nothing was said");
        let sent = first("", &own.to_string()).await.expect("sent");
        assert_eq!((sent.seq, status(&jun, own.id).await, status(&app.visitor(), own.id).await), (1, 200, 404));
        assert!(jun.get(&format!("/chat/{}", sent.room)).await.body.contains(&path(own.id, Size::Medium)));
    }

    async fn the_face_of_a_closed_account_is_gone_and_its_pictures_in_rooms_stay(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = mina.call(StartDirect { form: DirectForm { to: jun.id(), send_id: SendId::random(), text: "안녕".to_owned(), pictures: Pictures::default() } });
        let room = room.await.expect("a room").room;
        let shown = put_in(&mina).await;
        show(&mina, room, "", &[shown]).await.expect("shown");
        mina.call_with::<SetFace>(&[], &[&picture(1)]).await.expect("a face");
        let gone = face(&mina).await.expect("a face");
        mina.call(CloseAccount { form: CloseForm { current_password: PASSWORD.to_owned() } }).await.expect("closed");
        let body = jun.get(&format!("/chat/{room}")).await.body;
        assert!(!body.contains(&gone.to_string()) && body.contains(&path(shown.id, Size::Medium)));
        assert_eq!((status(&jun, gone).await, status(&app.visitor(), gone).await), (404, 404), "before anybody has put it away");
        work::run_due(&app.state).await.expect("worked");
        assert_eq!((status(&jun, gone).await, status(&jun, shown.id).await), (404, 200));
    }

    async fn forms_that_come_slowly_keep_nobody_out(app: TestApp) {
        let app = app.reading(Duration::ZERO);
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        for _ in 0..2 {
            let (begun, told) = oneshot::channel();
            tokio::spawn(slow_form(mina.clone(), begun));
            told.await.expect("it is read");
        }
        let mut waiting: Vec<_> = (0..6).map(|_| Box::pin(app.state.images.reader(mina.id()))).collect();
        assert!(waiting.iter_mut().all(|form| form.now_or_never().is_none()), "for her own two");
        let upload = async |actor: &Actor| {
            let answer = actor.post_files(None, UploadImage::PATH, &[], &[&picture(1)]).await;
            (answer.status.as_u16(), answer.headers.get(header::RETRY_AFTER).map(|seconds| seconds.to_str().expect("text").to_owned()))
        };
        assert_eq!(upload(&mina).await, (429, Some("10".to_owned())));
        assert_eq!(upload(&jun).await, (200, None));
        // Many people who do as she does.
        let mut others = Vec::new();
        for _ in 0..14 {
            others.push(app.state.images.reader(UserId(Uuid::new_v4())).await.expect("a turn"));
        }
        assert_eq!(upload(&jun).await, (503, Some("5".to_owned())));
        others.pop();
        assert_eq!(upload(&jun).await, (200, None));
    }

    async fn nobody_puts_in_more_than_their_share(app: TestApp) {
        let mina = app.member("mina").await;
        let file = picture(1);
        let mut taken = 0;
        let refused = loop {
            match mina.call_with::<UploadImage>(&[], &[&file]).await {
                Ok(_) => taken += 1,
                Err(error) => break error,
            }
        };
        assert!(taken == 120 && matches!(refused, AppError::SlowDown { .. }), "{taken} {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_lie_in_an_s3_store_where_one_is_named() {
    let app = TestApp::with_s3().await;
    let mina = app.member("mina").await;
    mina.call_with::<SetFace>(&[], &[&picture(1)]).await.expect("a face");
    let face = face(&mina).await.expect("a face");
    let answer = app.visitor().get(&path(face, Size::Small)).await;
    assert_eq!((answer.status.as_u16(), &answer.headers[header::CONTENT_TYPE]), (200, &"image/jpeg".parse().expect("a header")));
    assert!(app.state.images.read(face, Size::Large).await.expect("read").is_some());
    mina.call(RemoveFace {}).await.expect("no face");
    app.advance(Span::hours(48));
    assert_eq!(collect(&app.state).await.expect("collected"), 1);
    assert_eq!(app.state.images.read(face, Size::Large).await.expect("read"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_gone_is_said_and_nothing_is_shown() {
    let app = TestApp::sqlite().await;
    let mina = app.member("mina").await;
    mina.call_with::<SetFace>(&[], &[&picture(1)]).await.expect("a face");
    let before = face(&mina).await.expect("a face");
    // The directory of pictures is a file now.
    let dir = app.state.config.data_dir.join("images");
    std::fs::rename(&dir, app.state.config.data_dir.join("elsewhere")).expect("moved");
    std::fs::write(&dir, "").expect("written");
    assert_eq!(mina.call_with::<SetFace>(&[], &[&picture(2)]).await.expect_err("no store"), AppError::Unavailable);
    assert_eq!(face(&mina).await, Some(before));
    assert!([404, 503].contains(&status(&mina, before).await));
    std::fs::remove_file(&dir).expect("removed");
    std::fs::rename(app.state.config.data_dir.join("elsewhere"), &dir).expect("moved back");
    assert_eq!(status(&mina, before).await, 200);
}
