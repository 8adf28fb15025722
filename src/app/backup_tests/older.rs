//! Archives of databases that an older version has made, and what is known of schemas.

use super::*;
use crate::server::clock::{Clock, SystemClock};
use crate::server::db::{Db, Link};
use crate::server::images::Images;
use crate::server::keys::Keys;
use crate::shared::ids::{RoomId, UserId};
use crate::shared::time::{Span, Timestamp};
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

async fn person(tx: &mut Conn, nickname: &str) -> UserId {
    let (id, email) = (UserId(Uuid::now_v7()), format!("{nickname}@moim.test"));
    let sql = "insert into users (id, email, email_key, nickname, nickname_key, password_hash, birth_date, gender, created_at)
               values ($1, $2, $2, $3, $3, '', '2000-02-29', 'unsaid', 1)";
    execute!(tx, sql, id, &email, nickname).expect("a person");
    id
}

/// Parties as version 70 would have left them. At each sit mina, who came first, and jun. What is late is over for those who ask and
/// not yet for those who sit there: that is by the database's clock, which no test moves. Not all are meals, which is what rows are
/// taken for that say nothing else.
async fn parties_of_version_70(tx: &mut Conn) {
    let (long_ago, late, far_ahead) = (Timestamp(1_000_000_000_000), SystemClock.now() - Span::hours(1), Timestamp(4_000_000_000_000));
    let (mina, jun, sol) = (person(tx, "mina").await, person(tx, "jun").await, person(tx, "sol").await);
    for (title, kind, host, state, closed_by, deadline) in [
        ("cancelled", "meal", mina, "cancelled", None, far_ahead),
        ("closed", "meal", mina, "closed", Some("deadline"), long_ago),
        ("handed", "meal", jun, "open", None, far_ahead),
        ("late", "companion", mina, "closed", Some("deadline"), late),
        ("open", "meal", mina, "open", None, far_ahead),
        ("ordered", "meal", mina, "ordered", None, long_ago),
        ("settled", "meal", mina, "settled", None, far_ahead),
    ] {
        let (party, room) = (PartyId(Uuid::now_v7()), RoomId(Uuid::now_v7()));
        execute!(tx, "insert into rooms (id, kind, last_at, created_at) values ($1, 'party', 1, 1)", room).expect("a room");
        let sql = "insert into parties (id, kind, host_id, room_id, title, body, seats, taken, deadline_at, state, closed_by, joining,
                                        soon_key, created_at, updated_at)
                   values ($1, $2, $3, $4, $5, '', 4, 2, $6, $7, $8, 'direct', $6, 1, 1)";
        execute!(tx, sql, party, kind, host, room, title, deadline, state, closed_by).expect("a party");
    }
    let sql = "insert into meals (party_id, shop, fee, minimum, pickup)
               select id, '온동네치킨', 3500, 18000, '3번 벤치' from parties where kind = 'meal'";
    execute!(tx, sql).expect("meals");
    for (person, joined_at) in [(mina, Timestamp(1)), (jun, Timestamp(2))] {
        let sql = "insert into party_members (party_id, user_id, joined_at, over_at)
                   select id, $1, $2, case when state in ('ordered', 'arrived') then 9000000000000000
                                           when state in ('settled', 'cancelled') then 0 else deadline_at end from parties";
        execute!(tx, sql, person, joined_at).expect("seats");
    }
    let sql = "insert into room_members (room_id, user_id, joined_at, joined_seq, read_seq, read_said)
               select p.room_id, s.user_id, s.joined_at, 0, 0, 0 from party_members s join parties p on p.id = s.party_id";
    execute!(tx, sql).expect("places in rooms");
    let sql = "insert into party_requests (party_id, user_id, kind, created_at)
               select id, $1, case when title = 'open' then 'application' else 'waitlist' end, 1
               from parties where title in ('late', 'open')";
    execute!(tx, sql, sol).expect("requests");
    let sql = "insert into bookmarks (user_id, party_id, created_at) select $1, id, 1 from parties where title in ('late', 'open')";
    execute!(tx, sql, sol).expect("bookmarks");
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

    async fn what_was_there_before_shelves_is_put_on_them(app: TestApp) {
        let place = Place::like(&app).await;
        let db = old(&place.config, 70).await;
        let mut tx = db.begin().await.expect("a transaction");
        parties_of_version_70(&mut tx).await;
        tx.commit().await.expect("committed");
        let (_dir, file) = shelf();
        back_up(&place.config, &file, app.now()).await.expect("backed up");
        let target = Place::like(&app).await;
        taken_back(&target.config, &file).await;
        let again = TestApp::at(target).await;
        let mut conn = again.state.db.read().await.expect("a connection");
        let seats = "select p.title || ': ' || u.nickname || ' ' || s.shelf || ' ' || s.party_kind || ' until '
                         || case s.over_at when p.deadline_at then 'its deadline' else cast(s.over_at as text) end
                     from party_members s join parties p on p.id = s.party_id join users u on u.id = s.user_id
                     order by p.title, s.joined_at";
        assert_eq!(
            strings(&mut conn, seats.to_owned()).await,
            [
                "cancelled: mina past meal until 0",
                "cancelled: jun past meal until 0",
                "closed: mina past meal until its deadline",
                "closed: jun past meal until its deadline",
                "handed: mina joined meal until its deadline",
                "handed: jun hosted meal until its deadline",
                "late: mina hosted companion until its deadline",
                "late: jun joined companion until its deadline",
                "open: mina hosted meal until its deadline",
                "open: jun joined meal until its deadline",
                "ordered: mina hosted meal until 9000000000000000",
                "ordered: jun joined meal until 9000000000000000",
                "settled: mina past meal until 0",
                "settled: jun past meal until 0",
            ]
        );
        let requests = "select p.title || ': ' || r.kind || ' ' || r.party_kind || ' '
                            || case when r.is_over then 'over' else 'going on' end || ' until '
                            || case r.over_at when p.deadline_at then 'its deadline' else cast(r.over_at as text) end
                        from party_requests r join parties p on p.id = r.party_id order by p.title";
        assert_eq!(
            strings(&mut conn, requests.to_owned()).await,
            ["late: waitlist companion over until its deadline", "open: application meal going on until its deadline"]
        );
        let kept = "select p.title || ': ' || b.party_kind from bookmarks b join parties p on p.id = b.party_id order by p.title";
        assert_eq!(strings(&mut conn, kept.to_owned()).await, ["late: companion", "open: meal"]);
        assert_eq!(contradictions(&again).await, []);
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
