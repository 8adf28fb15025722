//! The model: what it is told, what it says, and everything that it may do instead.

use super::*;
use crate::execute;
use crate::features::accounts::api::CloseAccount;
use crate::features::accounts::model::CloseForm;
use crate::live::protocol::Down;
use crate::server::completions::{MAX_TOKENS, Patience};
use crate::shared::error::Conflict;
use crate::shared::ids::QuestionId;
use crate::testing::{ChatModel, PASSWORD, Way};
use std::time::Duration;
use uuid::Uuid;

/// Far longer than a test takes.
const LONG: Patience = Patience { first: Duration::from_secs(90), between: Duration::from_secs(90), total: Duration::from_secs(90) };
/// For those that wait for its end.
const SHORT: Patience =
    Patience { first: Duration::from_secs(2), between: Duration::from_millis(800), total: Duration::from_millis(2_500) };

fn question(text: &str) -> AskForm {
    AskForm { key: Uuid::now_v7().to_string(), text: text.to_owned() }
}

/// Asks as a plain form does, which waits for the answer.
async fn ask(actor: &Actor, text: &str) -> Exchange {
    let form = question(text);
    let answer = actor.post_form(PAGE, AskMenus::PATH, &[("form[key]", &form.key), ("form[text]", text)]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/meals/suggestions#talk"), "{}", answer.body);
    last(actor).await
}

async fn talk(actor: &Actor) -> Vec<Exchange> {
    look(actor).await.talk.expect("a model").exchanges
}

async fn last(actor: &Actor) -> Exchange {
    talk(actor).await.pop().expect("a question")
}

fn is_over(down: &Down) -> bool {
    matches!(down, Down::Suggested { is_over: true, .. })
}

on_both! {
    async fn an_answer_is_read_from_its_pieces(app: TestApp) {
        let model = ChatModel::start(Way::Well).await;
        let app = app.advised(&model, LONG);
        let mina = app.member("mina").await;
        let exchange = ask(&mina, "비 오는데 뭐 먹지?").await;
        assert_eq!((exchange.question.as_str(), exchange.progress), ("비 오는데 뭐 먹지?", Progress::Whole));
        assert_eq!(exchange.text, "비 오는 날엔 이런 게 좋아요.");
        let menus: Vec<_> = exchange.menus.iter().map(|menu| (menu.name.as_str(), menu.category, menu.reason.as_str())).collect();
        assert_eq!(menus, [("칼국수", Some(Category::Korean), "국물이 뜨끈해요"), ("할머니 손두부", None, "고소해요")]);
        assert_eq!(look(&mina).await.left, A_DAY - 1);
        let page = mina.get(PAGE).await.body;
        assert!(page.contains("할머니 손두부") && page.contains("비 오는 날엔"), "{page}");
    }

    async fn others_are_none_that_the_model_has_named(app: TestApp) {
        let model = ChatModel::start(Way::Well).await;
        let app = app.advised(&model, LONG);
        let mina = app.member("mina").await;
        look(&mina).await;
        assert_eq!(ask(&mina, "뭐 먹지?").await.menus[0].name, "칼국수");
        let mut seen = Vec::new();
        // There are a hundred for lunch.
        for _ in 0..A_DAY - 1 {
            mina.call(MoreMenus {}).await.expect("others");
            seen.extend(names(&look(&mina).await));
        }
        assert_eq!(seen.iter().filter(|name| *name == "칼국수").count(), 0, "{seen:?}");
    }

    async fn the_first_page_and_the_menus_agree_on_what_the_model_has_named(app: TestApp) {
        let model = ChatModel::start(Way::Well).await;
        let app = app.advised(&model, LONG);
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        for _ in 0..4 {
            open(&jun, MealForm { category: "korean".to_owned(), title: "칼국수 먹을 사람".to_owned(), ..order() }).await;
        }
        let headline = async || mina.ask(TodaysMenu {}).await.expect("an answer").expect("a menu").title;
        assert!(headline().await.contains("칼국수"));
        // It names just that, before any were shown.
        let answer = mina.post_form(PAGE, AskMenus::PATH, &[("form[key]", &question("").key), ("form[text]", "뭐 먹지?")]).await;
        assert_eq!(answer.status, 303);
        let said = headline().await;
        assert!(!said.contains("칼국수") && said.contains(&look(&mina).await.menus[0].name), "{said}");
    }

    async fn nothing_comes_again_before_all_was_shown_when_the_model_has_named_nearly_all(app: TestApp) {
        let model = ChatModel::start(Way::Well).await;
        let app = app.advised(&model, LONG);
        let mina = app.member("mina").await;
        app.advance(Span::hours(20));
        let eaten: Vec<&str> = menus::all().iter().filter(|menu| menu.slots.contains(&menus::Slot::Breakfast)).map(|menu| menu.ko.as_str()).collect();
        let mut tx = app.state.db.begin().await.expect("a transaction");
        for ten in eaten[2..].chunks(10) {
            let answer: String = ten.iter().map(|name| format!("- {name} — 아침\n")).collect();
            let sql = "insert into suggestion_questions (id, user_id, day, question, answer, state, asked_at, until_at) values ($1, $2, $3, '', $4, 'whole', $5, $5)";
            execute!(tx, sql, Uuid::now_v7(), mina.id(), day_of(app.now()), answer, app.now()).expect("asked");
        }
        tx.commit().await.expect("committed");
        let mut seen = names(&look(&mina).await);
        for _ in 1..eaten.len() / 5 {
            mina.call(MoreMenus {}).await.expect("others");
            let five = names(&look(&mina).await);
            assert!(five.iter().all(|name| !seen.contains(name)), "{five:?} after {seen:?}");
            seen.extend(five);
        }
        assert!(seen.iter().all(|name| eaten.contains(&name.as_str())), "{seen:?}");
    }

    async fn the_model_is_told_how_things_are_and_not_who_asks(app: TestApp) {
        let model = ChatModel::start(Way::Well).await;
        let app = app.advised(&model, LONG);
        let mina = app.member("미나리아재비").await;
        open(&app.member("jun").await, order()).await;
        ask(&mina, "첫 질문").await;
        ask(&mina, "둘째 질문").await;
        let (headers, body) = model.asked().pop().expect("asked");
        assert_eq!(headers["authorization"], "Bearer sk-test");
        assert_eq!((body["stream"].as_bool(), body["model"].as_str()), (Some(true), Some("small")));
        assert_eq!(body["max_tokens"], MAX_TOKENS);
        let said: Vec<(&str, &str)> =
            body["messages"].as_array().expect("turns").iter().map(|turn| (turn["role"].as_str().expect("who"), turn["content"].as_str().expect("what"))).collect();
        assert_eq!(said[1..], [("user", "첫 질문"), ("assistant", ChatModel::ANSWER), ("user", "둘째 질문")]);
        let (role, told) = said[0];
        assert_eq!(role, "system");
        for known in ["5월이고 12시", "치킨 1", "칼국수", "떡볶이"] {
            assert!(told.contains(known), "{known}: {told}");
        }
        let whole = body.to_string();
        for secret in ["미나리아재비", "연남", "11440124", "moim.test", "온동네치킨", &mina.id().to_string()] {
            assert!(!whole.contains(secret), "{secret} is nobody's business");
        }
    }

    async fn no_page_of_a_visitor_depends_on_what_is_asked(app: TestApp) {
        let model = ChatModel::start(Way::Well).await;
        let app = app.advised(&model, LONG);
        let mina = app.member("mina").await;
        let before = app.state.db.version();
        look(&mina).await;
        mina.call(MoreMenus {}).await.expect("others");
        assert_eq!(ask(&mina, "뭐 먹지?").await.progress, Progress::Whole);
        mina.call(ForgetQuestions {}).await.expect("forgotten");
        assert_eq!(app.state.db.version(), before);
    }

    async fn a_newer_model_is_told_its_bound_under_the_newer_name(app: TestApp) {
        let model = ChatModel::start(Way::Newer).await;
        let app = app.advised(&model, LONG);
        let mina = app.member("mina").await;
        for _ in 0..2 {
            assert_eq!(ask(&mina, "뭐 먹지?").await.progress, Progress::Whole);
        }
        let bounds: Vec<_> = model.asked().iter().map(|(_, body)| (body["max_tokens"].as_u64(), body["max_completion_tokens"].as_u64())).collect();
        let most = Some(u64::from(MAX_TOKENS));
        assert_eq!(bounds, [(most, None), (None, most), (None, most)], "it is remembered");
        assert_eq!(look(&mina).await.left, A_DAY - 2);
    }

    async fn words_come_while_they_are_said_and_a_reload_shows_them(app: TestApp) {
        let model = ChatModel::start(Way::Held).await;
        let app = app.advised(&model, LONG);
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let addr = app.listen().await;
        let (mut hers, mut his) = (app.connect(addr, &mina).await, app.connect(addr, &jun).await);
        hers.ready().await;
        his.ready().await;
        let form = question("뭐 먹지?");
        mina.call(AskMenus { form: form.clone() }).await.expect("asked");
        let id: QuestionId = form.key.parse().expect("an id");
        let half = "비 오는 날엔 이런 게 좋아요.\n";
        let heard = hers.until(|down| matches!(down, Down::Suggested { text, .. } if text == half)).await;
        assert_eq!(heard, Down::Suggested { question: id, text: half.to_owned(), is_over: false });
        let exchange = last(&mina).await;
        assert_eq!(exchange.progress, Progress::Waiting);
        assert!(!exchange.text.is_empty() && half.starts_with(&exchange.text), "{exchange:?}");
        assert!(mina.get(PAGE).await.body.contains("답하고 있어요"));
        // One after the other; the same form asks once.
        assert_eq!(mina.call(AskMenus { form: question("그리고?") }).await, Err(Conflict::Answering.into()));
        mina.call(AskMenus { form }).await.expect("known");
        model.goes_on();
        assert_eq!(hers.until(is_over).await, Down::Suggested { question: id, text: ChatModel::ANSWER.to_owned(), is_over: true });
        assert_eq!((last(&mina).await.progress, talk(&mina).await.len(), look(&mina).await.left), (Progress::Whole, 1, A_DAY - 1));
        assert_eq!(model.asked().len(), 1);
        // What is hers is told to her alone.
        jun.call(AskMenus { form: question("나도") }).await.expect("asked");
        model.goes_on();
        let Down::Suggested { question, .. } = his.until(|down| matches!(down, Down::Suggested { .. })).await else { unreachable!() };
        assert_ne!(question, id);
    }

    async fn a_model_that_fails_costs_no_question(app: TestApp) {
        let model = ChatModel::start(Way::Well).await;
        let app = app.advised(&model, SHORT);
        let mina = app.member("mina").await;
        let half = "비 오는 날엔 이런 게 좋아요.";
        for (way, progress, text) in [
            (Way::Refusing(500), Progress::Failed, ""),
            (Way::Refusing(429), Progress::Failed, ""),
            (Way::Refusing(400), Progress::Failed, ""),
            (Way::Thoughtful, Progress::Failed, ""),
            (Way::Blank, Progress::Failed, ""),
            (Way::Page, Progress::Failed, ""),
            (Way::Garbage, Progress::Failed, ""),
            (Way::Elsewhere, Progress::Failed, ""),
            (Way::Silent, Progress::Failed, ""),
            (Way::Alive, Progress::Failed, ""),
            (Way::Dropped, Progress::BrokenOff, half),
            (Way::Dumb, Progress::BrokenOff, half),
            (Way::Unended, Progress::BrokenOff, half),
        ] {
            model.does(way);
            let exchange = ask(&mina, "뭐 먹지?").await;
            assert_eq!((exchange.progress, exchange.text.as_str()), (progress, text), "{way:?}");
            let view = look(&mina).await;
            assert_eq!((view.left, view.menus.len()), (A_DAY, 5), "{way:?}");
            // It is not left alone.
            app.advance(Span::minutes(1));
        }
        assert_eq!(model.asked().len(), 13, "no redirect was followed, and nobody was asked twice");
        let page = mina.get(PAGE).await.body;
        assert!(page.contains("답이 여기서 끊겼어요") && page.contains("이 질문은 세지 않았어요"), "{page}");
    }

    async fn of_many_questions_at_once_as_many_are_taken_as_may_be(app: TestApp) {
        let model = ChatModel::start(Way::Held).await;
        let app = app.advised(&model, LONG);
        let mina = app.member("mina").await;
        let mut socket = app.connect(app.listen().await, &mina).await;
        socket.ready().await;
        // Those that ask the model, and those that ask for other menus.
        let taken = async |questions: usize, rounds: usize| {
            let asked = (0..questions + rounds).map(|n| {
                let mina = mina.clone();
                tokio::spawn(async move {
                    if n < questions { mina.call(AskMenus { form: question("뭐 먹지?") }).await } else { mina.call(MoreMenus {}).await }
                })
            });
            let (mut taken, asked) = (0, asked.collect::<Vec<_>>());
            for asked in asked {
                match asked.await.expect("no panic") {
                    Ok(()) => taken += 1,
                    Err(AppError::Spent { .. } | AppError::Conflict(Conflict::Answering)) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            taken
        };
        assert_eq!((taken(2, 0).await, look(&mina).await.left, talk(&mina).await.len()), (1, A_DAY - 1, 1));
        model.goes_on();
        socket.until(is_over).await;
        assert_eq!((taken(0, 8).await, look(&mina).await.left), (8, 1));
        assert_eq!((taken(4, 4).await, look(&mina).await.left), (1, 0));
        let kept = rows(&app, "select count(*) from suggestion_questions").await;
        let rounds = rows(&app, "select cast(rounds as bigint) from suggestion_days").await;
        assert_eq!(kept + rounds, 10, "what was refused is not kept");
    }

    async fn an_answer_without_end_is_cut_and_counts(app: TestApp) {
        let model = ChatModel::start(Way::Endless).await;
        let app = app.advised(&model, LONG);
        let mina = app.member("mina").await;
        let exchange = ask(&mina, "뭐 먹지?").await;
        assert_eq!((exchange.progress, look(&mina).await.left), (Progress::BrokenOff, A_DAY - 1));
        assert!((3_900..=4_000).contains(&exchange.text.chars().count()), "{}", exchange.text.chars().count());
        model.does(Way::Short);
        assert_eq!((ask(&mina, "뭐 먹지?").await.progress, look(&mina).await.left), (Progress::BrokenOff, A_DAY - 2));
    }

    async fn one_that_fails_again_and_again_is_left_alone(app: TestApp) {
        let model = ChatModel::start(Way::Refusing(503)).await;
        let app = app.advised(&model, LONG);
        let mina = app.member("mina").await;
        for _ in 0..5 {
            assert_eq!(ask(&mina, "뭐 먹지?").await.progress, Progress::Failed);
        }
        assert_eq!(model.asked().len(), 3);
        model.does(Way::Well);
        app.advance(Span::seconds(31));
        assert_eq!(ask(&mina, "뭐 먹지?").await.progress, Progress::Whole);
        assert_eq!((model.asked().len(), look(&mina).await.left), (4, A_DAY - 1));
    }

    async fn who_was_answered_by_a_node_that_is_gone_is_not_left_waiting(app: TestApp) {
        let model = ChatModel::start(Way::Silent).await;
        let app = app.advised(&model, LONG);
        let mina = app.member("mina").await;
        mina.call(AskMenus { form: question("뭐 먹지?") }).await.expect("asked");
        assert_eq!(last(&mina).await.progress, Progress::Waiting);
        assert_eq!(look(&mina).await.left, A_DAY - 1);
        app.advance(Span::minutes(2));
        assert_eq!((last(&mina).await.progress, look(&mina).await.left), (Progress::BrokenOff, A_DAY), "it is given back at once");
        mina.call(ForgetQuestions {}).await.expect("forgotten");
        assert_eq!((talk(&mina).await, look(&mina).await.left), (Vec::new(), A_DAY), "also when it is forgotten");
        mina.call(AskMenus { form: question("뭐 먹지?") }).await.expect("asked");
        app.advance(Span::minutes(2));
        for _ in 0..A_DAY {
            mina.call(MoreMenus {}).await.expect("others");
        }
        assert_eq!(look(&mina).await.left, 0, "and not twice");
        app.advance(Span::hours(12));
        model.does(Way::Well);
        assert_eq!(ask(&mina, "다시").await.progress, Progress::Whole);
        assert_eq!((talk(&mina).await.len(), look(&mina).await.left), (2, A_DAY - 1));
    }

    async fn the_eleventh_question_is_refused_beside_its_field(app: TestApp) {
        let model = ChatModel::start(Way::Well).await;
        let app = app.advised(&model, LONG);
        let mina = app.member("mina").await;
        for n in 0..A_DAY {
            if n % 2 == 0 { mina.call(MoreMenus {}).await.expect("others"); } else { ask(&mina, "뭐 먹지?").await; }
        }
        let form = question("하나만 더");
        let refused = mina.post_form(PAGE, AskMenus::PATH, &[("form[key]", &form.key), ("form[text]", &form.text)]).await;
        assert_eq!(refused.status, 429);
        assert!(refused.body.contains("id=\"f-text-error\"") && refused.body.contains("하루에 10번만 질문할 수 있습니다"), "{}", refused.body);
        assert!(refused.body.contains("value=\"하나만 더\""), "what was typed stays");
        assert_eq!((talk(&mina).await.len(), model.asked().len()), (5, 5));
        let long = mina.call(AskMenus { form: question(&"가".repeat(MAX_QUESTION + 1)) }).await;
        assert_eq!(long, Err(AppError::Invalid({ let mut errors = crate::shared::error::FieldErrors::default(); errors.add_with("text", "suggestions.error.long", vec![("max", "300".to_owned())]); errors })));
    }

    async fn a_conversation_is_forgotten_when_it_is_told_to_and_after_a_day(app: TestApp) {
        let model = ChatModel::start(Way::Held).await;
        let app = app.advised(&model, LONG);
        let mina = app.member("mina").await;
        let mut socket = app.connect(app.listen().await, &mina).await;
        mina.call(AskMenus { form: question("뭐 먹지?") }).await.expect("asked");
        socket.until(|down| matches!(down, Down::Suggested { .. })).await;
        // In the middle of it: nothing of it comes back.
        mina.call(ForgetQuestions {}).await.expect("forgotten");
        model.goes_on();
        socket.until(is_over).await;
        assert_eq!((talk(&mina).await, look(&mina).await.left), (Vec::new(), A_DAY - 1));
        model.does(Way::Well);
        ask(&mina, "다시").await;
        let (_, body) = model.asked().pop().expect("asked");
        assert_eq!(body["messages"].as_array().map(Vec::len), Some(2), "it is not reminded of what was forgotten");
        let answer = mina.post_form(PAGE, ForgetQuestions::PATH, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, PAGE));
        ask(&mina, "또 다시").await;
        app.advance(Span::days(1));
        assert_eq!(talk(&mina).await, []);
        sweep(&app.state).await.expect("swept");
        assert_eq!(rows(&app, "select count(*) from suggestion_questions").await, 0);
    }

    async fn what_was_asked_is_taken_along_and_erased(app: TestApp) {
        let model = ChatModel::start(Way::Well).await;
        let app = app.advised(&model, LONG);
        let mina = app.member("mina").await;
        ask(&mina, "매운 거").await;
        let document: serde_json::Value = serde_json::from_str(&mina.get("/me/export").await.body).expect("JSON");
        let taken = &document["questions"][0];
        assert_eq!((taken["question"].as_str(), taken["answer"].as_str(), taken["state"].as_str()), (Some("매운 거"), Some(ChatModel::ANSWER), Some("whole")));
        mina.call(CloseAccount { form: CloseForm { current_password: PASSWORD.to_owned() } }).await.expect("closed");
        let mut tx = app.state.db.begin().await.expect("a transaction");
        store::forget_of(&mut tx, &[mina.id()]).await.expect("forgotten");
        tx.commit().await.expect("committed");
        assert_eq!(rows(&app, "select count(*) from suggestion_questions").await + rows(&app, "select count(*) from suggestion_days").await, 0);
    }
}
