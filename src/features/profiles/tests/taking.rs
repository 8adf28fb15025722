//! That what is exported and what is erased is everything there is.

use super::super::store;
use super::closing::{comment, export};
use crate::features::accounts::api::{EndOtherSessions, SignOut};
use crate::features::chat::api::{MuteRoom, StartDirect};
use crate::features::chat::model::DirectForm;
use crate::features::images::api::SetFace;
use crate::features::images::tests::picture;
use crate::features::meals::api::EditMeal;
use crate::features::notices::api::{ListNotices, ReadNotices};
use crate::features::notices::model::in_words;
use crate::features::parties::api::{HandOverParty, JoinParty};
use crate::features::parties::tests::{open, order};
use crate::features::threads::api::{ChangeComment, WriteComment};
use crate::features::threads::model::{CommentChange, CommentForm};
use crate::shared::error::AppError;
use crate::shared::ids::{CommentId, SendId, SessionId};
use crate::shared::images::Pictures;
use crate::shared::paging::PageAsk;
use crate::shared::time::Span;
use crate::testing::TestApp;
use crate::{each, fetch_one, on_both};
use futures_util::TryStreamExt;
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Where a row that names a person is found in what they take along.
enum Taken {
    /// As a part of it.
    As(&'static str),
    /// Not at all, and why.
    Not(&'static str),
}

use Taken::{As, Not};

/// Every column that names a person, what of it they take along, and what becomes of it when their account is closed and erased. Whoever
/// makes another one decides both.
const NAMED: [(&str, Taken, &str); 38] = [
    ("bill_extras.author_id", As("extras"), "numbers stay with those who sat there, of nobody"),
    ("bill_extras.user_id", Not("what a host wrote about a bill"), "stays with those who sat there, of nobody"),
    ("bill_history.actor_id", As("settling"), "stays with those who sat there, of nobody"),
    ("bill_history.subject_id", Not("what another one did"), "stays with those who sat there, of nobody"),
    ("bill_items.user_id", As("ordered"), "numbers stay with those who sat there, of nobody"),
    ("blocks.blocked_id", Not("nobody learns who blocks them"), "stays: the other one's wish"),
    ("blocks.user_id", As("blocked"), "removed with the account"),
    ("bookmarks.user_id", As("kept"), "removed with the account"),
    ("comment_likes.user_id", As("liked_comments"), "stays as a number, of nobody"),
    ("comments.answered_id", Not("another one's words"), "stays with those, of nobody"),
    ("comments.author_id", As("comments"), "stays with the others, of nobody"),
    ("identities.user_id", As("logins"), "removed when it is closed"),
    ("images.owner_id", As("images"), "files are removed, but for those shown in rooms"),
    ("mail_links.user_id", Not("the shadow of a secret that was mailed"), "removed when it is closed"),
    ("mails.user_id", Not("it is in their mailbox"), "removed when it is closed"),
    ("messages.author_id", As("messages"), "stays with the others, of nobody"),
    ("messages.subject_id", Not("what the others of a room were told"), "stays with the others, of nobody"),
    ("notices.actor_id", Not("what another one was told"), "stays with them, of nobody"),
    ("notices.user_id", As("notices"), "removed with the account"),
    ("parties.host_id", As("hosted"), "stays with those who sat there, of nobody"),
    ("parties.outside_of", Not("how many came along is said with the party"), "a number stays with those who sat there, of nobody"),
    ("parties.writer_id", As("hosted"), "stays with those who sat there, of nobody"),
    ("party_bans.user_id", Not("a host's decision"), "stays: the account cannot come back"),
    ("party_members.user_id", As("seats"), "seats to come are freed when it is closed, past ones stay, of nobody"),
    ("party_requests.user_id", As("requests"), "removed when it is closed"),
    (
        "payments.earlier_by",
        Not("what another one paid; that it was received is told with what they did"),
        "stays with those who sat there, of nobody",
    ),
    (
        "payments.received_by",
        Not("what another one paid; that it was received is told with what they did"),
        "stays with those who sat there, of nobody",
    ),
    ("payments.user_id", As("payments"), "stays with those who sat there, of nobody"),
    ("reports.reporter_id", As("reports"), "stays for those who run the server, of nobody"),
    ("room_members.user_id", As("rooms"), "stays with the others, of nobody"),
    ("school_proofs.user_id", As("account"), "removed when it is closed"),
    ("sessions.user_id", As("sessions"), "ends when it is closed, removed with the account"),
    ("settlements.set_by", As("terms"), "where to send money is removed"),
    ("suggestion_days.user_id", Not("how often they asked and which menus they were shown, of two days"), "removed with the account"),
    ("suggestion_questions.user_id", As("questions"), "removed after a day"),
    // They refer to nobody, so that they can be older than an account.
    ("arrivals.user_id", Not("gone after twenty minutes"), "removed by the next sweep"),
    ("departures.user_id", Not("gone after ten minutes"), "removed by the next sweep"),
    ("users.face_id", As("account"), "removed when it is closed"),
];

/// The columns that refer to people, or are called as if they did.
async fn naming(app: &TestApp) -> BTreeSet<String> {
    let mut conn = app.state.db.read().await.expect("a connection");
    let rows: Vec<(String, String)> = each!(&mut conn, |c|
        sqlite: sqlx::query_as(
            "select t.name, f.\"from\" from sqlite_master t, pragma_foreign_key_list(t.name) f where t.type = 'table' and f.\"table\" = 'users'
             union select t.name, i.name from sqlite_master t, pragma_table_info(t.name) i where t.type = 'table' and i.name = 'user_id'",
        ).fetch_all(c).await,
        pg: sqlx::query_as(
            "select t.relname::text, a.attname::text from pg_constraint k
             join pg_class t on t.oid = k.conrelid join pg_class u on u.oid = k.confrelid
             join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any(k.conkey)
             where k.contype = 'f' and u.relname = 'users' and u.relnamespace = current_schema()::regnamespace
             union select table_name::text, column_name::text from information_schema.columns
             where table_schema = current_schema() and column_name = 'user_id'",
        ).fetch_all(c).await)
    .expect("the catalogue");
    rows.into_iter().map(|(table, column)| format!("{table}.{column}")).collect()
}

on_both! {
    async fn every_column_that_names_a_person_is_taken_along_or_left_for_a_reason(app: TestApp) {
        let known: BTreeSet<String> = NAMED.iter().map(|(name, ..)| (*name).to_owned()).filter(|name| name != "users.face_id").collect();
        assert_eq!(naming(&app).await, known);
        let whole = export(&app.member("heron").await).await;
        for (name, taken, erased) in NAMED {
            assert!(!erased.is_empty(), "{name}");
            match taken {
                As(part) => assert!(whole.get(part).is_some(), "{name}: {part}"),
                Not(why) => assert!(!why.is_empty(), "{name}"),
            }
        }
    }

    async fn an_export_says_how_things_stand(app: TestApp) {
        let (mina, heron) = (app.member("mina").await, app.member("heron").await);
        let mut form = order();
        (form.outside, form.joining) = ("1".to_owned(), "approval".to_owned());
        let hers = open(&heron, form).await;
        let his = open(&mina, order()).await;
        heron.call(JoinParty { party: his }).await.expect("joined");
        let above = comment(&mina, his, "질문 있나요?").await;
        let key = CommentId(Uuid::now_v7());
        heron.call(WriteComment { form: CommentForm { party: his, key, parent: Some(above), text: "네".to_owned() } }).await.expect("said");
        heron.call(ChangeComment { form: CommentChange { id: key, text: "네, 있어요".to_owned() } }).await.expect("changed");
        mina.call(WriteComment { form: CommentForm { party: hers, key: CommentId(Uuid::now_v7()), parent: None, text: "저요".to_owned() } }).await.expect("said");
        let told = heron.ask(ListNotices { page: PageAsk::default() }).await.expect("a list");
        heron.call(ReadNotices { notices: in_words(told.unread.into_iter()), rooms: String::new() }).await.expect("read");
        heron.call_with::<SetFace>(&[], &[&picture(1)]).await.expect("a face");
        let form = DirectForm { to: mina.id(), send_id: SendId::random(), text: "안녕".to_owned(), pictures: Pictures::default() };
        let direct = heron.call(StartDirect { form }).await.expect("said").room;
        heron.call(MuteRoom { room: direct, mutes: true }).await.expect("muted");

        let whole = export(&heron).await;
        let hosted = &whole["hosted"][0];
        assert_eq!((&hosted["category"], &hosted["outside"], &hosted["joining"]), (&Value::from("chicken"), &Value::from(1), &Value::from("approval")));
        assert_eq!(whole["account"]["face"], whole["images"][0]["address"]);
        let reply = &whole["comments"][0];
        assert_eq!(reply["parent"], Value::from(above.to_string()));
        assert!(reply["edited_at"].is_string(), "{reply}");
        assert!(whole["notices"][0]["read_at"].is_string());
        let rooms = whole["rooms"].as_array().expect("rooms");
        assert_eq!(rooms.len(), 3);
        let room = rooms.iter().find(|room| room["room"] == direct.to_string()).expect("the conversation");
        assert_eq!((&room["with"], &room["nickname"]), (&Value::from(mina.id().to_string()), &Value::from("mina")));
        assert_eq!((&room["is_muted"], &room["read"], &room["kind"]), (&Value::from(true), &Value::from(1), &Value::from("direct")));
    }

    async fn nothing_more_is_read_once_the_session_has_ended(app: TestApp) {
        let heron = app.member("heron").await;
        open(&heron, order()).await;
        let mut conn = app.state.db.read().await.expect("a connection");
        let (session,): (SessionId,) = fetch_one!(&mut conn, (SessionId,), "select id from sessions where user_id = $1", heron.id()).expect("a session");
        drop(conn);
        let mut words = Box::pin(store::export(app.state.db.clone(), session, heron.id()).await.expect("begun"));
        let mut file = Box::pin(store::archive(app.state.db.clone(), app.state.images.clone(), session, heron.id(), app.now()).await.expect("begun"));
        assert!(words.try_next().await.expect("a piece").is_some());
        heron.call(EndOtherSessions {}).await.expect("others");
        assert!(words.try_next().await.expect("this one goes on").is_some());
        heron.call(SignOut {}).await.expect("signed out");
        assert_eq!(words.try_next().await, Err(AppError::SignInRequired));
        let end = loop {
            match file.try_next().await {
                Ok(Some(_)) => {}
                end => break end,
            }
        };
        assert_eq!(end, Err(AppError::SignInRequired));
    }

    async fn what_is_handed_over_stays_the_words_of_who_wrote_it(app: TestApp) {
        let (mina, heron) = (app.member("mina").await, app.member("heron").await);
        let mut form = order();
        form.body = "왜가리가 쓴 글".to_owned();
        let party = open(&heron, form.clone()).await;
        mina.call(JoinParty { party }).await.expect("joined");
        heron.call(HandOverParty { party, person: mina.id() }).await.expect("handed over");
        let his = export(&heron).await;
        assert_eq!((&his["hosted"][0]["body"], &his["hosted"][0]["is_host"]), (&Value::from("왜가리가 쓴 글"), &Value::from(false)));
        let hers = export(&mina).await;
        assert_eq!((&hers["hosted"][0]["id"], &hers["hosted"][0]["is_host"]), (&Value::from(party.to_string()), &Value::from(true)));
        for field in ["body", "shop", "shop_link", "pickup"] {
            assert!(hers["hosted"][0][field].is_null(), "{field}");
        }
        // What she writes in its place is hers.
        app.advance(Span::seconds(1));
        (form.body, form.due) = ("미나가 쓴 글".to_owned(), "keep".to_owned());
        mina.call(EditMeal { id: party, form }).await.expect("changed");
        assert_eq!(export(&mina).await["hosted"][0]["body"], Value::from("미나가 쓴 글"));
        assert_eq!(export(&heron).await["hosted"].as_array().map(Vec::len), Some(0));
    }
}
