//! Many people at once.

use super::*;
use crate::features::notices::api::ListNotices;
use crate::features::notices::model::{Notice, NoticeKind};
use crate::on_both;
use crate::shared::paging::PageAsk;
use crate::shared::time::Span;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many things at the same time; how each ended.
async fn together<T: Send + 'static>(all: Vec<impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let tasks: Vec<_> = all.into_iter().map(tokio::spawn).collect();
    let mut ended = Vec::new();
    for task in tasks {
        ended.push(task.await.expect("no panic"));
    }
    ended
}

async fn crowd(app: &TestApp, size: usize) -> Vec<Actor> {
    let mut people = Vec::new();
    for n in 0..size {
        people.push(app.member(&format!("이웃{n}")).await);
    }
    people
}

/// Something that somebody does, to be started together with others.
type Deed = std::pin::Pin<Box<dyn Future<Output = Result<(), AppError>> + Send>>;

/// Counts the statements of this thread. (Those of SQLite run in a thread of their own.)
#[derive(Clone, Default)]
struct Statements(Arc<AtomicUsize>);

impl tracing::Subscriber for Statements {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn event(&self, _event: &tracing::Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn new_span(&self, _span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _span: &tracing::span::Id, _values: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _span: &tracing::span::Id, _follows: &tracing::span::Id) {}

    fn enter(&self, _span: &tracing::span::Id) {}

    fn exit(&self, _span: &tracing::span::Id) {}
}

on_both! {
    async fn a_line_of_many_moves_up_in_as_many_statements_as_one_of_two(app: TestApp) {
        let mina = app.member("mina").await;
        let people = crowd(&app, 9).await;
        let mut counts = Vec::new();
        for waiting in [2, 8] {
            let party = open_with(&mina, 2).await;
            join(&people[8], party).await.expect("a seat");
            for person in &people[..waiting] {
                app.advance(Span(1));
                wait(person, party).await.expect("in line");
            }
            let mut tx = app.state.db.begin().await.expect("a transaction");
            crate::execute!(tx, "update parties set seats = 10 where id = $1", party).expect("more seats");
            let statements = Statements::default();
            let counted = tracing::subscriber::set_default(statements.clone());
            let news = crate::features::parties::store::vacate(&mut tx, party, people[8].id(), app.now()).await.expect("a freed seat");
            drop(counted);
            tx.commit().await.expect("committed");
            news.tell(&app.state.hub);
            counts.push(statements.0.load(Ordering::Relaxed));
            let held = held(&app, party).await;
            assert_eq!((held.taken as usize, held.waiting.len(), held.members == held.in_room), (1 + waiting, 0, true));
            let joined: Vec<_> = notices(&app, party).await.into_iter().filter(|(code, _)| code == "joined").map(|(_, who)| who).collect();
            let line: Vec<_> = people[..waiting].iter().map(|person| person.nickname().to_owned()).collect();
            assert_eq!(joined[1..], line, "in the order of the line");
            let told = mina.ask(ListNotices { page: PageAsk::default() }).await.expect("notices").page.rows;
            let joined = told.iter().find(|notice| notice.party == party && notice.kind == NoticeKind::Joined).expect("the host is told");
            // The one who had joined before them is told of in the same notice.
            assert_eq!((joined.times as usize, joined.actor.as_deref()), (1 + waiting, line.last().map(String::as_str)));
            for person in &people[..waiting] {
                let told = person.ask(ListNotices { page: PageAsk::default() }).await.expect("notices").page.rows;
                let seated = |notice: &&Notice| notice.party == party && notice.kind == NoticeKind::Seated;
                assert_eq!(told.iter().filter(seated).map(|notice| notice.times).collect::<Vec<_>>(), [1]);
            }
        }
        assert_eq!(counts[0], counts[1]);
    }

    async fn two_hundred_joins_on_three_seats(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open_with(&mina, 4).await;
        let joins = crowd(&app, 200).await.into_iter().map(|person| async move { join(&person, party).await }).collect();
        let ended = together(joins).await;
        assert_eq!(ended.iter().filter(|end| end.is_ok()).count(), 3);
        assert_eq!(ended.iter().filter(|end| **end == no(Conflict::Full)).count(), 197);
        let held = held(&app, party).await;
        assert_eq!((held.taken, held.members.len(), held.closed_by.as_deref()), (4, 4, Some("full")));
        assert_eq!(held.in_room, held.members);
        assert_eq!(notices(&app, party).await.len(), 4, "three came in, then it closed");
    }

    async fn one_person_with_many_tabs_takes_one_seat(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open_with(&mina, 4).await;
        // As many as may come.
        let joins = (0..6).map(|_| jun.clone()).map(|tab| async move { join(&tab, party).await }).collect();
        assert!(together(joins).await.iter().all(Result::is_ok));
        assert_eq!(held(&app, party).await.taken, 2);
        let leaves = (0..20).map(|_| jun.clone()).map(|tab| async move { leave(&tab, party).await }).collect();
        assert!(together(leaves).await.iter().all(Result::is_ok));
        assert_eq!(held(&app, party).await.taken, 1);
    }

    async fn two_tabs_of_the_host_close_and_open_at_once(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open_with(&mina, 2).await;
        let presses = (0..20)
            .map(|n| (n, mina.clone()))
            .map(|(n, tab)| async move { if n % 2 == 0 { tab.call(CloseParty { party }).await } else { tab.call(ReopenParty { party }).await } })
            .collect();
        assert!(together(presses).await.iter().all(Result::is_ok));
        mina.call(ReopenParty { party }).await.expect("open");
        assert_eq!(held(&app, party).await.state, "open");
        assert_eq!(join(&jun, party).await, Ok(()));
        // What the room heard alternates: nothing was closed twice.
        let said: Vec<String> = notices(&app, party).await.into_iter().map(|(code, _)| code).filter(|code| code != "joined").collect();
        assert!(said.iter().zip(&said[1..]).all(|(one, next)| one != next), "{said:?}");
    }

    async fn a_removal_and_the_joins_of_the_removed_one(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open_with(&mina, 4).await;
        join(&jun, party).await.expect("a seat");
        let mut all: Vec<Deed> = Vec::new();
        for _ in 0..10 {
            let (tab, host, person) = (jun.clone(), mina.clone(), jun.id());
            all.push(Box::pin(async move { join(&tab, party).await }));
            all.push(Box::pin(async move { remove(&host, party, person).await }));
        }
        together(all).await;
        let held = held(&app, party).await;
        assert_eq!((held.members, held.banned, held.taken), (vec![mina.id()], vec![jun.id()], 1));
    }

    async fn leaving_and_waiting_at_once_lose_nobody(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open_with(&mina, 4).await;
        let people = crowd(&app, 13).await;
        for person in &people[..3] {
            join(person, party).await.expect("a seat");
        }
        let mut all: Vec<Deed> = Vec::new();
        for (n, person) in people.into_iter().enumerate() {
            all.push(Box::pin(async move { if n < 3 { leave(&person, party).await } else { wait(&person, party).await } }));
        }
        together(all).await;
        let held = held(&app, party).await;
        assert_eq!(i32::try_from(held.members.len()), Ok(held.taken));
        assert!(held.taken == held.seats || held.waiting.is_empty(), "nobody waits for a seat that is free: {held:?}");
        assert_eq!(held.in_room, held.members);
    }

    async fn a_form_sent_many_times_opens_one_order(app: TestApp) {
        let mina = app.member("mina").await;
        let form = order();
        let id: PartyId = form.key.parse().expect("an id");
        let sends = (0..10).map(|_| (mina.clone(), form.clone())).map(|(tab, form)| async move { tab.call(OpenMeal { form }).await }).collect();
        assert!(together(sends).await.iter().all(Result::is_ok));
        assert_eq!(held(&app, id).await.members, [mina.id()]);
        let mut conn = app.state.db.read().await.expect("a connection");
        let (rooms,): (i64,) = fetch_one!(conn, (i64,), "select count(*) from rooms").expect("a count");
        assert_eq!(rooms, 1, "no room is left without a party");
    }
}
