//! What the host decides: who comes in, who goes, and whether it goes on.

use super::deeds::{Deed, Deeds};
use crate::features::chat::model::Person;
use crate::features::parties::api::{
    AcceptApplication, CancelParty, CloseParty, DeclineApplication, HandOverParty, LiftBan, RemoveMember, ReopenParty,
};
use crate::features::parties::model::{CancelForm, ClosedBy, Desk, MAX_NOTE, Request, Seated, State};
use crate::shared::ids::UserId;
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::{Avatar, ButtonKind, ButtonSize, Confirm, LinkButton, PostForm, SubmitButton, TextAreaField, TimeAgo};
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
    /// Where the form that changes it is.
    #[prop(into)]
    edit: String,
    /// The time of the answer.
    now: Timestamp,
) -> impl IntoView {
    let party = deeds.party;
    let cancel = deeds.form(CancelParty::PATH);
    let Desk { applications, waiting, banned } = desk;
    let others: Vec<Person> = members.into_iter().map(|seated| seated.person).filter(|person| person.id != host).collect();
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
        State::Closed(ClosedBy::Deadline) | State::Cancelled => ().into_any(),
    };
    let hint = match state {
        State::Open | State::Cancelled => None,
        State::Closed(ClosedBy::Full) => Some(t!("parties.desk.full")),
        State::Closed(ClosedBy::Deadline) => Some(t!("parties.desk.deadline")),
        State::Closed(ClosedBy::Host) => Some(t!("parties.desk.closed")),
    };
    let none = applications.is_empty() && waiting.is_empty() && others.is_empty() && banned.is_empty();
    view! {
        <section class="card card--dash desk" aria-labelledby="desk">
            <div class="sec__head">
                <h2 id="desk" tabindex="-1">{t!("parties.desk")}</h2>
                <span class="meta">{t!("parties.desk.private")}</span>
            </div>
            {none.then(|| view! { <p class="meta">{t!("parties.desk.none")}</p> }.into_any())}
            {applications_view(deeds, applications, now)}
            {waiting_view(waiting, now)}
            {members_view(deeds, others)}
            {banned_view(deeds, banned)}
            {hint.map(|hint| view! { <p class="meta">{hint}</p> }.into_any())}
            <div class="row">
                <LinkButton href=edit>{t!("parties.edit")}</LinkButton>
                {switch}
            </div>
            <Confirm label=t!("parties.cancel") question=t!("parties.cancel.question") text=t!("parties.cancel.text") open=cancel.is_retry()>
                <PostForm state=cancel attr:class="form grow" attr:novalidate=true on:submit:capture=cancel.check(|form: &CancelForm| form.parse().map(drop))>
                    <input type="hidden" name="form[party]" value=party.to_string() />
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
        </section>
    }
}

fn applications_view(deeds: Deeds, applications: Vec<Request>, now: Timestamp) -> Option<impl IntoView> {
    let count = applications.len();
    let rows = applications
        .into_iter()
        .map(|Request { person: Person { id: person, nickname }, message, at }| {
            view! {
                <li class="item">
                    <Avatar name=nickname.clone() />
                    <div class="grow">
                        <p><b>{nickname}</b>" "<span class="meta"><TimeAgo at now /></span></p>
                        {(!message.is_empty()).then(|| view! { <p>{message}</p> }.into_any())}
                    </div>
                    <div class="row">
                        <Deed
                            deeds
                            path=AcceptApplication::PATH
                            person
                            label=t!("parties.accept")
                            kind=ButtonKind::Soft
                            size=ButtonSize::Small
                        />
                        <Deed
                            deeds
                            path=DeclineApplication::PATH
                            person
                            label=t!("parties.decline")
                            kind=ButtonKind::Bare
                            size=ButtonSize::Small
                        />
                    </div>
                </li>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    (count > 0).then(|| view! { <div><h3>{t!("parties.applications", count = count)}</h3><ul class="list">{rows}</ul></div> }.into_any())
}

fn waiting_view(waiting: Vec<Request>, now: Timestamp) -> Option<impl IntoView> {
    let count = waiting.len();
    let rows = waiting
        .into_iter()
        .map(|Request { person, at, .. }| {
            view! {
                <li class="item">
                    <Avatar name=person.nickname.clone() />
                    <p class="grow"><b>{person.nickname}</b>" "<span class="meta"><TimeAgo at now /></span></p>
                </li>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    (count > 0).then(|| view! { <div><h3>{t!("parties.waiting", count = count)}</h3><ol class="list">{rows}</ol></div> }.into_any())
}

fn members_view(deeds: Deeds, others: Vec<Person>) -> Option<impl IntoView> {
    let is_empty = others.is_empty();
    let rows = others
        .into_iter()
        .map(|Person { id: person, nickname }| {
            view! {
                <li class="item item--wrap">
                    <Avatar name=nickname.clone() />
                    <b class="grow">{nickname.clone()}</b>
                    <Confirm
                        label=t!("parties.hand_over")
                        question=t!("parties.hand_over.question", name = nickname)
                        text=t!("parties.hand_over.text")
                        kind=ButtonKind::Bare
                        size=ButtonSize::Small
                    >
                        <Deed
                            deeds
                            path=HandOverParty::PATH
                            person
                            label=t!("parties.hand_over")
                            size=ButtonSize::Small
                        />
                    </Confirm>
                    <Confirm
                        label=t!("parties.remove")
                        question=t!("parties.remove.question", name = nickname)
                        text=t!("parties.remove.text")
                        size=ButtonSize::Small
                    >
                        <Deed
                            deeds
                            path=RemoveMember::PATH
                            person
                            label=t!("parties.remove")
                            kind=ButtonKind::Danger
                            size=ButtonSize::Small
                        />
                    </Confirm>
                </li>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    (!is_empty).then(|| view! { <div><h3>{t!("parties.desk.members")}</h3><ul class="list">{rows}</ul></div> }.into_any())
}

fn banned_view(deeds: Deeds, banned: Vec<Person>) -> Option<impl IntoView> {
    let is_empty = banned.is_empty();
    let rows = banned
        .into_iter()
        .map(|Person { id: person, nickname }| {
            view! {
                <li class="item">
                    <Avatar name=nickname.clone() />
                    <b class="grow">{nickname}</b>
                    <Deed
                        deeds
                        path=LiftBan::PATH
                        person
                        label=t!("parties.lift")
                        kind=ButtonKind::Soft
                        size=ButtonSize::Small
                    />
                </li>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    (!is_empty).then(|| view! { <div><h3>{t!("parties.banned")}</h3><ul class="list">{rows}</ul></div> }.into_any())
}
