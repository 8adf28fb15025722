//! Comments, through the router.

use super::api::*;
use super::model::{Comment, CommentChange, CommentForm, InHand, MAX_COMMENT, ThreadQuery, ThreadView};
use crate::features::chat::api::BlockPerson;
use crate::features::meals::api::ReadMeal;
use crate::features::meals::model::MealView;
use crate::features::notices::api::ListNotices;
use crate::features::notices::model::NoticeKind;
use crate::features::parties::api::{CancelParty, JoinParty, RemoveMember};
use crate::features::parties::model::CancelForm;
use crate::features::parties::tests::{open, order, seen};
use crate::on_both;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{CommentId, PartyId};
use crate::shared::paging::PageAsk;
use crate::shared::time::Span;
use crate::testing::Actor;
use leptos::server_fn::ServerFn;
use std::sync::Arc;
use uuid::Uuid;

fn id() -> CommentId {
    CommentId(Uuid::now_v7())
}

async fn say_as(actor: &Actor, party: PartyId, key: CommentId, parent: Option<CommentId>, text: &str) -> Result<(), AppError> {
    actor.call(WriteComment { form: CommentForm { party, key, parent, text: text.to_owned() } }).await
}

/// Says something; its name.
async fn say(actor: &Actor, party: PartyId, text: &str) -> CommentId {
    let key = id();
    say_as(actor, party, key, None, text).await.expect("said");
    key
}

async fn answer(actor: &Actor, party: PartyId, parent: CommentId, text: &str) -> CommentId {
    let key = id();
    say_as(actor, party, key, Some(parent), text).await.expect("said");
    key
}

async fn ask(actor: &Actor, party: PartyId, query: ThreadQuery) -> ThreadView {
    actor.ask(ReadThread { party, query }).await.expect("a thread")
}

async fn read(actor: &Actor, party: PartyId) -> ThreadView {
    ask(actor, party, ThreadQuery::default()).await
}

async fn like(actor: &Actor, id: CommentId, likes: bool) -> Result<(), AppError> {
    actor.call(LikeComment { id, likes }).await
}

fn in_lines(lines: &[&str]) -> Vec<(String, String)> {
    lines
        .iter()
        .map(|line| line.split_once(": ").expect("a writer and words"))
        .map(|(who, words)| (who.to_owned(), words.to_owned()))
        .collect()
}

/// `text(answers, …)` of each; `-` for what was deleted.
fn look(comments: &[Comment]) -> String {
    let one = |comment: &Comment| {
        let text = if comment.author.is_none() { "-" } else { &comment.text };
        let to = comment.answers.as_ref().map(|name| format!("@{name} ")).unwrap_or_default();
        let under = if comment.replies.is_empty() { String::new() } else { format!("({})", look(&comment.replies)) };
        format!("{to}{text}{under}")
    };
    comments.iter().map(one).collect::<Vec<_>>().join(", ")
}

async fn told(actor: &Actor) -> Vec<(NoticeKind, i64)> {
    let list = actor.ask(ListNotices { page: PageAsk::default() }).await.expect("notices");
    list.page.rows.into_iter().filter(|notice| !notice.is_read).map(|notice| (notice.kind, notice.times)).collect()
}

on_both! {
    async fn what_is_said_stands_in_order_with_the_answers_under_it(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open(&mina, order()).await;
        assert_eq!(look(&read(&app.visitor(), party).await.comments), "");
        let first = say(&jun, party, "순살도 되나요?\r\n콜라는요? ").await;
        app.advance(Span::seconds(1));
        let second = say(&sol, party, "몇 시에 와요?").await;
        app.advance(Span::seconds(1));
        let reply = answer(&mina, party, first, "네").await;
        app.advance(Span::seconds(1));
        answer(&jun, party, reply, "고마워요").await;
        let view = read(&sol, party).await;
        assert_eq!(look(&view.comments), "몇 시에 와요?, 순살도 되나요?\n콜라는요?(네, @mina 고마워요)");
        assert_eq!((view.total, view.host, view.me, view.why_not), (4, mina.id(), Some(sol.id()), None));
        let oldest = ask(&app.visitor(), party, ThreadQuery { oldest: true, ..ThreadQuery::default() }).await;
        assert_eq!(oldest.comments.iter().map(|comment| comment.id).collect::<Vec<_>>(), [first, second]);
        assert_eq!((oldest.me, oldest.why_not), (None, Some(AppError::SignInRequired)));
        // The order counts them and shows the newest.
        let meal = seen(&sol, party).await;
        assert_eq!(meal.comments, 4);
        assert_eq!(meal.words, in_lines(&["sol: 몇 시에 와요?", "jun: 순살도 되나요? 콜라는요?"]));
        // Who is told: the host of what is said, writers of what answers them, nobody of their own words.
        assert_eq!(told(&mina).await, [(NoticeKind::Replied, 1), (NoticeKind::Commented, 2)]);
        assert_eq!(told(&jun).await, [(NoticeKind::Replied, 1)]);
        assert_eq!(told(&sol).await, []);
    }

    async fn saying_it_twice_says_it_once(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, order()).await;
        let key = id();
        let both = tokio::join!(say_as(&jun, party, key, None, "한 번만"), say_as(&jun, party, key, None, "한 번만"));
        assert_eq!(both, (Ok(()), Ok(())));
        let view = read(&mina, party).await;
        assert_eq!((look(&view.comments).as_str(), view.total), ("한 번만", 1));
        assert_eq!(told(&mina).await, [(NoticeKind::Commented, 1)]);
        // Other words under the same name, as from a page that the browser kept, are another comment.
        app.advance(Span::seconds(1));
        assert_eq!(say_as(&jun, party, key, None, "그리고 또").await, Ok(()));
        app.advance(Span::seconds(1));
        assert_eq!(say_as(&mina, party, key, None, "한 번만").await, Ok(()));
        let view = read(&mina, party).await;
        assert_eq!((look(&view.comments).as_str(), view.total), ("한 번만, 그리고 또, 한 번만", 3));
    }

    async fn comments_are_changed_and_deleted_by_their_writers(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open(&mina, order()).await;
        let alone = say(&jun, party, "혼자").await;
        app.advance(Span::seconds(1));
        let answered = say(&jun, party, "물어볼게요").await;
        let reply = answer(&sol, party, answered, "네").await;
        let edit = async |actor: &Actor, id, text: &str| actor.call(ChangeComment { form: CommentChange { id, text: text.to_owned() } }).await;
        assert_eq!(edit(&jun, alone, "혼자예요").await, Ok(()));
        assert_eq!(edit(&mina, alone, "나쁜 말").await, Err(AppError::NotFound), "not even the host");
        assert_eq!(mina.call(DeleteComment { id: alone }).await, Err(AppError::NotFound));
        assert_eq!(app.visitor().call(DeleteComment { id: alone }).await, Err(AppError::SignInRequired));
        let view = ask(&jun, party, ThreadQuery { oldest: true, edit: Some(alone), ..ThreadQuery::default() }).await;
        assert!(view.comments[0].is_edited && !view.comments[1].is_edited);
        assert_eq!(view.in_hand, Some(InHand::Edit { id: alone, text: "혼자예요".to_owned() }));
        assert_eq!(ask(&sol, party, ThreadQuery { edit: Some(alone), ..ThreadQuery::default() }).await.in_hand, None);
        // One that was not answered is gone; one that was leaves its place, and nothing of what it said.
        like(&sol, answered, true).await.expect("liked");
        for _ in 0..2 {
            assert_eq!(jun.call(DeleteComment { id: alone }).await, Ok(()));
            assert_eq!(jun.call(DeleteComment { id: answered }).await, Ok(()));
        }
        let view = read(&sol, party).await;
        assert_eq!((look(&view.comments).as_str(), view.total), ("-(네)", 1));
        assert!(!format!("{view:?}").contains("물어볼게요") && view.comments[0].likes == 0);
        let page = sol.get(&format!("/meals/{party}/comments")).await.body;
        assert!(page.contains("삭제된 댓글입니다") && !page.contains("물어볼게요"));
        assert!(seen(&sol, party).await.words.is_empty());
        assert_eq!(edit(&jun, answered, "다시").await, Err(AppError::NotFound));
        assert_eq!(say_as(&jun, party, id(), Some(answered), "늦은 답").await, Err(Conflict::Stale.into()));
        assert_eq!(like(&sol, answered, true).await, Err(AppError::NotFound));
        // With the last answer the place goes too.
        assert_eq!(sol.call(DeleteComment { id: reply }).await, Ok(()));
        let view = read(&sol, party).await;
        assert_eq!((look(&view.comments).as_str(), view.total), ("", 0));
    }

    async fn likes_are_exact(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        let jun = app.member("jun").await;
        let comment = say(&jun, party, "좋은 생각").await;
        assert_eq!(like(&jun, comment, true).await, Err(AppError::NotFound), "not one's own");
        assert_eq!(like(&app.visitor(), comment, true).await, Err(AppError::SignInRequired));
        let mut people = vec![mina.clone()];
        for n in 0..7 {
            people.push(app.member(&format!("p{n}")).await);
        }
        let count = async || read(&mina, party).await.comments[0].likes;
        // Everybody three times at once.
        let at_once = |likes: bool| {
            people.iter().cloned().flat_map(|person| std::iter::repeat_n(person, 3)).map(move |person| tokio::spawn(async move { like(&person, comment, likes).await })).collect::<Vec<_>>()
        };
        for task in at_once(true) {
            assert_eq!(task.await.expect("no panic"), Ok(()));
        }
        assert_eq!(count().await, 8);
        assert!(read(&mina, party).await.comments[0].is_liked && !read(&jun, party).await.comments[0].is_liked);
        for task in at_once(false) {
            assert_eq!(task.await.expect("no panic"), Ok(()));
        }
        assert_eq!(count().await, 0);
    }

    async fn many_writers_and_deleters_leave_exact_numbers(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        let top = say(&mina, party, "여기에").await;
        let app = Arc::new(app);
        let mut tasks = Vec::new();
        for n in 0..6 {
            let person = app.member(&format!("p{n}")).await;
            tasks.push(tokio::spawn(async move {
                let kept = answer(&person, party, top, "남는 답").await;
                let gone = answer(&person, party, kept, "지울 답").await;
                let alone = say(&person, party, "지울 말").await;
                let deleted = tokio::join!(
                    person.call(DeleteComment { id: gone }),
                    person.call(DeleteComment { id: gone }),
                    person.call(DeleteComment { id: alone }),
                    like(&person, top, true),
                );
                assert_eq!(deleted, (Ok(()), Ok(()), Ok(()), Ok(())));
            }));
        }
        for task in tasks {
            task.await.expect("no panic");
        }
        let view = read(&mina, party).await;
        assert_eq!((view.total, view.comments.len()), (7, 1));
        let top = &view.comments[0];
        assert_eq!((top.reply_count, top.likes, look(&top.replies).as_str()), (6, 6, "남는 답, 남는 답, 남는 답"), "the first three");
    }

    async fn long_threads_come_in_pages(app: TestApp) {
        let mina = app.member("mina").await;
        let people = [app.member("a").await, app.member("b").await, app.member("c").await, app.member("d").await];
        let party = open(&mina, order()).await;
        let first = say(&mina, party, "0").await;
        for n in 1..46 {
            // The same moment for some: their names tell them apart.
            if n % 3 == 0 {
                app.advance(Span::seconds(1));
            }
            if n % 15 == 0 {
                app.advance(Span::minutes(5));
            }
            say(&people[n % 4], party, &n.to_string()).await;
        }
        app.advance(Span::minutes(6));
        for oldest in [false, true] {
            let mut found = Vec::new();
            let mut query = ThreadQuery { oldest, ..ThreadQuery::default() };
            for most in [20, 20, 6] {
                let view = ask(&mina, party, query.clone()).await;
                assert_eq!((view.comments.len(), view.total), (most, 46));
                found.extend(view.comments.iter().map(|comment| comment.text.parse::<u32>().expect("a number")));
                query.after = view.next.map(|next| next.to_string());
            }
            assert_eq!(query.after, None);
            found.sort_unstable();
            assert_eq!(found, (0..46).collect::<Vec<_>>());
        }
        // Answers are shown three at a time, and on a page of their own.
        for n in 0..22 {
            app.advance(Span::minutes(1));
            answer(&people[n % 4], party, first, &format!("답 {n}")).await;
        }
        let view = ask(&mina, party, ThreadQuery { oldest: true, ..ThreadQuery::default() }).await;
        assert_eq!((look(&view.comments[0].replies).as_str(), view.comments[0].reply_count), ("답 0, 답 1, 답 2", 22));
        let of = ask(&mina, party, ThreadQuery { of: Some(first), ..ThreadQuery::default() }).await;
        assert_eq!((of.comments.len(), of.comments[0].replies.len()), (1, 20));
        let after = of.next.map(|next| next.to_string());
        let rest = ask(&mina, party, ThreadQuery { of: Some(first), after, ..ThreadQuery::default() }).await;
        assert_eq!((look(&rest.comments[0].replies).as_str(), rest.next), ("답 20, 답 21", None));
        // What stands in an address may be anything.
        for after in ["", "x", "1", "1.2", "-1.00000000000000000000000000000000"] {
            ask(&mina, party, ThreadQuery { after: Some(after.to_owned()), ..ThreadQuery::default() }).await;
        }
        assert_eq!(mina.ask(ReadThread { party, query: ThreadQuery { of: Some(id()), ..ThreadQuery::default() } }).await.map(drop), Err(AppError::NotFound));
    }

    async fn only_those_who_may_write_do(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open(&mina, order()).await;
        let other = open(&sol, order()).await;
        let hers = say(&sol, other, "여기는 다른 모임").await;
        jun.call(JoinParty { party }).await.expect("joined");
        let his = say(&jun, party, "안녕하세요").await;
        assert_eq!(say_as(&app.visitor(), party, id(), None, "안녕").await, Err(AppError::SignInRequired));
        assert_eq!(say_as(&jun, party, id(), Some(hers), "엉뚱한 데").await, Err(Conflict::Stale.into()), "an answer belongs where the question is");
        assert_eq!(say_as(&jun, PartyId(Uuid::now_v7()), id(), None, "없는 데").await, Err(AppError::NotFound));
        let long = "가".repeat(MAX_COMMENT + 1);
        for text in ["", " \n\u{200b}", &long, &"x".repeat(200_000)] {
            let refused = say_as(&jun, party, id(), None, text).await;
            assert!(matches!(refused, Err(AppError::Invalid(_) | AppError::TooLarge)), "{refused:?}");
        }
        mina.call(RemoveMember { party, person: jun.id() }).await.expect("removed");
        let banned = || Err(Conflict::Banned.into());
        assert_eq!(say_as(&jun, party, id(), None, "왜요").await, banned());
        assert_eq!(jun.call(ChangeComment { form: CommentChange { id: his, text: "왜요".to_owned() } }).await, banned());
        assert_eq!(read(&jun, party).await.why_not, Some(Conflict::Banned.into()));
        assert_eq!(jun.call(DeleteComment { id: his }).await, Ok(()), "what they said they can take back");
        let kept = say(&mina, party, "취소할게요").await;
        mina.call(CancelParty { form: CancelForm { party: Some(party), reason: String::new() } }).await.expect("cancelled");
        assert_eq!(mina.ask(ReadThread { party, query: ThreadQuery::default() }).await.map(drop), Err(AppError::NotFound));
        assert_eq!(say_as(&mina, party, id(), None, "아직").await, Err(AppError::NotFound));
        assert_eq!(like(&sol, kept, true).await, Err(AppError::NotFound));
        assert!(matches!(mina.ask(ReadMeal { id: party, banned: PageAsk::default() }).await, Ok(MealView::Cancelled(_))));
    }

    async fn what_a_blocked_person_says_is_folded_and_told_to_nobody_who_blocks_them(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, order()).await;
        mina.call(BlockPerson { person: jun.id(), blocks: true }).await.expect("blocked");
        let question = say(&mina, party, "질문 있나요?").await;
        say(&jun, party, "저요").await;
        answer(&jun, party, question, "여기요").await;
        assert_eq!(told(&mina).await, []);
        let folded = |view: &ThreadView| view.comments.iter().chain(view.comments.iter().flat_map(|comment| &comment.replies)).filter(|comment| comment.is_folded).count();
        assert_eq!((folded(&read(&mina, party).await), folded(&read(&jun, party).await), folded(&read(&app.visitor(), party).await)), (2, 0, 0));
        assert_eq!(seen(&mina, party).await.words, in_lines(&["mina: 질문 있나요?"]));
        assert_eq!(seen(&jun, party).await.words, in_lines(&["jun: 저요", "mina: 질문 있나요?"]));
        assert_eq!(seen(&mina, party).await.comments, 3);
        // Of everything else that they do the host hears as before.
        jun.call(JoinParty { party }).await.expect("joined");
        assert_eq!(told(&mina).await, [(NoticeKind::Joined, 1)]);
    }

    async fn script_tags_are_words(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        say(&mina, party, "<script>alert(1)</script> 👩‍👩‍👧 ㅎㅏㄴ").await;
        for path in [format!("/meals/{party}/comments"), format!("/meals/{party}")] {
            let page = mina.get(&path).await.body;
            assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert(1)"), "{path}");
        }
    }

    async fn a_plain_form_comes_back_to_the_thread(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        let page = format!("/meals/{party}/comments");
        let (about, key) = (party.to_string(), id().to_string());
        let fields = |text| [("form[party]", about.as_str()), ("form[key]", key.as_str()), ("form[text]", text)];
        let refused = mina.post_form(&page, WriteComment::PATH, &fields(" ")).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("하고 싶은 말을 적어 주세요."));
        let sent = mina.post_form(&page, WriteComment::PATH, &fields("안녕하세요")).await;
        assert_eq!((sent.status.as_u16(), sent.location()), (303, page.as_str()));
        let top = key.clone();
        let (reply, at) = (id().to_string(), format!("{page}?reply={top}"));
        assert!(mina.get(&at).await.body.contains("mina 님에게 답글"));
        let fields = [("form[party]", about.as_str()), ("form[key]", reply.as_str()), ("form[parent]", top.as_str()), ("form[text]", "답")];
        assert_eq!(mina.post_form(&at, WriteComment::PATH, &fields).await.location(), page);
        assert_eq!(look(&read(&mina, party).await.comments), "안녕하세요(답)");
    }
}
