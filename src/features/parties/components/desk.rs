//! What the host decides: who comes in, who goes, and whether it goes on.

use super::deeds::{Deed, Deeds};
use super::seating::stage_label;
use crate::features::chat::model::Person;
use crate::features::parties::api::{
    AcceptApplication, AdvanceParty, CancelParty, CloseParty, DeclineApplication, HandOverParty, LiftBan, RemoveMember, ReopenParty,
};
use crate::features::parties::model::{CancelForm, ClosedBy, Desk, MAX_NOTE, Request, Seated, Stage, State};
use crate::shared::ids::{ImageId, UserId};
use crate::shared::names::{called, is_closed};
use crate::shared::paging::{Page, page_href};
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::{Avatar, ButtonKind, ButtonSize, Confirm, LinkButton, PageNumbers, Pager, PostForm, SubmitButton, TextAreaField, TimeAgo};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The box that only the host sees.
#[component]
pub fn HostDesk(
    /// What can be done.
    deeds: Deeds,
    /// Who asks, waits and was removed.
    desk: Desk,
    /// Who sits there.
    members: Vec<Seated>,
    /// The host.
    host: UserId,
    /// The state that the host sees.
    state: State,
    /// Where the page of the party is.
    page: String,
    /// The time of the answer.
    now: Timestamp,
) -> impl IntoView {
    let Desk { applications, waiting, banned } = desk;
    let is_over = state == State::UnderWay(Stage::Settled);
    // Once it is ordered nobody comes back.
    let has_ordered = matches!(state, State::UnderWay(_));
    let banned = if has_ordered { Page::empty() } else { banned };
    let others: Vec<Person> = members.into_iter().map(|seated| seated.person).filter(|person| person.id != host && !is_over).collect();
    let switch = match state {
        State::Open | State::Closed(ClosedBy::Full) => view! {
            <Deed
                deeds
                path=CloseParty::PATH
                label=t!("parties.close")
                kind=ButtonKind::Line
            />
        }
        .into_any(),
        State::Closed(ClosedBy::Host) => view! {
            <Deed
                deeds
                path=ReopenParty::PATH
                label=t!("parties.reopen")
                kind=ButtonKind::Line
            />
        }
        .into_any(),
        State::Closed(ClosedBy::Deadline) | State::UnderWay(_) | State::Cancelled | State::Ended => ().into_any(),
    };
    let hint = match state {
        State::Open | State::Cancelled => None,
        State::Closed(ClosedBy::Full) => Some(t!("parties.desk.full")),
        State::Closed(ClosedBy::Deadline) | State::Ended => Some(t!("parties.desk.deadline")),
        State::Closed(ClosedBy::Host) => Some(t!("parties.desk.closed")),
        State::UnderWay(Stage::Ordered) => Some(t!("parties.desk.ordered")),
        State::UnderWay(Stage::Arrived) => Some(t!("parties.desk.arrived")),
        State::UnderWay(Stage::Settled) => Some(t!("parties.desk.settled")),
    };
    let edit = format!("{page}/edit");
    let is_gathering = state.ended().is_none();
    let none = is_gathering && applications.is_empty() && waiting.is_empty() && others.is_empty() && banned.rows.is_empty();
    view! {
        <section class="card card--dash desk" aria-labelledby="desk">
            <div class="sec__head">
                <h2 id="desk" tabindex="-1">{t!("parties.desk")}</h2>
                <span class="meta">{t!("parties.desk.private")}</span>
            </div>
            {none.then(|| view! { <p class="meta">{t!("parties.desk.none")}</p> }.into_any())}
            {applications_view(deeds, applications, now)}
            {waiting_view(waiting, now)}
            {members_view(deeds, others, has_ordered)}
            {banned_view(deeds, banned, page)}
            {hint.map(|hint| view! { <p class="meta">{hint}</p> }.into_any())}
            {next_stage(deeds, state)}
            {is_gathering.then(move || view! { <div class="row"><LinkButton href=edit>{t!("parties.edit")}</LinkButton>{switch}</div> }.into_any())}
            {is_gathering.then(|| calling_off(deeds))}
        </section>
    }
}

/// What comes next once nobody comes in any more.
fn next_stage(deeds: Deeds, state: State) -> Option<AnyView> {
    let (to, label, text) = match state {
        State::Closed(_) | State::Ended => (Stage::Ordered, t!("parties.advance.ordered"), t!("parties.advance.ordered.text")),
        State::UnderWay(Stage::Ordered) => (Stage::Arrived, t!("parties.advance.arrived"), t!("parties.advance.arrived.text")),
        // Settling has a page of its own.
        State::Open | State::UnderWay(Stage::Arrived | Stage::Settled) | State::Cancelled => return None,
    };
    let question = t!("parties.advance.question", stage = stage_label(to));
    let deed = view! { <Deed deeds path=AdvanceParty::PATH to label=t!("parties.advance.send") /> };
    Some(view! { <Confirm label question text kind=ButtonKind::Main>{deed}</Confirm> }.into_any())
}

/// Calling it off, with a reason.
fn calling_off(deeds: Deeds) -> AnyView {
    let cancel = deeds.form(CancelParty::PATH);
    view! {
            <Confirm label=t!("parties.cancel") question=t!("parties.cancel.question") text=t!("parties.cancel.text") open=cancel.is_retry()>
                <PostForm state=cancel attr:class="form grow" attr:novalidate=true on:submit:capture=cancel.check(|form: &CancelForm| form.parse().map(drop))>
                    <input type="hidden" name="form[party]" value=deeds.party.to_string() />
                    <TextAreaField
                        name="form[reason]"
                        label=t!("parties.cancel.reason")
                        value=cancel.value("form[reason]", "")
                        error=cancel.field("reason")
                        hint=t!("parties.cancel.hint")
                        rows=2
                        maxlength=MAX_NOTE as u32
                    />
                    <SubmitButton label=t!("parties.cancel.send") pending=cancel.pending kind=ButtonKind::Danger />
                </PostForm>
            </Confirm>
    }
    .into_any()
}

/// People under a heading; nothing when there are none. One shape for all of them: each of its own would be another piece of
/// the browser's program.
fn group(title: String, rows: Vec<AnyView>) -> Option<AnyView> {
    (!rows.is_empty()).then(|| view! { <div><h3>{title}</h3><ul class="list">{rows}</ul></div> }.into_any())
}

/// A person, since when, what they say, and what can be done.
fn row(nickname: String, face: Option<ImageId>, since: Option<(Timestamp, Timestamp)>, says: String, acts: Option<AnyView>) -> AnyView {
    let name = called(&nickname);
    let since = since.map(|(at, now)| view! { " "<span class="meta"><TimeAgo at now /></span> }.into_any());
    let says = (!says.is_empty()).then(|| view! { <p>{says}</p> }.into_any());
    view! {
        <li class="item">
            <Avatar name=nickname face />
            <div class="grow"><p><b>{name}</b>{since}</p>{says}</div>
            <div class="row">{acts}</div>
        </li>
    }
    .into_any()
}

/// A small button that does something to somebody.
fn deed(deeds: Deeds, path: &'static str, person: UserId, label: String, kind: ButtonKind) -> AnyView {
    view! { <Deed deeds path person label kind size=ButtonSize::Small /> }.into_any()
}

fn applications_view(deeds: Deeds, applications: Vec<Request>, now: Timestamp) -> Option<AnyView> {
    let count = applications.len();
    let rows = applications.into_iter().map(|Request { person: Person { id, nickname, face }, message, at }| {
        let accept = deed(deeds, AcceptApplication::PATH, id, t!("parties.accept"), ButtonKind::Soft);
        let decline = deed(deeds, DeclineApplication::PATH, id, t!("parties.decline"), ButtonKind::Bare);
        row(nickname, face, Some((at, now)), message, Some(vec![accept, decline].into_any()))
    });
    group(t!("parties.applications", count = count), rows.collect())
}

fn waiting_view(waiting: Vec<Request>, now: Timestamp) -> Option<AnyView> {
    let count = waiting.len();
    let rows =
        waiting.into_iter().map(|Request { person, at, .. }| row(person.nickname, person.face, Some((at, now)), String::new(), None));
    group(t!("parties.waiting", count = count), rows.collect())
}

fn members_view(deeds: Deeds, others: Vec<Person>, has_ordered: bool) -> Option<AnyView> {
    let rows = others.into_iter().map(|Person { id, nickname, face }| {
        let hand_over = deed(deeds, HandOverParty::PATH, id, t!("parties.hand_over"), ButtonKind::Main);
        let remove = deed(deeds, RemoveMember::PATH, id, t!("parties.remove"), ButtonKind::Danger);
        // Nobody leads with an account that is closed.
        let hand_over = (!is_closed(&nickname)).then(|| {
            sure(
                t!("parties.hand_over"),
                t!("parties.hand_over.question", name = called(&nickname)),
                t!("parties.hand_over.text"),
                ButtonKind::Bare,
                hand_over,
            )
        });
        let acts = vec![
            hand_over.into_any(),
            sure(
                t!("parties.remove"),
                t!("parties.remove.question", name = called(&nickname)),
                if has_ordered { t!("parties.remove.ordered") } else { t!("parties.remove.text") },
                ButtonKind::Danger,
                remove,
            ),
        ];
        row(nickname, face, None, String::new(), Some(acts.into_any()))
    });
    group(t!("parties.desk.members"), rows.collect())
}

/// Asks before it is done.
fn sure(label: String, question: String, text: String, kind: ButtonKind, deed: AnyView) -> AnyView {
    view! { <Confirm label question text kind size=ButtonSize::Small>{deed}</Confirm> }.into_any()
}

fn banned_view(deeds: Deeds, banned: Page<Person>, path: String) -> AnyView {
    let numbers = PageNumbers::from(&banned);
    let rows = banned.rows.into_iter().map(|Person { id, nickname, face }| {
        row(nickname, face, None, String::new(), Some(deed(deeds, LiftBan::PATH, id, t!("parties.lift"), ButtonKind::Soft)))
    });
    let people = group(t!("parties.banned"), rows.collect());
    view! { {people}<Pager page=numbers href=move |number, after| page_href(&path, number, after) + "#desk"/> }.into_any()
}
