//! Archives of databases that an older version has made, and what is known of schemas.

use super::*;
use crate::server::db::{Db, Link};
use crate::server::images::Images;
use crate::server::keys::Keys;
use crate::shared::ids::UserId;
use sqlx::migrate::Migrator;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The migrations up to one of them.
fn up_to(kind: Kind, version: i64) -> Migrator {
    Migrator::with_migrations(kind.migrator().iter().filter(|migration| migration.version <= version).cloned().collect())
}

async fn migrate(conn: &mut Conn, migrator: &Migrator) {
    match conn.link() {
        Link::Sqlite(c) => migrator.run(c).await,
        Link::Pg(c) => migrator.run(c).await,
    }
    .expect("migrated");
}

/// A database of its own as an older version would have made it.
async fn old(config: &Config, version: i64) -> Db {
    let db = Db::open(&config.database_url).await.expect("a database");
    let mut tx = db.begin().await.expect("a transaction");
    migrate(&mut tx, &up_to(Kind::of(&config.database_url), version)).await;
    tx.commit().await.expect("committed");
    db
}

on_both! {
    async fn an_older_schema_comes_up_to_date(app: TestApp) {
        let kind = Kind::of(&app.database_url);
        // The first there was; the one before pictures; the first with them; the one before the last.
        for version in [1, 10, 11, 63] {
            let place = Place::like(&app).await;
            let db = old(&place.config, version).await;
            Keys::root_in(&place.config.data_dir).expect("a secret");
            let person = UserId(Uuid::now_v7());
            let mut tx = db.begin().await.expect("a transaction");
            let sql = "insert into users (id, email, email_key, nickname, nickname_key, password_hash, birth_date, gender, created_at)
                       values ($1, 'Old@moim.test', 'old@moim.test', 'old', 'old', '', '2000-02-29', 'unsaid', 1)";
            execute!(tx, sql, person).expect("a person");
            let face = ImageId(Uuid::now_v7());
            if version >= 11 {
                let sql = "insert into images (id, owner_id, width, height, created_at) values ($1, $2, 1, 1, 1)";
                execute!(tx, sql, face, person).expect("a picture");
                execute!(tx, "update users set face_id = $1", face).expect("a face");
                let images = Images::open(&place.config).expect("a store");
                for size in Size::ALL {
                    images.put_back(face, size, size.code().into()).await.expect("kept");
                }
            }
            tx.commit().await.expect("committed");
            let (_dir, file) = shelf();
            let said = back_up(&place.config, &file, app.now()).await.expect("backed up").to_string();
            assert!(said.contains(&format!("schema {version}, 1 people")), "{said}");
            let mut conn = db.read().await.expect("a connection");
            let history = History::read(&mut conn).await.expect("read").expect("a schema");
            assert_eq!(history.latest(), version, "a backup changes no schema");

            let target = Place::like(&app).await;
            taken_back(&target.config, &file).await;
            let restored = Db::open(&target.config.database_url).await.expect("a database");
            let mut conn = restored.read().await.expect("a connection");
            let history = History::read(&mut conn).await.expect("read").expect("a schema");
            assert_eq!(history, History::of_program(kind), "it is up to date before a server starts");
            drop(conn);
            restored.close().await;
            let again = TestApp::at(target).await;
            let mut conn = again.state.db.read().await.expect("a connection");
            let sql = "select email, verified_at, face_id from users where id = $1";
            let found = fetch_one!(conn, (String, Option<i64>, Option<ImageId>), sql, person).expect("a person");
            let (verified, shown) = ((version == 1).then_some(1), (version >= 11).then_some(face));
            assert_eq!(found, ("Old@moim.test".to_owned(), verified, shown), "what migrations do to rows is done");
            if version >= 11 {
                assert_eq!(again.state.images.read(face, Size::Large).await.expect("the store"), Some(b"l".to_vec()));
            }
        }
    }

    async fn what_migrations_say_about_tables_is_what_there_is(app: TestApp) {
        let place = Place::like(&app).await;
        let kind = Kind::of(&app.database_url);
        let db = Db::open(&place.config.database_url).await.expect("a database");
        for version in kind.migrator().iter().map(|migration| migration.version) {
            let mut tx = db.begin().await.expect("a transaction");
            migrate(&mut tx, &up_to(kind, version)).await;
            let history = History::read(&mut tx).await.expect("read").expect("a schema");
            let sql = match kind {
                Kind::Sqlite => "select name from sqlite_master where type = 'table' and name not in ('_sqlx_migrations', 'sqlite_stat1', 'sqlite_stat4')",
                Kind::Postgres => "select relname::text from pg_class where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace and relname <> '_sqlx_migrations'",
            };
            let found: BTreeSet<String> = strings(&mut tx, sql.to_owned()).await.into_iter().collect();
            let said: BTreeSet<String> = history.tables(kind).into_iter().map(str::to_owned).collect();
            assert_eq!(found, said, "after {version}");
            // What a backup knows nothing of.
            let sql = match kind {
                Kind::Sqlite => "select name from sqlite_master where type in ('trigger', 'view')",
                Kind::Postgres => "select relname::text from pg_class where relkind in ('S', 'v', 'm', 'f') and relnamespace = current_schema()::regnamespace
                    union all select tgname::text from pg_trigger where not tgisinternal
                    union all select attrelid::regclass || '.' || attname from pg_attribute a join pg_class c on c.oid = a.attrelid
                        where c.relnamespace = current_schema()::regnamespace and (attidentity <> '' or attgenerated <> '')",
            };
            assert_eq!(strings(&mut tx, sql.to_owned()).await, Vec::<String>::new(), "after {version}: teach the backup about it");
            tx.commit().await.expect("committed");
        }
    }
}
