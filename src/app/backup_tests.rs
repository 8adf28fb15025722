//! Everything in one file, and everything back from it: on both databases, with pictures here and elsewhere.

mod load;
mod older;
mod refusals;
mod strangers;

use super::demo;
use crate::features::accounts::api::{SignIn, WhoAmI};
use crate::features::accounts::model::SignInForm;
use crate::features::chat::api::SendMessage;
use crate::features::chat::model::SendForm;
use crate::features::images::api::SetFace;
use crate::features::images::tests::{picture, put_in};
use crate::features::meals::model::MealForm;
use crate::features::parties::tests::{open, order, seen};
use crate::on_both;
use crate::server::backup::{back_up, restore};
use crate::server::config::Config;
use crate::server::db::Conn;
use crate::server::schema::{History, Kind};
use crate::shared::ids::{ImageId, PartyId, SendId};
use crate::shared::images::{Pictures, Size};
use crate::testing::{Actor, Place, SHELVES, TestApp};
use crate::{each, execute, fetch_all, fetch_one};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory for an archive, and the archive's name in it.
fn shelf() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("moim.zip");
    (dir, file)
}

fn names_in(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory").flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// All rows of all tables as text, in an order that both sides share.
async fn rows(app: &TestApp) -> BTreeMap<&'static str, Vec<String>> {
    let kind = Kind::of(&app.database_url);
    let mut conn = app.state.db.read().await.expect("a connection");
    let mut found = BTreeMap::new();
    for table in History::of_program(kind).tables(kind) {
        let sql = match kind {
            Kind::Sqlite => {
                let columns = format!("select 'quote(' || name || ')' from pragma_table_info('{table}') order by name");
                let columns = strings(&mut conn, columns).await;
                format!("select {} as line from {table} order by line", columns.join(" || ', ' || "))
            }
            Kind::Postgres => format!("select t::text as line from {table} t order by line"),
        };
        found.insert(table, strings(&mut conn, sql).await);
    }
    found
}

async fn strings(conn: &mut Conn, sql: String) -> Vec<String> {
    let sql = sqlx::AssertSqlSafe(sql);
    let rows: Vec<(String,)> = each!(conn, |c|
        sqlite: sqlx::query_as(sql).fetch_all(c).await,
        pg: sqlx::query_as(sql).fetch_all(c).await)
    .expect("rows");
    rows.into_iter().map(|(text,)| text).collect()
}

/// The files of all pictures that the database names.
async fn files(app: &TestApp) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut conn = app.state.db.read().await.expect("a connection");
    let ids: Vec<(ImageId,)> = fetch_all!(conn, (ImageId,), "select id from images").expect("pictures");
    let mut files = BTreeMap::new();
    for (id,) in ids {
        for size in Size::ALL {
            files.insert(format!("{id} {}", size.code()), app.state.images.read(id, size).await.expect("the store"));
        }
    }
    files
}

/// The demo world with somebody who shows pictures wherever one can, and one that is not shown.
async fn inhabit(app: &TestApp) -> (Actor, PartyId) {
    demo::load(&app.state).await.expect("loaded");
    let mina = app.member("mina").await;
    mina.call_with::<SetFace>(&[], &[&picture(1)]).await.expect("a face");
    let shown = [put_in(&mina).await];
    let party = open(&mina, MealForm { pictures: shown.into_iter().collect(), ..order() }).await;
    let room = seen(&mina, party).await.room.expect("a room");
    let pictures: Pictures = [put_in(&mina).await, put_in(&mina).await].into_iter().collect();
    let text = "탭\t줄\n\\N \\. \u{1f35a} 'quoted' \"twice\"".to_owned();
    let form = SendForm { room, send_id: SendId::random(), text, reply_to: None, pictures };
    mina.call(SendMessage { form }).await.expect("said");
    put_in(&mina).await;
    (mina, party)
}

/// The same browser at another node.
fn moved(actor: &Actor, app: &TestApp) -> Actor {
    let browser = app.visitor();
    for pair in actor.cookie_header().split("; ") {
        let (name, value) = pair.split_once('=').expect("a pair");
        browser.set_cookie(name, Some(value));
    }
    browser
}

/// Whether each log has all its numbers, each party as many seats taken as people sit there, each of them is in the room, and what is
/// written down for people's shelves is what the parties say.
async fn contradictions(app: &TestApp) -> Vec<(String, i64)> {
    let mut conn = app.state.db.read().await.expect("a connection");
    let mut found = Vec::new();
    let others = [
        (
            "logs with gaps",
            "select count(*) from rooms r where r.last_seq <> (select count(*) from messages m where m.room_id = r.id)
             or r.last_seq <> (select coalesce(max(m.seq), 0) from messages m where m.room_id = r.id)",
        ),
        (
            "seats without members",
            "select count(*) from parties p where p.taken <> p.outside + (select count(*) from party_members s where s.party_id = p.id)",
        ),
        (
            "members who cannot talk",
            "select count(*) from party_members s join parties p on p.id = s.party_id where p.state <> 'cancelled' and not exists (
                 select 1 from room_members m where m.room_id = p.room_id and m.user_id = s.user_id and m.left_at is null)",
        ),
    ];
    for (what, sql) in others.into_iter().chain(SHELVES) {
        let (count,): (i64,) = fetch_one!(conn, (i64,), sql).expect("a number");
        if count > 0 {
            found.push((what.to_owned(), count));
        }
    }
    found
}

async fn taken_back(config: &Config, file: &Path) -> String {
    restore(config, file).await.expect("restored").to_string()
}

on_both! {
    async fn a_backup_brings_everything_back(app: TestApp) {
        let (mina, party) = inhabit(&app).await;
        let (dir, file) = shelf();
        let said = back_up(&app.state.config, &file, app.now()).await.expect("backed up").to_string();
        assert_eq!(names_in(dir.path()), ["moim.zip"]);
        assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
        assert!(said.contains("31 people") && said.contains(" 5 pictures") && said.contains("the secret is in it"), "{said}");

        let place = Place::like(&app).await;
        let (from, to) = (app.state.config.data_dir.join("secret"), place.config.data_dir.join("secret"));
        assert_eq!(taken_back(&place.config, &file).await, said);
        assert_eq!(fs::read(&to).expect("a secret"), fs::read(from).expect("a secret"));
        assert_eq!(fs::metadata(&to).expect("a secret").permissions().mode() & 0o777, 0o600);
        assert!(names_in(&place.config.data_dir).iter().all(|name| !name.contains("restoring")));

        let again = TestApp::at(place).await;
        let (rows_before, rows_now) = (rows(&app).await, rows(&again).await);
        assert!(rows_before["users"].len() == 31 && rows_before["messages"].len() > 100);
        for (table, before) in &rows_before {
            assert_eq!(before, &rows_now[table], "{table}");
        }
        let (files_before, files_now) = (files(&app).await, files(&again).await);
        assert!(files_before.len() == 15 && files_before.values().all(Option::is_some));
        assert!(files_before == files_now, "each picture is the same, byte by byte");
        assert_eq!(contradictions(&again).await, []);

        // Who was signed in still is, and whoever knows a password comes in.
        let browser = moved(&mina, &again);
        assert_eq!(browser.ask(WhoAmI {}).await.expect("an answer").expect("signed in").nickname, "mina");
        assert_eq!(seen(&browser, party).await.card.title, order().title);
        let form = SignInForm { email: demo::ACCOUNTS[0].to_owned(), password: demo::PASSWORD.to_owned(), ..SignInForm::default() };
        again.visitor().call(SignIn { form }).await.expect("signed in");
        // Keys stand again: nobody can be written about who is not there.
        let mut tx = again.state.db.begin().await.expect("a transaction");
        let nobody = "insert into bookmarks (user_id, party_id, created_at) select u.id, p.room_id, 0 from parties p, users u limit 1";
        assert!(execute!(tx, nobody).is_err());
    }

    async fn pictures_that_are_gone_are_counted_and_their_rows_come_back(app: TestApp) {
        let (mina, party) = inhabit(&app).await;
        let shown = seen(&mina, party).await.pictures.first().expect("a picture").id;
        let free = put_in(&mina).await.id;
        for id in [shown, free] {
            app.state.images.remove(id).await.expect("removed");
        }
        let (_dir, file) = shelf();
        let made = back_up(&app.state.config, &file, app.now()).await.expect("backed up");
        assert_eq!((made.removed, made.lost), (1, 1));
        let said = made.to_string();
        assert!(said.contains(" 4 pictures") && said.contains("1 pictures were removed") && said.contains("lost them"), "{said}");
        let place = Place::like(&app).await;
        taken_back(&place.config, &file).await;
        let again = TestApp::at(place).await;
        assert_eq!(rows(&app).await["images"], rows(&again).await["images"]);
        assert!(files(&app).await == files(&again).await);
    }

    async fn a_secret_of_the_environment_stays_there(app: TestApp) {
        app.member("mina").await;
        let mut config = (*app.state.config).clone();
        config.secret = Some("a secret that the operator keeps elsewhere".to_owned());
        let (_dir, file) = shelf();
        let said = back_up(&config, &file, app.now()).await.expect("backed up").to_string();
        assert!(said.contains("MOIM_SECRET"), "{said}");
        let zip = zip::ZipArchive::new(fs::File::open(&file).expect("a file")).expect("an archive");
        assert!(zip.file_names().all(|name| name != "secret"));
        let place = Place::like(&app).await;
        taken_back(&place.config, &file).await;
        assert!(!place.config.data_dir.join("secret").exists());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_in_a_bucket_come_and_go_with_the_rest() {
    let app = TestApp::with_s3().await;
    inhabit(&app).await;
    let (_dir, file) = shelf();
    back_up(&app.state.config, &file, app.now()).await.expect("backed up");
    let before = files(&app).await;
    assert!(before.len() == 15 && before.values().all(Option::is_some));
    // Into another bucket, and into a directory.
    for place in [TestApp::place_with_s3(), Place::like(&app).await] {
        taken_back(&place.config, &file).await;
        let again = TestApp::at(place).await;
        assert!(files(&again).await == before);
    }
    // What the archive does not have is not mixed with what it has.
    let place = TestApp::place_with_s3();
    let other = ImageId(uuid::Uuid::from_u128(7));
    let images = crate::server::images::Images::open(&place.config).expect("a store");
    images.put_back(other, Size::Small, vec![1]).await.expect("kept");
    let refused = restore(&place.config, &file).await.expect_err("not empty");
    assert!(refused.contains("s3://") && refused.contains(&other.0.simple().to_string()), "{refused}");
    images.remove(other).await.expect("removed");
    taken_back(&place.config, &file).await;
}
