//! One room: its log, live, and what is being written.

use super::bubbles::{LineView, UnsentView, quoted};
use super::composer::Composer;
use super::room_state::Thread;
use super::rooms_pane::{door_icon, door_name};
use super::{Drawer, Gone, Members};
use crate::device::{self, Memo, RwSignal, StoredValue};
use crate::features::chat::api::MarkRead;
use crate::features::chat::model::{CHANGEABLE, Content, Deal, Door, Message, Quote, RoomKind, RoomView, Stage};
use crate::features::chat::thread::{LineKey, folds, lines};
use crate::live::client::{Link, Live};
use crate::shared::ids::{RoomId, SendId, Seq};
use crate::shared::names::{called, is_closed};
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::time::moment_text;
use crate::ui::{Banner, Icon, IconName, SeatDots, Tile, Title, focus, part, rows, words};
use leptos::html;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_location;

/// Nearer to the newest message than this, in pixels, the reader follows it.
const AT_END: i32 = 60;
/// Nearer to the oldest message than this, in pixels, older ones are fetched.
const NEAR_TOP: i32 = 400;

/// A room with its people.
#[component]
pub fn Talk(
    /// The room.
    view: RoomView,
    /// The room that the page is about; until that has come, this one is still shown.
    current: Memo<Option<RoomId>>,
    /// Whether its people lie above it.
    drawer: Drawer,
    /// The message that is about to be answered, if the page came by its link.
    answered: Option<Seq>,
) -> impl IntoView {
    let mut view = view;
    let thread = Thread::new(&mut view);
    let is_part = thread.past.get_untracked();
    let RoomView { room, kind, read, last, send_id, now, is_muted, .. } = view;
    let me = thread.me;
    device::effect(move || thread.follow());
    device::effect(move || thread.tell_read());
    let reply = RwSignal::new(
        thread.messages.with_untracked(|messages| messages.iter().find(|message| Some(message.seq) == answered).and_then(quoted)),
    );
    // What is about to be answered may say something else by then.
    device::effect(move || {
        thread.messages.with(|messages| {
            let is_old = |quote: &Quote| messages.iter().any(|message| matches!(message.content, Content::Change { target, .. } if target == quote.seq && message.seq > quote.changed));
            if reply.with_untracked(|reply| reply.as_ref().is_some_and(is_old)) {
                reply.set(None);
            }
        });
    });
    let area = NodeRef::<html::Textarea>::new();
    let answer = Callback::new(move |quote: Quote| {
        reply.set(Some(quote));
        focus("say");
    });
    // Who has come here goes on with the keyboard where they write, unless they have begun elsewhere on a fresh document.
    let has_followed_a_link = device::document_attribute("data-ready").is_some();
    if device::matches("(hover: hover)") {
        device::effect(move || {
            if has_followed_a_link || !device::is_there(":focus") {
                focus("say");
            }
        });
    }
    // Who the other one is may change while the page is open.
    let title = Memo::new({
        let kind = kind.clone();
        move |_| match &kind {
            RoomKind::Direct { other } => thread.members.with(|members| {
                let there = members.iter().find(|member| member.person.id == other.id);
                there.map_or(&other.nickname, |member| &member.person.nickname).clone()
            }),
            RoomKind::Party { title, .. } => title.clone(),
        }
    });
    let is_closed = Memo::new(move |_| title.with(|title| is_closed(title)));
    let foot = move || {
        if is_closed.get() {
            return Some(view! { <p class="composer meta">{t!("chat.closed")}</p> }.into_any());
        }
        Some(view! { <Composer room me send_id reply area/> }.into_any())
    };
    let panes = {
        let kind = kind.clone();
        part(move || {
            if let Some((code, reason)) = thread.gone.get() {
                return Some(view! { <Gone code reason/> }.into_any());
            }
            let talk = view! {
                <Top room kind=kind.clone() deal=thread.deal now/>
                <Log thread read since=now - CHANGEABLE answer/>
                {(!is_part).then(|| plain_read(room, last))}
                {part(foot)}
            };
            Some(talk.into_any())
        })
    };
    let is_over = Memo::new(move |_| thread.gone.with(Option::is_some));
    let count = {
        let door = if let RoomKind::Party { door, .. } = &kind { Some(*door) } else { None };
        words(move || {
            let door = door.filter(|_| !is_over.get())?;
            Some(t!("chat.people", count = thread.members.with(Vec::len), door = door_name(door)))
        })
    };
    let people = {
        let kind = kind.clone();
        part(move || {
            (!is_over.get()).then(|| {
                view! { <Members room kind=kind.clone() me members=thread.members typing=thread.typing is_muted drawer/> }.into_any()
            })
        })
    };
    let menu = part(move || {
        (!is_over.get()).then(|| {
            view! {
                <a class="tool talk__people" id="people-open" href=format!("/chat/{room}?people=1") aria-label=t!("chat.members.open")>
                    <Icon name=IconName::Menu/>
                </a>
            }
            .into_any()
        })
    });
    let is_behind = Signal::derive(move || drawer.is_open.get() || current.get() != Some(room));
    let door = if let RoomKind::Party { door, .. } = &kind { Some(door.code()) } else { None };
    view! {
        {part(move || Some(view! { <Title text=t!("shell.title", page = title.with(|title| called(title)))/> }))}
        <section class="pane talk" data-door=door aria-labelledby="talk" inert=is_behind>
            <header class="appbar">
                <a class="tool talk__back" href="/chat" aria-label=t!("chat.to_list")><Icon name=IconName::Left/></a>
                <div class="talk__title"><h1 id="talk">{words(move || Some(title.with(|title| called(title))))}</h1><p class="meta">{count}</p></div>
                {menu}
            </header>
            {panes}
        </section>
        {people}
    }
}

/// What stands above the log: how the connection is, and the way to the party.
#[component]
fn Top(room: RoomId, kind: RoomKind, deal: RwSignal<Option<Deal>>, now: Timestamp) -> impl IntoView {
    let live = Live::of_page();
    let link = live.link();
    let state = part(move || {
        match link.get() {
        Link::Offline { seconds } => Some(
            view! {
                <Banner icon=IconName::Retry attr:role="status">
                    {t!("chat.offline")}" "<span aria-hidden="true">{t!("chat.offline.seconds", seconds = seconds)}</span>" "
                    <button class="link" type="button" on:click=move |_| live.connect_now()>{t!("chat.offline.now")}</button>
                </Banner>
            }
            .into_any(),
        ),
        Link::Connecting { again: true } => {
            Some(view! { <Banner icon=IconName::Retry attr:role="status">{t!("chat.offline")}</Banner> }.into_any())
        }
        Link::Ended => Some(
            view! {
                <Banner icon=IconName::Alert attr:role="status">{t!("chat.ended")}" "<a class="link" href=format!("/sign-in?next=/chat/{room}")>{t!("chat.sign_in")}</a></Banner>
            }
            .into_any(),
        ),
        Link::Outdated => Some(
            view! { <Banner icon=IconName::Alert attr:role="status">{t!("chat.outdated")}</Banner> }.into_any(),
        ),
        _ => None,
    }
    });
    let until = move |deal: Deal| match deal.stage {
        None if deal.is_open => t!("chat.deal.until", moment = moment_text(deal.deadline, now)),
        None => t!("chat.deal.closed"),
        Some(Stage::Ordered) => t!("chat.deal.ordered"),
        Some(Stage::Arrived) => t!("chat.deal.arrived"),
        Some(Stage::Settled) => t!("chat.deal.settled"),
    };
    let bar = match kind {
        RoomKind::Party { party, door, .. } => Some(view! {
            <div class="deal">
                <Tile icon=door_icon(door)/>
                <p class="grow">
                    <a class="cover" href=format!("/meals/{party}")><b>{words(move || deal.get().map(until))}</b></a><br/>
                    <span class="meta">{words(move || Some(deal.get().and_then(|deal| deal.pickup).unwrap_or_else(|| t!("chat.party"))))}</span>
                </p>
                {part(move || deal.get().map(|Deal { seats, taken, .. }| {
                    view! { <span><SeatDots seats taken/>" "<b>{t!("parties.seats", taken = taken, seats = seats)}</b></span> }.into_any()
                }))}
                {(door == Door::Meal).then(|| view! { <a class="tool" href=format!("/meals/{party}/bill") aria-label=t!("chat.deal.bill")><Icon name=IconName::Wallet/></a> }.into_any())}
            </div>
        }),
        RoomKind::Direct { .. } => None,
    };
    view! { <div class="talk__top">{state}{bar}</div> }
}

/// The log. Its box is turned over by the style sheet, so that it stays where it is when something is put on top.
#[component]
fn Log(thread: Thread, read: Seq, since: Timestamp, answer: Callback<Quote>) -> impl IntoView {
    let Thread { live, room, me, messages, members, older, reads, typing, blocked, at_end, past, .. } = thread;
    let pane = NodeRef::<html::Div>::new();
    let shown = Memo::new(move |_| messages.with(|messages| lines(messages, me, read)));
    // One that was stored just before the page was read stands in the log already.
    let unsent = Memo::new(move |_| {
        let mut unsent = live.unsent(room);
        if !unsent.is_empty() {
            let stands = |message: &Message, id: SendId| matches!(&message.content, Content::Text { send_id, .. } if *send_id == id);
            messages.with(|messages| unsent.retain(|unsent| !messages.iter().any(|message| stands(message, unsent.form.send_id))));
        }
        unsent
    });
    let on_scroll = move |_| {
        let Some(pane) = pane.get_untracked() else { return };
        // Turned over, it counts from the newest message on, below zero.
        let up = pane.scroll_top().abs();
        at_end.set(up < AT_END);
        if pane.scroll_height() - pane.client_height() - up < NEAR_TOP {
            thread.fetch_older();
        }
    };
    let to_end = move |_| {
        if let Some(pane) = pane.get_untracked() {
            pane.set_scroll_top(0);
        }
    };
    // Turned over, the box holds its distance to the end by itself: what is put on top moves nothing. What is put at the end
    // would, so a reader of old messages is moved along. (The browser's own scroll anchoring is off: it runs to the top.)
    // Who says something looks at it.
    let waiting = StoredValue::new(0);
    device::effect(move || {
        let count = unsent.with(Vec::len);
        if count > waiting.get_value() {
            at_end.set(true);
            thread.to_end();
            device::next_frame(move || {
                if let Some(Some(pane)) = pane.try_get_untracked() {
                    pane.set_scroll_top(0);
                }
            });
        }
        waiting.set_value(count);
    });
    // The one that the address names; a document that was loaded there has been brought there by the browser.
    let named = use_location().hash;
    device::effect(move || {
        let id = named.with(|hash| hash.trim_start_matches('#').to_owned());
        device::next_frame(move || {
            if let Some(entry) = document().get_element_by_id(&id) {
                entry.scroll_into_view();
            }
        });
    });
    let known = StoredValue::new((None::<Seq>, 0));
    device::effect(move || {
        let first = messages.with(|messages| messages.first().map(|first| first.seq));
        shown.track();
        unsent.track();
        typing.track();
        device::next_frame(move || {
            let Some(Some(pane)) = pane.try_get_untracked() else { return };
            let height = pane.scroll_height();
            let Some((first_before, height_before)) = known.try_get_value() else { return };
            known.set_value((first, height));
            if first == first_before && !at_end.get_untracked() {
                pane.set_scroll_top(pane.scroll_top() - (height - height_before));
            }
        });
    });
    let back = part(move || {
        let first = messages.with(|messages| messages.first().map(|first| first.seq)).filter(|_| older.get());
        first.map(|first| {
            let go = move |ev: leptos::ev::MouseEvent| {
                ev.prevent_default();
                thread.fetch_older();
            };
            view! { <li class="older"><a class="btn btn--s" href=format!("/chat/{room}?before={first}") on:click=go>{t!("chat.older")}</a></li> }
        })
    });
    // New messages while the reader looks at old ones.
    let seen = StoredValue::new(None::<Seq>);
    let is_new = Memo::new(move |_| {
        let is_others = |message: &&Message| match &message.content {
            Content::Text { author, .. } => author.id != me,
            Content::Notice { .. } => true,
            Content::Change { .. } => false,
        };
        let last = messages.with(|messages| messages.iter().rev().find(is_others).map_or(0, |last| last.seq));
        if at_end.get() {
            seen.set_value(Some(last));
        }
        seen.get_value().is_some_and(|seen| last > seen)
    });
    let writing = part(move || {
        let names = typing.with(|typing| typing.iter().map(|(_, nickname)| nickname.clone()).collect::<Vec<_>>());
        (!names.is_empty()).then(|| {
            view! {
                <li class="typing">
                    <span class="bubble" aria-hidden="true"><i></i><i></i><i></i></span>{t!("chat.typing", names = names.join(", "))}
                </li>
            }
            .into_any()
        })
    });
    let nothing = part(move || {
        let is_empty = messages.with(Vec::is_empty) && unsent.with(Vec::is_empty);
        is_empty.then(|| view! { <li class="sys">{t!("chat.first_words")}</li> }.into_any())
    });
    let unseen = part(move || {
        let go = if past.get() {
            view! { <a class="btn btn--s unseen" href=format!("/chat/{room}")><Icon name=IconName::Down small=true/>{t!("chat.newest")}</a> }.into_any()
        } else if is_new.get() {
            view! {
                <button class="btn btn--s unseen" type="button" on:click=to_end><Icon name=IconName::Down small=true/>{t!("chat.unseen")}</button>
            }
            .into_any()
        } else {
            return None;
        };
        Some(view! { <p class="unseen__place">{go}</p> }.into_any())
    });
    view! {
        <div class="pane__scroll" tabindex="0" role="log" aria-live="polite" aria-label=t!("chat.log") node_ref=pane on:scroll=on_scroll>
            <ol class="msgs">
                {back}
                {rows(
                    move || {
                        blocked.track();
                        shown.get()
                    },
                    move |line| (line.key(), line.names(), blocked.with_untracked(|blocked| folds(line, blocked))),
                    move |line| view! { <LineView line me room since blocked members reads answer/> },
                )}
                {rows(
                    move || unsent.get(),
                    |unsent| (LineKey::Unsent(unsent.form.send_id), unsent.refused.is_some()),
                    |unsent| view! { <UnsentView unsent/> },
                )}
                {nothing}
                {writing}
            </ol>
        </div>
        {unseen}
    }
}

/// For pages without their program: a button that says that all of it is read.
fn plain_read(room: RoomId, last: Seq) -> AnyView {
    device::plain("plain-only older", move || {
        view! {
            <form action=MarkRead::PATH method="post">
                <input type="hidden" name="room" value=room.to_string()/>
                <input type="hidden" name="seq" value=last.to_string()/>
                <button class="btn btn--s" type="submit">{t!("chat.mark_read")}</button>
            </form>
        }
        .into_any()
    })
}
