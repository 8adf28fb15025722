//! The people of a room.

use crate::device::{self, RwSignal, StoredValue};
use crate::features::accounts::components::named;
use crate::features::chat::api::{LeaveRoom, MuteRoom};
use crate::features::chat::model::{RoomKind, RoomMember};
use crate::live::client::Live;
use crate::live::protocol::Down;
use crate::shared::error::AppError;
use crate::shared::ids::{RoomId, UserId};
use crate::t;
use crate::ui::{
    Avatar, Badge, BadgeKind, ButtonKind, ButtonSize, Confirm, ErrorSummary, Icon, IconName, LinkButton, PostForm, SubmitButton, focus,
    part, rows, submission, words,
};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// Where there is no place for them beside the talk, the people lie above it, at an address of their own.
#[derive(Clone, Copy, Debug)]
pub struct Drawer {
    /// Whether they do now.
    pub is_open: RwSignal<bool>,
    /// Whether it was opened on this page: the one before in the history is the same one without it.
    pub is_own: RwSignal<bool>,
}

/// Who is in the room, and the way out of it.
#[component]
pub fn Members(
    /// Which room.
    room: RoomId,
    /// What it is.
    kind: RoomKind,
    /// Who looks.
    me: UserId,
    /// Everybody in it.
    members: RwSignal<Vec<RoomMember>>,
    /// Who is writing now.
    #[prop(into)]
    typing: Signal<Vec<(UserId, String)>>,
    /// Whether the room is silent for the reader.
    is_muted: bool,
    /// What they lie in above the talk.
    drawer: Drawer,
) -> impl IntoView {
    let navigate = use_navigate();
    let close = Callback::new(move |()| {
        if drawer.is_own.get_untracked() {
            device::go_back();
        } else {
            // In the place of the open one: the way back leads out of the room, not to the drawer.
            navigate(&format!("/chat/{room}"), NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
        }
    });
    let on_link = move |ev: MouseEvent| {
        ev.prevent_default();
        close.run(());
    };
    device::effect(move || {
        // Wherever the focus is. A question in the drawer closes first, and says that it has taken the key.
        let keys = window_event_listener(leptos::ev::keydown, move |ev| {
            if ev.key() == "Escape" && drawer.is_open.get_untracked() && !ev.default_prevented() {
                close.run(());
            }
        });
        on_cleanup(move || keys.remove());
    });
    // The focus goes into the drawer, and back to what has opened it.
    let was_open = StoredValue::new(false);
    device::effect(move || {
        let is_open = drawer.is_open.get();
        if is_open {
            // Once the style sheet shows it.
            device::next_frame(|| focus("people-shut"));
        } else if was_open.get_value() {
            focus("people-open");
        }
        was_open.set_value(is_open);
    });
    let leave = submission(LeaveRoom::PATH);
    let foot = match &kind {
        RoomKind::Direct { .. } => view! {
            <Confirm label=t!("chat.leave") question=t!("chat.leave.question") text=t!("chat.leave.text") size=ButtonSize::Small>
                <PostForm state=leave>
                    <input type="hidden" name="room" value=room.to_string()/>
                    <SubmitButton label=t!("chat.leave.yes") pending=leave.pending kind=ButtonKind::Danger size=ButtonSize::Small/>
                </PostForm>
            </Confirm>
        }
        .into_any(),
        RoomKind::Party { party, .. } => {
            view! { <LinkButton href=format!("/meals/{party}") size=ButtonSize::Small>{t!("chat.party")}</LinkButton> }.into_any()
        }
    };
    view! {
        <a class="veil" href=format!("/chat/{room}") tabindex="-1" aria-hidden="true" on:click=on_link></a>
        <aside class="pane members" id="members" aria-labelledby="who">
            <header class="appbar">
                <h2 class="grow" id="who">{words(move || Some(t!("chat.members", count = members.with(Vec::len))))}</h2>
                <a class="tool members__shut" id="people-shut" href=format!("/chat/{room}") aria-label=t!("chat.members.close") on:click=on_link><Icon name=IconName::Close/></a>
            </header>
            <div class="pane__scroll">
                <ul class="list">
                    {rows(
                        move || members.get(),
                        |member| (member.person.id, member.host, member.person.nickname.clone()),
                        move |member| view! { <MemberRow member me typing/> },
                    )}
                </ul>
            </div>
            <div class="members__foot"><Mute room is_muted/>{foot}</div>
        </aside>
    }
}

/// A button that is down while the room is silent.
#[component]
fn Mute(room: RoomId, is_muted: bool) -> impl IntoView {
    let muted = RwSignal::new(is_muted);
    let wanted = StoredValue::new(is_muted);
    let form = submission(MuteRoom::PATH).then(Callback::new(move |(_, error): (&'static str, Option<AppError>)| {
        // The page may be gone by now.
        if let Some(wanted) = wanted.try_get_value().filter(|_| error.is_none()) {
            let _ = muted.try_set(wanted);
        }
    }));
    // It may be pressed on another page of the reader's.
    let live = Live::of_page();
    device::effect(move || {
        live.listen(move |down| match down {
            Down::Muted { room: there, is_muted } if *there == room => muted.set(*is_muted),
            Down::Ready { muted: all, .. } => muted.set(all.contains(&room)),
            _ => {}
        });
    });
    let next = move || if muted.get() { "false" } else { "true" };
    let pressed = move || if muted.get() { "true" } else { "false" };
    view! {
        <ErrorSummary error=form.error/>
        <PostForm state=form on:submit:capture=move |_| wanted.set_value(!muted.get_untracked())>
            <input type="hidden" name="room" value=room.to_string()/>
            <input type="hidden" name="mutes" value=next/>
            <button class="btn btn--s" aria-pressed=pressed><Icon name=IconName::Bell small=true/>{t!("chat.mute")}</button>
        </PostForm>
    }
}

#[component]
fn MemberRow(member: RoomMember, me: UserId, typing: Signal<Vec<(UserId, String)>>) -> impl IntoView {
    let RoomMember { person, host, .. } = member;
    let id = person.id;
    let name = if id == me {
        view! { <b class="grow">{person.nickname.clone()}</b> }.into_any()
    } else {
        let now = part(move || {
            let is_typing = typing.with(|typing| typing.iter().any(|(user, _)| *user == id));
            is_typing.then(|| view! { <span class="meta members__now">{t!("chat.members.typing")}</span> }.into_any())
        });
        view! {
            <span class="grow">
                {named(&person.nickname)}
                {now}
            </span>
        }
        .into_any()
    };
    view! {
        <li class="item">
            <Avatar name=person.nickname face=person.face/>
            {name}
            {host.then(|| view! { <Badge>{t!("chat.members.host")}</Badge> }.into_any())}
            {(id == me).then(|| view! { <Badge kind=BadgeKind::You>{t!("chat.members.me")}</Badge> }.into_any())}
        </li>
    }
}
