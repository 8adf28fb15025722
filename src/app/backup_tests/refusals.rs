//! Places where nothing is backed up to or restored into.

use super::*;
use crate::server::db::Db;
use crate::server::images::Images;
use crate::server::keys::Keys;
use std::time::Duration;
use uuid::Uuid;

async fn refusal(config: &Config, file: &Path) -> String {
    restore(config, file).await.expect_err("refused")
}

on_both! {
    async fn nothing_is_backed_up_over_a_file_or_from_nowhere(app: TestApp) {
        let (dir, file) = shelf();
        fs::write(&file, "mine").expect("written");
        let refused = back_up(&app.state.config, &file, app.now()).await.expect_err("it is there");
        assert!(refused.contains("moim.zip is there already"), "{refused}");
        assert_eq!(fs::read(&file).expect("a file"), b"mine");
        fs::remove_file(&file).expect("removed");
        // Somebody else is at it.
        fs::write(dir.path().join("moim.zip.part"), "theirs").expect("written");
        let refused = back_up(&app.state.config, &file, app.now()).await.expect_err("it is there");
        assert!(refused.contains("moim.zip.part is there") && refused.contains("remove it"), "{refused}");
        assert_eq!(names_in(dir.path()), ["moim.zip.part"]);
        fs::remove_file(dir.path().join("moim.zip.part")).expect("removed");
        let empty = Place::like(&app).await;
        let refused = back_up(&empty.config, &file, app.now()).await.expect_err("nothing there");
        assert!(refused.contains("There is no database") || refused.contains("nothing to back up"), "{refused}");
        let nowhere = dir.path().join("nowhere/moim.zip");
        assert!(back_up(&app.state.config, &nowhere, app.now()).await.expect_err("no directory").contains("cannot be written"));
        assert_eq!(names_in(dir.path()), Vec::<String>::new(), "nothing is left behind");
    }

    async fn what_is_put_there_meanwhile_stays(app: TestApp) {
        let (dir, file) = shelf();
        let meanwhile = async {
            assert_eq!(names_in(dir.path()).first().map(String::as_str), Some("moim.zip.part"), "it is under way");
            fs::write(&file, "mine").expect("written");
        };
        let (backed_up, ()) = tokio::join!(back_up(&app.state.config, &file, app.now()), meanwhile);
        let refused = backed_up.expect_err("it is there");
        assert!(refused.contains("moim.zip is there already"), "{refused}");
        assert_eq!(fs::read(&file).expect("a file"), b"mine");
        assert_eq!(names_in(dir.path()), ["moim.zip"], "nothing is left behind");
    }

    async fn nothing_is_restored_over_people(app: TestApp) {
        app.member("mina").await;
        let (_dir, file) = shelf();
        back_up(&app.state.config, &file, app.now()).await.expect("backed up");
        let other = TestApp::at(Place::like(&app).await).await;
        other.member("jun").await;
        fs::remove_file(other.state.config.data_dir.join("secret")).expect("removed");
        let before = rows(&other).await;
        let refused = refusal(&other.state.config, &file).await;
        assert!(refused.contains("nothing is overwritten"), "{refused}");
        assert!(rows(&other).await == before && !other.state.config.data_dir.join("secret").exists());
    }

    async fn secrets_are_not_mixed(app: TestApp) {
        app.member("mina").await;
        let (_dir, file) = shelf();
        back_up(&app.state.config, &file, app.now()).await.expect("backed up");
        let place = Place::like(&app).await;
        let other = Keys::root_in(&place.config.data_dir).expect("another secret");
        let refused = refusal(&place.config, &file).await;
        let secret = place.config.data_dir.join("secret");
        assert!(refused.contains(&format!("{} is another secret", secret.display())), "{refused}");
        assert_eq!(fs::read_to_string(&secret).expect("a secret"), other);
        assert_eq!(names_in(&place.config.data_dir), ["secret", "site"]);
        // The same one is no hindrance.
        fs::copy(app.state.config.data_dir.join("secret"), &secret).expect("copied");
        taken_back(&place.config, &file).await;
    }

    async fn pictures_of_others_are_not_mixed_in_and_those_of_an_earlier_try_are(app: TestApp) {
        inhabit(&app).await;
        let (_dir, file) = shelf();
        back_up(&app.state.config, &file, app.now()).await.expect("backed up");
        let place = Place::like(&app).await;
        let images = Images::open(&place.config).expect("a store");
        let (known, other) = {
            let mut conn = app.state.db.read().await.expect("a connection");
            let (known,): (ImageId,) = fetch_one!(conn, (ImageId,), "select id from images limit 1").expect("a picture");
            (known, ImageId(Uuid::new_v4()))
        };
        // Half of what was written before it was cut off; and a file that is none of ours.
        images.put_back(known, Size::Small, vec![1, 2, 3]).await.expect("kept");
        fs::write(place.config.data_dir.join("images/README"), "pictures lie here").expect("written");
        images.put_back(other, Size::Large, vec![1]).await.expect("kept");
        let refused = refusal(&place.config, &file).await;
        assert!(refused.contains("move them away") && refused.contains(&other.0.simple().to_string()), "{refused}");
        images.remove(other).await.expect("removed");
        taken_back(&place.config, &file).await;
        let again = TestApp::at(place).await;
        assert!(files(&app).await == files(&again).await);
    }

    async fn the_other_database_is_named(app: TestApp) {
        app.member("mina").await;
        let (_dir, file) = shelf();
        back_up(&app.state.config, &file, app.now()).await.expect("backed up");
        let mut place = Place::like(&app).await;
        let other = if Kind::of(&app.database_url) == Kind::Sqlite { "postgres://127.0.0.1:1/moim" } else { "sqlite:///nowhere/moim.db" };
        place.config.database_url = other.to_owned();
        let refused = refusal(&place.config, &file).await;
        assert!(refused.contains("The archive is of") && refused.contains("DATABASE_URL"), "{refused}");
    }

    async fn broken_off_at_any_moment_it_can_be_done_again(app: TestApp) {
        inhabit(&app).await;
        let (_dir, file) = shelf();
        back_up(&app.state.config, &file, app.now()).await.expect("backed up");
        let place = Place::like(&app).await;
        let (mut patience, mut broken_off) = (1, 0);
        loop {
            match tokio::time::timeout(Duration::from_millis(patience), restore(&place.config, &file)).await {
                Ok(Ok(_)) => break,
                // It was done, only nobody heard of it any more.
                Ok(Err(sentence)) if sentence.contains("nothing is overwritten") => break,
                // The one before is still going away.
                Ok(Err(sentence)) => assert!(sentence.contains("Somebody") || sentence.contains("somebody"), "{sentence}"),
                Err(_) => broken_off += 1,
            }
            patience += patience / 2 + 1;
        }
        assert!(broken_off > 3, "{broken_off}");
        let again = TestApp::at(place).await;
        assert!(rows(&app).await == rows(&again).await && files(&app).await == files(&again).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_without_people_is_replaced_when_nobody_has_it_open() {
    let app = TestApp::sqlite().await;
    app.member("mina").await;
    let (_dir, file) = shelf();
    back_up(&app.state.config, &file, app.now()).await.expect("backed up");
    // A server was started there, and is not stopped.
    let place = Place::like(&app).await;
    let db = Db::open(&place.config.database_url).await.expect("a database");
    db.migrate().await.expect("migrated");
    let refused = refusal(&place.config, &file).await;
    assert!(refused.contains("stop the server"), "{refused}");
    assert!(db.is_ready().await, "it goes on");
    db.close().await;
    taken_back(&place.config, &file).await;
    assert!(rows(&app).await == rows(&TestApp::at(place).await).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_somebody_else_is_left_alone() {
    let app = TestApp::sqlite().await;
    let (_dir, file) = shelf();
    back_up(&app.state.config, &file, app.now()).await.expect("backed up");
    let place = Place::like(&app).await;
    let db = Db::open(&place.config.database_url).await.expect("a database");
    let mut tx = db.begin().await.expect("a transaction");
    execute!(tx, "create table recipes (name text)").expect("a table");
    tx.commit().await.expect("committed");
    db.close().await;
    let refused = refusal(&place.config, &file).await;
    assert!(refused.contains("no database of this program"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_server_with_our_tables_is_not_restored_into() {
    let app = TestApp::postgres().await;
    let (_dir, file) = shelf();
    back_up(&app.state.config, &file, app.now()).await.expect("backed up");
    // Nobody has an account there.
    let other = TestApp::at(Place::like(&app).await).await;
    fs::remove_file(other.state.config.data_dir.join("secret")).expect("removed");
    let refused = refusal(&other.state.config, &file).await;
    assert!(refused.contains("has a table") && refused.contains("createdb"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_restore_leaves_is_named() {
    let app = TestApp::sqlite().await;
    inhabit(&app).await;
    let (_dir, file) = shelf();
    back_up(&app.state.config, &file, app.now()).await.expect("backed up");
    let place = Place::like(&app).await;
    let at = |name: &str| place.config.data_dir.join(name);
    // The empty file that is held, half of the database beside it, and the secret.
    fs::write(at("moim.db"), "").expect("written");
    fs::write(at("moim.db.restoring"), "half").expect("written");
    fs::copy(app.state.config.data_dir.join("secret"), at("secret")).expect("copied");
    let refused = refusal(&place.config, &file).await;
    assert!(refused.contains(&format!("{} is there", at("moim.db.restoring").display())) && refused.contains("remove it"), "{refused}");
    fs::remove_file(at("moim.db.restoring")).expect("removed");
    // A log of a database that is gone would be taken for the new one's.
    fs::remove_file(at("moim.db")).expect("removed");
    fs::write(at("moim.db-wal"), "old").expect("written");
    let refused = refusal(&place.config, &file).await;
    assert!(refused.contains("moim.db-wal is there without its database"), "{refused}");
    fs::remove_file(at("moim.db-wal")).expect("removed");
    taken_back(&place.config, &file).await;
    assert!(rows(&app).await == rows(&TestApp::at(place).await).await);
}
