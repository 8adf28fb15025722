//! The one thing that a viewer can do next at a party.

use super::deeds::{Deed, Deeds};
use crate::features::parties::api::{ApplyToParty, JoinParty, LeaveParty, WaitForSeat, WithdrawRequest};
use crate::features::parties::model::{ApplyForm, ClosedBy, Joining, MAX_NOTE, Stage, Standing, State};
use crate::shared::ids::RoomId;
use crate::t;
use crate::ui::{ButtonKind, Confirm, Icon, IconName, LinkButton, PostForm, SubmitButton, TextAreaField};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Whether somebody who does not sit there can still sit down, ask or get in line.
#[must_use]
pub const fn can_come(state: State) -> bool {
    matches!(state, State::Open | State::Closed(ClosedBy::Full))
}

/// What a stage is called.
#[must_use]
pub fn stage_label(stage: Stage) -> String {
    match stage {
        Stage::Ordered => t!("parties.state.ordered"),
        Stage::Arrived => t!("parties.state.arrived"),
        Stage::Settled => t!("parties.state.settled"),
    }
}

/// The button for a viewer: join, apply, wait, withdraw, chat and leave, or where else to look.
#[component]
pub fn Seating(
    /// What can be done.
    deeds: Deeds,
    /// How the viewer stands to the party.
    standing: Standing,
    /// The state that the viewer sees.
    state: State,
    /// How people come in.
    joining: Joining,
    /// Its room, for members.
    room: Option<RoomId>,
    /// The address of its page.
    #[prop(into)]
    path: String,
    /// The address of the list it is in.
    #[prop(into)]
    list: String,
) -> impl IntoView {
    let chat = room.map(|room| {
        view! { <LinkButton href=format!("/chat/{room}") kind=ButtonKind::Main><Icon name=IconName::Chat small=true />{t!("parties.chat")}</LinkButton> }.into_any()
    });
    match standing {
        Standing::Host => chat.into_any(),
        // Who has ordered with the others stays.
        Standing::Member if state.ended().is_some() => chat.into_any(),
        Standing::Member => view! {
            {chat}
            <Confirm label=t!("parties.leave") question=t!("parties.leave.question") text=t!("parties.leave.text")>
                <Deed
                    deeds
                    path=LeaveParty::PATH
                    label=t!("parties.leave")
                    kind=ButtonKind::Danger
                />
            </Confirm>
        }
        .into_any(),
        Standing::Applied | Standing::Waiting { .. } => {
            let label = if standing == Standing::Applied { t!("parties.withdraw.application") } else { t!("parties.withdraw.place") };
            view! { <Deed deeds path=WithdrawRequest::PATH label kind=ButtonKind::Soft /> }.into_any()
        }
        Standing::Visitor if can_come(state) => {
            let label = match (state, joining) {
                (_, Joining::Approval) => t!("parties.apply"),
                (State::Open, Joining::Direct) => t!("parties.join"),
                _ => t!("parties.wait"),
            };
            view! { <LinkButton href=format!("/sign-in?next={path}") kind=ButtonKind::Main>{label}</LinkButton> }.into_any()
        }
        Standing::Stranger if can_come(state) => match (state, joining) {
            (_, Joining::Approval) => view! { <Apply deeds /> }.into_any(),
            (State::Open, Joining::Direct) => view! { <Deed deeds path=JoinParty::PATH label=t!("parties.join") /> }.into_any(),
            _ => view! { <Deed deeds path=WaitForSeat::PATH label=t!("parties.wait") /> }.into_any(),
        },
        Standing::Visitor | Standing::Stranger | Standing::Banned => {
            view! { <LinkButton href=list>{t!("parties.others")}</LinkButton> }.into_any()
        }
    }
}

/// Asking the host, with a word.
#[component]
fn Apply(deeds: Deeds) -> impl IntoView {
    let apply = deeds.form(ApplyToParty::PATH);
    view! {
        <Confirm label=t!("parties.apply") question=t!("parties.apply.question") kind=ButtonKind::Main open=apply.is_retry()>
            <PostForm state=apply attr:class="form grow" attr:novalidate=true on:submit:capture=apply.check(|form: &ApplyForm| form.parse().map(drop))>
                <input type="hidden" name="form[party]" value=deeds.party.to_string() />
                <TextAreaField
                    name="form[message]"
                    label=t!("parties.apply.message")
                    value=apply.value("form[message]", "")
                    error=apply.field("message")
                    hint=t!("parties.apply.hint")
                    rows=2
                    maxlength=MAX_NOTE as u32
                />
                <SubmitButton label=t!("parties.apply.send") pending=apply.pending />
            </PostForm>
        </Confirm>
    }
}
