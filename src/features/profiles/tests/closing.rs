//! Closing an account, what is left of it, and taking one's things along.

use crate::app::work::{run_due, sweep};
use crate::features::accounts::api::{CloseAccount, SetLanguage, SignIn, SignUp};
use crate::features::accounts::model::{CloseForm, SignInForm, SignUpForm};
use crate::features::chat::api::{BlockPerson, ChatMembers, ChatRooms, SendMessage, StartDirect};
use crate::features::chat::model::{DirectForm, SendForm};
use crate::features::meals::api::{EditMeal, MealToEdit, ReadMeal};
use crate::features::meals::model::{MealForm, MealView};
use crate::features::moderation::api::Report;
use crate::features::moderation::model::ReportForm;
use crate::features::parties::api::{
    AcceptApplication, AdvanceParty, ApplyToParty, CancelParty, CloseParty, HandOverParty, JoinParty, KeepParty, WaitForSeat,
};
use crate::features::parties::model::{ApplyForm, CancelForm, Stage, Standing, State};
use crate::features::parties::tests::{open, order, seen};
use crate::features::profiles::api::EditProfile;
use crate::features::profiles::model::ProfileForm;
use crate::features::threads::api::{LikeComment, WriteComment};
use crate::features::threads::model::CommentForm;
use crate::live::protocol::close;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{CommentId, PartyId, RoomId, SendId};
use crate::shared::images::Pictures;
use crate::shared::names::CLOSED;
use crate::shared::paging::PageAsk;
use crate::shared::time::Span;
use crate::testing::{Actor, PASSWORD};
use crate::{execute, fetch_all, fetch_one, on_both};
use serde_json::Value;
use uuid::Uuid;

const CLOSED_NAME: &str = "탈퇴한 사용자";

async fn leave_for_good(actor: &Actor, password: &str) -> Result<(), AppError> {
    actor.call(CloseAccount { form: CloseForm { current_password: password.to_owned() } }).await
}

async fn say(actor: &Actor, room: RoomId, text: &str) {
    let form = SendForm { room, send_id: SendId::random(), text: text.to_owned(), reply_to: None, pictures: Pictures::default() };
    actor.call(SendMessage { form }).await.expect("said");
}

async fn write_to(actor: &Actor, other: &Actor, text: &str) -> RoomId {
    let form = DirectForm { to: other.id(), send_id: SendId::random(), text: text.to_owned(), pictures: Pictures::default() };
    actor.call(StartDirect { form }).await.expect("said").room
}

pub(super) async fn comment(actor: &Actor, party: PartyId, text: &str) -> CommentId {
    let key = CommentId(Uuid::now_v7());
    actor.call(WriteComment { form: CommentForm { party, key, parent: None, text: text.to_owned() } }).await.expect("said");
    key
}

/// What somebody takes along.
pub(super) async fn export(actor: &Actor) -> Value {
    serde_json::from_str(&actor.get("/me/export").await.body).expect("JSON")
}

async fn room_of(actor: &Actor, party: PartyId) -> RoomId {
    seen(actor, party).await.room.expect("a seat")
}

on_both! {
    async fn who_closes_their_account_is_nobody_at_once(app: TestApp) {
        let (mina, jun, heron) = (app.member("mina").await, app.member("jun").await, app.member("heron").await);
        let sol = app.member("sol").await;
        // Of theirs: an order with somebody at it; a seat somebody waits for; a request; a past order; words everywhere.
        let hers = open(&heron, order()).await;
        mina.call(JoinParty { party: hers }).await.expect("joined");
        let mut small = order();
        small.seats = "2".to_owned();
        let joined = open(&mina, small).await;
        heron.call(JoinParty { party: joined }).await.expect("joined");
        sol.call(WaitForSeat { party: joined }).await.expect("waits");
        let mut asking = order();
        asking.joining = "approval".to_owned();
        let asked = open(&jun, asking).await;
        heron.call(ApplyToParty { form: ApplyForm { party: Some(asked), message: "저요".to_owned() } }).await.expect("asked");
        let room = room_of(&heron, joined).await;
        say(&heron, room, "곧 도착해요").await;
        let direct = write_to(&heron, &jun, "둘만의 이야기").await;
        comment(&heron, asked, "남는 말").await;
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &heron).await;
        socket.ready().await;
        app.advance(Span::seconds(1));

        assert_eq!(leave_for_good(&app.visitor(), PASSWORD).await, Err(AppError::SignInRequired));
        assert!(matches!(leave_for_good(&heron, "").await, Err(AppError::Invalid(_))));
        assert_eq!(leave_for_good(&heron, "wrong password").await, Err(AppError::field("current_password", "accounts.password.wrong")));
        let (email,): (String,) = fetch_one!(&mut app.state.db.read().await.expect("a connection"), (String,), "select email from users where id = $1", heron.id()).expect("a row");
        assert_eq!(leave_for_good(&heron, PASSWORD).await, Ok(()));
        assert_eq!(socket.closed().await, close::SESSION_ENDED);
        assert_eq!(heron.ask(ChatRooms { search: String::new(), after: None }).await.map(drop), Err(AppError::SignInRequired));
        let again = SignInForm { email: email.clone(), password: PASSWORD.to_owned(), ..SignInForm::default() };
        assert!(matches!(app.visitor().call(SignIn { form: again }).await, Err(AppError::Invalid(_))));
        assert_eq!(run_due(&app.state).await, Ok(1));
        assert_eq!(run_due(&app.state).await, Ok(0));
        // What was under way meanwhile is given up a minute later.
        let late = open(&sol, order()).await;
        let mut tx = app.state.db.begin().await.expect("a transaction");
        execute!(&mut tx, "insert into party_members (party_id, user_id, joined_at) values ($1, $2, $3)", late, heron.id(), app.now()).expect("a seat");
        execute!(&mut tx, "update parties set taken = taken + 1 where id = $1", late).expect("counted");
        tx.commit().await.expect("committed");
        app.advance(Span::minutes(1));
        assert_eq!(run_due(&app.state).await, Ok(1));
        assert_eq!(seen(&sol, late).await.card.taken, 1);

        // What was theirs is called off, what they held is free, and others hear of it.
        assert!(matches!(mina.ask(ReadMeal { id: hers, banned: PageAsk::default() }).await, Ok(MealView::Cancelled(_))));
        let table = seen(&sol, joined).await;
        assert_eq!((table.circle.standing, table.card.taken, table.card.state), (Standing::Member, 2, table.card.state));
        assert!(matches!(table.card.state, State::Closed(_)));
        assert_eq!(seen(&jun, asked).await.circle.desk.expect("the host's").applications.len(), 0);
        // Nobody finds them, and nothing says who they were; what they said stays.
        assert_eq!(mina.get("/users/heron").await.status, 404);
        assert_eq!(mina.get("/users/%ED%83%88%ED%87%B4%ED%95%9C%20%EC%82%AC%EC%9A%A9%EC%9E%90").await.status, 410);
        assert_eq!(mina.get("/chat/with/heron").await.status, 404);
        let members = sol.ask(ChatMembers { room }).await.expect("people").members;
        assert_eq!(members.len(), 2);
        for (actor, path, words) in [
            (&mina, format!("/chat/{room}"), Some("곧 도착해요")),
            (&sol, format!("/meals/{joined}"), None),
            (&jun, format!("/chat/{direct}"), Some("둘만의 이야기")),
            (&jun, format!("/meals/{asked}"), Some("남는 말")),
            (&sol, format!("/meals/{asked}/comments"), Some("남는 말")),
            (&mina, "/me/notices".to_owned(), Some(CLOSED_NAME)),
            (&jun, "/me/notices".to_owned(), None),
            (&mina, "/chat".to_owned(), None),
            (&jun, "/chat".to_owned(), Some(CLOSED_NAME)),
            (&mina, "/me/parties".to_owned(), None),
            (&mina, "/me/export".to_owned(), None),
            (&jun, "/me/export".to_owned(), None),
        ] {
            let answer = actor.get(&path).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(!answer.body.contains("heron") && !answer.body.contains(&email), "{path}: {}", answer.body);
            assert!(words.is_none_or(|words| answer.body.contains(words)), "{path}");
        }
        assert!(mina.get(&format!("/chat/{room}")).await.body.contains(&format!("{CLOSED_NAME} 님이 퇴장했습니다.")));
        // In the reader's language, and it leads nowhere.
        for actor in [&mina, &jun, &sol] {
            actor.call(SetLanguage { lang: "en".to_owned() }).await.expect("kept");
        }
        for (actor, path) in [
            (&mina, format!("/chat/{room}")),
            (&jun, format!("/chat/{direct}")),
            (&jun, "/chat".to_owned()),
            (&jun, format!("/meals/{asked}")),
            (&sol, format!("/meals/{asked}/comments")),
            (&mina, "/me/notices".to_owned()),
        ] {
            let page = actor.get(&path).await.body;
            assert!(page.contains("Closed account") && !page.contains(CLOSED_NAME), "{path}");
            assert!(!page.contains("href=\"/users/Closed") && !page.contains(&format!("href=\"/users/{CLOSED}")), "{path}");
        }
        assert_eq!(mina.get("/users/closed%20account").await.status, 410);
    }

    async fn a_past_order_keeps_its_conversation(app: TestApp) {
        let (mina, heron) = (app.member("mina").await, app.member("heron").await);
        let party = open(&heron, order()).await;
        mina.call(JoinParty { party }).await.expect("joined");
        app.advance(Span::hours(13));
        leave_for_good(&heron, PASSWORD).await.expect("closed");
        assert_eq!(run_due(&app.state).await, Ok(1));
        assert_eq!(seen(&mina, party).await.host.id, heron.id(), "nobody leads what is over");
        let room = room_of(&mina, party).await;
        say(&mina, room, "그래도 여기 있어요").await;
        // Nobody waits for them to read.
        let read = mina.ask(ChatMembers { room }).await.expect("people").members;
        assert!(read.iter().any(|member| member.person.nickname == CLOSED && member.read > 1_000_000));
        for path in [format!("/chat/{room}"), format!("/meals/{party}")] {
            let page = mina.get(&path).await.body;
            assert!(page.contains(CLOSED_NAME) && !page.contains(&format!("href=\"/users/{CLOSED}")), "{path}");
        }
    }

    async fn what_somebody_wrote_for_a_past_order_is_for_those_who_sat_there_once_they_are_gone(app: TestApp) {
        let (mina, heron, sol) = (app.member("mina").await, app.member("heron").await, app.member("sol").await);
        let mut form = order();
        (form.body, form.link) = ("우리 집 초인종은 고장났어요".to_owned(), "https://shop.example/7".to_owned());
        let (shop, pickup) = (form.shop.clone(), form.pickup.clone());
        let party = open(&heron, form).await;
        mina.call(JoinParty { party }).await.expect("joined");
        app.advance(Span::hours(1));
        let words = [shop.as_str(), pickup.as_str(), "초인종", "shop.example"];
        let shows = |body: &str| words.map(|words| body.contains(words));
        assert_eq!(shows(&sol.get(&format!("/meals/{party}")).await.body), [true; 4]);
        leave_for_good(&heron, PASSWORD).await.expect("closed");
        run_due(&app.state).await.expect("done");
        for actor in [&sol, &app.visitor()] {
            let page = actor.get(&format!("/meals/{party}")).await;
            assert_eq!((page.status.as_u16(), shows(&page.body)), (200, [false; 4]), "{}", page.body);
            assert!(page.body.contains("함께한 사람만 볼 수 있어요"));
        }
        let list = sol.get("/meals?region=11440124&all=true").await.body;
        assert_eq!(shows(&list)[1..], [false; 3]);
        let seen = seen(&sol, party).await;
        assert_eq!((seen.card.shop.as_str(), seen.card.pickup.as_str(), seen.body.as_str(), seen.link), ("", "", "", None));
        assert_eq!(shows(&mina.get(&format!("/meals/{party}")).await.body), [true; 4]);
    }

    async fn what_somebody_wrote_is_nobodys_to_read_also_when_the_order_was_handed_over(app: TestApp) {
        let (mina, heron, sol) = (app.member("mina").await, app.member("heron").await, app.member("sol").await);
        let mut form = order();
        (form.body, form.link) = ("우리 집 초인종은 고장났어요".to_owned(), "https://shop.example/7".to_owned());
        let words = [form.shop.clone(), form.pickup.clone(), "초인종".to_owned(), "shop.example".to_owned()];
        let shows = |body: &str| [0, 1, 2, 3].map(|n| body.contains(&words[n]));
        // One that is open, one that is under way.
        let (open_one, ordered) = (open(&heron, form.clone()).await, open(&heron, MealForm { key: Uuid::now_v7().to_string(), ..form }).await);
        for party in [open_one, ordered] {
            mina.call(JoinParty { party }).await.expect("joined");
        }
        heron.call(HandOverParty { party: open_one, person: mina.id() }).await.expect("handed over");
        heron.call(CloseParty { party: ordered }).await.expect("closed");
        heron.call(AdvanceParty { party: ordered, to: Stage::Ordered }).await.expect("ordered");
        for party in [open_one, ordered] {
            assert_eq!(shows(&sol.get(&format!("/meals/{party}")).await.body), [true; 4]);
        }
        leave_for_good(&heron, PASSWORD).await.expect("closed");
        run_due(&app.state).await.expect("done");
        for party in [open_one, ordered] {
            assert_eq!(seen(&sol, party).await.host.id, mina.id(), "it goes on without them");
            for actor in [&sol, &app.visitor()] {
                let page = actor.get(&format!("/meals/{party}")).await.body;
                assert_eq!(shows(&page), [false; 4], "{page}");
                assert!(page.contains("함께한 사람만 볼 수 있어요"));
            }
            assert_eq!(shows(&mina.get(&format!("/meals/{party}")).await.body), [true; 4]);
        }
        for actor in [&sol, &app.visitor()] {
            for path in ["/", "/meals?region=11440124", "/users/mina"] {
                assert_eq!(shows(&actor.get(path).await.body), [false; 4], "{path}");
            }
        }
        // Its host hears of it where something can be done about it, and does it.
        let advice = "글을 고치면 다시 모두에게 보여요";
        let says = async |party: PartyId| mina.get(&format!("/meals/{party}")).await.body.contains(advice);
        assert_eq!((says(open_one).await, says(ordered).await), (true, false));
        assert!(!sol.get(&format!("/meals/{open_one}")).await.body.contains(advice));
        let form = mina.ask(MealToEdit { id: open_one }).await.expect("a form").form;
        mina.call(EditMeal { id: open_one, form: MealForm { shop: "새가게".to_owned(), body: "제가 이어서 열어요".to_owned(), ..form } }).await.expect("written anew");
        let page = sol.get(&format!("/meals/{open_one}")).await.body;
        assert!(page.contains("새가게") && page.contains("이어서") && !says(open_one).await, "{page}");
    }

    async fn who_was_called_by_words_before_is_called_by_the_sign(app: TestApp) {
        let (mina, heron) = (app.member("mina").await, app.member("heron").await);
        leave_for_good(&heron, PASSWORD).await.expect("closed");
        let mut tx = app.state.db.begin().await.expect("a transaction");
        execute!(&mut tx, "update users set nickname = $2 where id = $1", heron.id(), CLOSED_NAME).expect("as it was");
        execute!(&mut tx, include_str!("../../../../migrations/sqlite/0030_closed_names.sql")).expect("migrated");
        for (actor, name) in [(&mina, "mina"), (&heron, CLOSED)] {
            let (nickname,): (String,) = fetch_one!(&mut tx, (String,), "select nickname from users where id = $1", actor.id()).expect("a row");
            assert_eq!(nickname, name);
        }
    }

    async fn the_words_of_a_party_stay_with_those_who_sit_there(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let heron = app.member("heron").await;
        let mut form = order();
        form.title = "왜가리네 족발".to_owned();
        form.joining = "approval".to_owned();
        let (handed, off) = (open(&heron, form.clone()).await, open(&heron, form).await);
        let apply = |party| ApplyToParty { form: ApplyForm { party: Some(party), message: "저요".to_owned() } };
        mina.call(apply(handed)).await.expect("asked");
        heron.call(AcceptApplication { party: handed, person: mina.id() }).await.expect("accepted");
        heron.call(HandOverParty { party: handed, person: mina.id() }).await.expect("handed over");
        jun.call(apply(handed)).await.expect("asked");
        sol.call(apply(off)).await.expect("asked");
        for actor in [&jun, &sol] {
            actor.call(KeepParty { party: handed, keeps: true }).await.expect("kept");
            actor.call(KeepParty { party: off, keeps: true }).await.expect("kept");
        }
        let called_off = open(&heron, MealForm { title: "왜가리네 튀김".to_owned(), shop: "두루미튀김".to_owned(), ..order() }).await;
        sol.call(KeepParty { party: called_off, keeps: true }).await.expect("kept");
        assert!(sol.get("/me/parties?shelf=kept").await.body.contains("두루미"));
        heron.call(CancelParty { form: CancelForm { party: Some(called_off), reason: "비밀".to_owned() } }).await.expect("called off");
        let kept = sol.get("/me/parties?shelf=kept").await.body;
        assert!(kept.contains("왜가리네 튀김") && !kept.contains("두루미"), "what it was called, and not where it was");
        comment(&jun, handed, "몇 시에 모여요?").await;
        let parent = Some(comment(&sol, handed, "저도 궁금해요").await);
        let form = CommentForm { party: handed, key: CommentId(Uuid::now_v7()), parent, text: "여덟 시요".to_owned() };
        mina.call(WriteComment { form }).await.expect("said");
        let paths = |party: PartyId| [format!("/meals/{party}"), format!("/meals/{party}/comments")];
        let all: Vec<String> = [paths(handed).to_vec(), paths(off)[..1].to_vec(), vec![format!("/report/{handed}"), "/meals".to_owned(), "/me/notices".to_owned(), "/me/parties?shelf=kept".to_owned(), "/me/export".to_owned()]].concat();
        for path in &all {
            assert!(sol.get(path).await.body.contains("왜가리"), "before, everybody reads it: {path}");
        }
        leave_for_good(&heron, PASSWORD).await.expect("closed");
        run_due(&app.state).await.expect("done");
        for actor in [&jun, &sol, &app.visitor()] {
            for path in &all {
                assert!(!actor.get(path).await.body.contains("왜가리"), "{path}");
            }
            let MealView::Cancelled(seen) = actor.ask(ReadMeal { id: called_off, banned: PageAsk::default() }).await.expect("an order") else { panic!("called off") };
            assert_eq!((seen.title.as_str(), seen.reason.as_str()), ("", ""));
        }
        assert!(sol.get(&format!("/meals/{handed}")).await.body.contains("탈퇴한 사용자의 모임"));
        // Who leads it now reads what is to be written anew, and what that is called then is for everybody.
        assert!(mina.get(&format!("/meals/{handed}")).await.body.contains("왜가리"));
        let form = MealForm { title: "민아네 족발".to_owned(), due: "keep".to_owned(), ..order() };
        mina.call(EditMeal { id: handed, form }).await.expect("changed");
        assert!(sol.get(&format!("/meals/{handed}")).await.body.contains("민아네 족발"));
    }

    async fn closing_twice_or_with_an_old_password_is_refused(app: TestApp) {
        let heron = app.member("heron").await;
        let both = tokio::join!(leave_for_good(&heron, PASSWORD), leave_for_good(&heron, PASSWORD));
        let outcomes = [both.0, both.1];
        assert!(outcomes.contains(&Ok(())), "{outcomes:?}");
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(()) | Err(AppError::Conflict(Conflict::Stale) | AppError::SignInRequired))), "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        assert_eq!(run_due(&app.state).await, Ok(1));
    }

    async fn a_month_later_nothing_is_left_and_the_names_are_free(app: TestApp) {
        let (mina, heron) = (app.member("mina").await, app.member("heron").await);
        let party = open(&mina, order()).await;
        heron.call(JoinParty { party }).await.expect("joined");
        heron.call(KeepParty { party, keeps: true }).await.expect("kept");
        heron.call(BlockPerson { person: app.member("eve").await.id(), blocks: true }).await.expect("blocked");
        comment(&mina, party, "모두에게").await;
        write_to(&heron, &mina, "안녕").await;
        heron.call(EditProfile { form: ProfileForm { nickname: "heron".to_owned(), intro: "왜가리입니다".to_owned() } }).await.expect("changed");
        let mut conn = app.state.db.read().await.expect("a connection");
        let (email,): (String,) = fetch_one!(&mut conn, (String,), "select email from users where id = $1", heron.id()).expect("a row");
        drop(conn);
        leave_for_good(&heron, PASSWORD).await.expect("closed");
        run_due(&app.state).await.expect("done");
        let form = |email: &str, nickname: &str| SignUpForm {
            email: email.to_owned(),
            nickname: nickname.to_owned(),
            password: PASSWORD.to_owned(),
            password_again: PASSWORD.to_owned(),
            birth_date: "2000-02-29".to_owned(),
            gender: "female".to_owned(),
            region: "11440124".to_owned(),
            terms: "true".to_owned(),
            privacy: "true".to_owned(),
            ..SignUpForm::default()
        };
        app.advance(Span(Span::days(30).0 - 1));
        sweep(&app.state).await.expect("swept");
        let refused = app.visitor().call(SignUp { form: form(&email, "heron") }).await.expect_err("taken").fields();
        assert!(refused.of("email").is_some() && refused.of("nickname").is_some());
        app.advance(Span(1));
        sweep(&app.state).await.expect("swept");
        let mut conn = app.state.db.read().await.expect("a connection");
        let sql = "select email, nickname_key, password_hash, birth_date, intro, coalesce(school, ''), coalesce(lang, '') from users where id = $1";
        type Row = (String, String, String, String, String, String, String);
        let row: Row = fetch_one!(&mut conn, Row, sql, heron.id()).expect("a row");
        assert_eq!((row.0.as_str(), row.2.as_str(), row.3.as_str(), row.4.as_str()), ("", "", "", ""));
        assert!(row.1.replace('-', "").eq_ignore_ascii_case(&heron.id().0.simple().to_string()));
        let left: (i64, i64, i64, i64) = fetch_one!(
            &mut conn,
            (i64, i64, i64, i64),
            "select (select count(*) from sessions where user_id = $1), (select count(*) from notices where user_id = $1),
                 (select count(*) from bookmarks where user_id = $1) + (select count(*) from blocks where user_id = $1),
                 (select count(*) from mails where user_id = $1)",
            heron.id()
        )
        .expect("numbers");
        assert_eq!(left, (0, 0, 0, 0));
        let open: Vec<(Uuid,)> = fetch_all!(&mut conn, (Uuid,), "select id from sessions where user_id = $1", mina.id()).expect("rows");
        assert_eq!(open.len(), 1, "others keep theirs");
        drop(conn);
        assert_eq!(app.visitor().call(SignUp { form: form(&email, "heron") }).await, Ok(()));
        // Nobody else is called what the closed are called.
        for name in [CLOSED_NAME, "Closed account", "closed ACCOUNT", CLOSED] {
            let refused = app.visitor().call(SignUp { form: form("new@moim.test", name) }).await.expect_err("taken");
            assert!(refused.fields().of("nickname").is_some(), "{name}");
        }
        let taken = ProfileForm { nickname: "Closed Account".to_owned(), intro: String::new() };
        assert_eq!(app.member("sol").await.call(EditProfile { form: taken }).await, Err(AppError::field("nickname", "accounts.nickname.taken")));
    }

    async fn an_export_has_all_that_is_ones_own_and_nothing_else(app: TestApp) {
        let (mina, heron) = (app.member("mina").await, app.member("heron").await);
        let hers = open(&heron, order()).await;
        let mut his = order();
        (his.title, his.joining, his.pickup) = ("미나의 비밀 주문".to_owned(), "approval".to_owned(), "미나네 집 앞".to_owned());
        let other = open(&mina, his).await;
        mina.call(JoinParty { party: hers }).await.expect("joined");
        heron.call(ApplyToParty { form: ApplyForm { party: Some(other), message: "저도요".to_owned() } }).await.expect("asked");
        heron.call(KeepParty { party: other, keeps: true }).await.expect("kept");
        heron.call(Report { form: ReportForm { party: Some(other), reason: "spam".to_owned(), text: "광고 같아요".to_owned() } }).await.expect("reported");
        let liked = comment(&mina, other, "미나의 댓글").await;
        heron.call(LikeComment { id: liked, likes: true }).await.expect("liked");
        comment(&heron, other, "왜가리의 <댓글>\n\"둘째 줄\"").await;
        let room = room_of(&heron, hers).await;
        say(&mina, room, "미나의 메시지").await;
        // Rooms in which she has said nothing, before and after that one: pieces without a message, first and last.
        let mut tx = app.state.db.begin().await.expect("a transaction");
        for id in (1..=200).chain((0..200).map(|n| u128::MAX - n)).map(uuid::Uuid::from_u128) {
            let (room, member) = (
                "insert into rooms (id, kind, last_at, created_at) values ($1, 'party', $2, $2)",
                "insert into room_members (room_id, user_id, joined_at, joined_seq, read_seq, read_said) values ($1, $2, $3, 0, 0, 0)",
            );
            execute!(&mut tx, room, id, app.now()).expect("a room");
            execute!(&mut tx, member, id, heron.id(), app.now()).expect("a member");
        }
        tx.commit().await.expect("committed");
        // As many as are read together, and one fewer and more than that.
        let mut said = 0;
        for count in [499, 500, 501, 1_000] {
            let mut tx = app.state.db.begin().await.expect("a transaction");
            for n in said..count {
                execute!(
                    &mut tx,
                    "insert into messages (room_id, seq, said, send_id, author_id, kind, body, created_at) values ($1, $2, $2, $3, $4, 'text', $5, $6)",
                    room,
                    1_000 + n,
                    SendId::random(),
                    heron.id(),
                    format!("메시지 {n}"),
                    app.now()
                )
                .expect("stored");
            }
            execute!(&mut tx, "update rooms set last_seq = $2 where id = $1", room, 999 + count).expect("moved on");
            tx.commit().await.expect("committed");
            said = count;
            let answer = heron.get("/me/export").await;
            assert_eq!((answer.status.as_u16(), answer.headers["content-disposition"].as_bytes()), (200, b"attachment; filename=\"moim.json\"".as_slice()));
            let whole: Value = serde_json::from_str(&answer.body).expect("JSON");
            let texts: Vec<_> = whole["messages"].as_array().expect("messages").iter().map(|message| message["text"].as_str().expect("a text")).collect();
            assert_eq!(texts, (0..count).map(|n| format!("메시지 {n}")).collect::<Vec<_>>());
            assert!(!answer.body.contains("미나의 댓글") && !answer.body.contains("미나의 메시지") && !answer.body.contains("미나네 집 앞"));
            assert!(!answer.body.contains("password") && !answer.body.contains("argon2"));
            app.advance(Span::minutes(20));
        }
        let whole: Value = serde_json::from_str(&heron.get("/me/export").await.body).expect("JSON");
        assert_eq!((&whole["account"]["nickname"], &whole["account"]["birth_date"]), (&Value::from("heron"), &Value::from("2000-02-29")));
        assert_eq!(whole["account"]["email"].as_str().map(|email| email.ends_with("@moim.test")), Some(true));
        let lengths: Vec<_> = ["sessions", "hosted", "seats", "requests", "kept", "comments", "liked_comments", "reports", "notices"]
            .map(|part| whole[part].as_array().expect("a part").len())
            .to_vec();
        assert_eq!(lengths, [1, 1, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!(whole["hosted"][0]["pickup"], "경의선숲길 3번 벤치");
        assert_eq!((&whole["requests"][0]["message"], &whole["requests"][0]["title"]), (&Value::from("저도요"), &Value::from("미나의 비밀 주문")));
        assert_eq!(whole["comments"][0]["text"], "왜가리의 <댓글>\n\"둘째 줄\"");
        assert_eq!((&whole["reports"][0]["reason"], &whole["notices"][0]["kind"]), (&Value::from("spam"), &Value::from("joined")));
        // For nobody else, and not without end.
        let visitor = app.visitor().get("/me/export").await;
        assert_eq!((visitor.status.as_u16(), visitor.location()), (303, "/sign-in?next=/me/close"));
        let mut status = 200;
        for _ in 0..10 {
            status = heron.get("/me/export").await.status.as_u16();
        }
        assert_eq!(status, 429);
    }
}
