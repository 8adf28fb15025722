//! One room: its log, live, and what is being written.

use super::bubbles::{LineView, UnsentView};
use super::composer::Composer;
use super::rooms_pane::door_icon;
use super::{Gone, Members};
use crate::device::{self, ask};
use crate::features::chat::api::{ChatHistory, ChatMembers, ChatRoom, MarkRead};
use crate::features::chat::model::{Content, Deal, History, Message, Opened, People, Quote, RoomKind, RoomMember, RoomView};
use crate::features::chat::thread::{LineKey, is_gap, lines, merge, note_author};
use crate::live::client::{Link, Live};
use crate::live::protocol::{Down, Up, close};
use crate::shared::ids::{RoomId, Seq, UserId};
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::time::moment_text;
use crate::ui::{Banner, Icon, IconName, LinkButton, SeatDots, Tile, focus, part, words};
use leptos::html;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use std::collections::BTreeMap;
use std::time::Duration;

/// Nearer to the newest message than this, in pixels, the reader follows it.
const AT_END: i32 = 60;
/// Nearer to the oldest message than this, in pixels, older ones are fetched.
const NEAR_TOP: i32 = 400;
/// How long somebody is shown as writing after they were last heard of.
const TYPING: Duration = Duration::from_secs(5);

/// What the page of a room knows. Everything in it may be told twice and in any order.
#[derive(Clone, Copy)]
struct Thread {
    live: Live,
    room: RoomId,
    me: UserId,
    messages: RwSignal<Vec<Message>>,
    older: RwSignal<bool>,
    reads: RwSignal<BTreeMap<UserId, Seq>>,
    members: RwSignal<Vec<RoomMember>>,
    deal: RwSignal<Option<Deal>>,
    typing: RwSignal<Vec<(UserId, String)>>,
    /// How often somebody was heard writing; only the last time decides when they rest.
    heard: StoredValue<BTreeMap<UserId, u32>>,
    /// Why the room is over for the reader: a code of `close`, and what was said about it.
    gone: RwSignal<Option<(u16, String)>>,
    /// The reader is at the newest message.
    at_end: RwSignal<bool>,
    /// The last number that was told as read.
    told: StoredValue<Seq>,
    fetching: StoredValue<bool>,
    /// How often everything known was dropped because too much had been missed.
    dropped: StoredValue<u32>,
}

impl Thread {
    fn last(self) -> Seq {
        self.messages.with_untracked(|messages| messages.last().map_or(0, |last| last.seq))
    }

    fn resume(self) {
        self.live.say(&Up::Resume { room: self.room, after: self.last() });
    }

    fn hear(self, down: &Down) {
        match down {
            Down::Ready { .. } => {
                // What was told last may have gone into a connection that was dead already.
                self.told.set_value(0);
                self.resume();
            }
            Down::Message { room, message } if *room == self.room => {
                if self.messages.with_untracked(|messages| is_gap(messages, message.seq)) {
                    self.resume();
                } else {
                    self.add(std::slice::from_ref(message));
                }
            }
            Down::Replay { room, messages, gap, reads } if *room == self.room => {
                if *gap {
                    // What was asked for before no longer joins on.
                    self.dropped.update_value(|dropped| *dropped += 1);
                    self.messages.set(Vec::new());
                    self.older.set(true);
                }
                self.add(messages);
                self.reads.update(|known| reads.iter().for_each(|(user, seq)| raise(known, *user, *seq)));
            }
            Down::Read { room, user, seq, .. } if *room == self.room => self.reads.update(|reads| raise(reads, *user, *seq)),
            Down::Typing { room, user, nickname } if *room == self.room && *user != self.me => self.write(*user, nickname),
            Down::Gone { room, code } if *room == self.room => self.end(*code),
            _ => {}
        }
    }

    fn add(self, more: &[Message]) {
        let people_change = more.iter().any(|message| matches!(message.content, Content::Notice { .. }));
        self.reads.update(|reads| more.iter().for_each(|message| note_author(reads, message)));
        for message in more {
            if let Content::Text { author, .. } = &message.content {
                self.typing.update(|typing| typing.retain(|(user, _)| *user != author.id));
            }
        }
        self.messages.update(|messages| merge(messages, more.iter().cloned()));
        if people_change {
            self.count_people();
        }
    }

    fn count_people(self) {
        spawn_local(async move {
            if let Ok(People { members, deal }) = ask(ChatMembers { room: self.room }).await {
                let known = self.reads.try_get_untracked().unwrap_or_default();
                let reads = members.iter().map(|member| {
                    let id = member.person.id;
                    (id, member.read.max(known.get(&id).copied().unwrap_or(0)))
                });
                // The page may be gone by now.
                let _ = self.reads.try_set(reads.collect());
                let _ = self.members.try_set(members);
                let _ = self.deal.try_set(deal);
            }
        });
    }

    /// The room is over for the reader; the reason of a deleted one is asked for.
    fn end(self, code: u16) {
        self.typing.set(Vec::new());
        self.gone.set(Some((code, String::new())));
        if code != close::ROOM_DELETED {
            return;
        }
        spawn_local(async move {
            if let Ok(Opened::Deleted { reason }) = ask(ChatRoom { room: self.room, before: None }).await {
                let _ = self.gone.try_set(Some((code, reason)));
            }
        });
    }

    fn write(self, user: UserId, nickname: &str) {
        self.typing.update(|typing| {
            if !typing.iter().any(|(known, _)| *known == user) {
                typing.push((user, nickname.to_owned()));
            }
        });
        let times = self.heard.with_value(|heard| heard.get(&user).copied().unwrap_or(0)) + 1;
        self.heard.update_value(|heard| {
            heard.insert(user, times);
        });
        let stop = move || {
            if self.heard.try_with_value(|heard| heard.get(&user).copied()) != Some(Some(times)) {
                return;
            }
            let _ = self.typing.try_update(|typing| typing.retain(|(known, _)| *known != user));
        };
        set_timeout(stop, TYPING);
    }

    fn fetch_older(self) {
        let Some(first) = self.messages.with_untracked(|messages| messages.first().map(|first| first.seq)) else { return };
        if !self.older.get_untracked() || self.fetching.get_value() {
            return;
        }
        self.fetching.set_value(true);
        let dropped = self.dropped.get_value();
        spawn_local(async move {
            let answer = ask(ChatHistory { room: self.room, before: first }).await.ok();
            if let Some(History { messages, older }) = answer.filter(|_| self.dropped.try_get_value() == Some(dropped)) {
                let _ = self.messages.try_update(|thread| merge(thread, messages));
                let _ = self.older.try_set(older);
            }
            let _ = self.fetching.try_set_value(false);
        });
    }

    /// Tells what was read, when the newest message is before the reader's eyes.
    fn tell_read(self) {
        let is_seen = self.at_end.get() && self.live.visible().get() && self.live.link().get() == Link::Online;
        let last = self.messages.with(|messages| messages.last().cloned());
        if let Some(last) = last.filter(|last| is_seen && last.seq > self.told.get_value()) {
            self.told.set_value(last.seq);
            self.live.read(self.room, &last);
        }
    }
}

fn raise(reads: &mut BTreeMap<UserId, Seq>, user: UserId, seq: Seq) {
    if let Some(read) = reads.get_mut(&user) {
        *read = seq.max(*read);
    }
}

/// A room with its people.
#[component]
pub fn Talk(
    /// The room.
    view: RoomView,
    /// The room that the page is about; until that has come, this one is still shown.
    #[prop(into)]
    current: Signal<Option<RoomId>>,
    /// Whether its people lie above it.
    #[prop(into)]
    drawer: Signal<bool>,
) -> impl IntoView {
    let live = Live::of_page();
    let RoomView { room, kind, me, people: People { members, deal }, read, last, send_id, history, now, .. } = view;
    let me = me.id;
    let is_part = history.messages.last().is_some_and(|shown| shown.seq < last);
    let thread = Thread {
        live,
        room,
        me,
        reads: RwSignal::new(members.iter().map(|member| (member.person.id, member.read)).collect()),
        messages: RwSignal::new(history.messages),
        older: RwSignal::new(history.older),
        members: RwSignal::new(members),
        deal: RwSignal::new(deal),
        typing: RwSignal::new(Vec::new()),
        heard: StoredValue::new(BTreeMap::new()),
        gone: RwSignal::new(None),
        at_end: RwSignal::new(true),
        told: StoredValue::new(read),
        fetching: StoredValue::new(false),
        dropped: StoredValue::new(0),
    };
    Effect::new(move |_| {
        live.listen(move |down| thread.hear(down));
        thread.resume();
    });
    Effect::new(move |_| thread.tell_read());
    let reply = RwSignal::new(None::<Quote>);
    let area = NodeRef::<html::Textarea>::new();
    let answer = Callback::new(move |quote: Quote| {
        reply.set(Some(quote));
        focus("say");
    });
    // Who has come here by a link inside the program goes on with the keyboard where they write.
    if device::document_attribute("data-ready").is_some() && device::matches("(hover: hover)") {
        Effect::new(move |_| focus("say"));
    }
    let panes = {
        let kind = kind.clone();
        part(move || {
            if let Some((code, reason)) = thread.gone.get() {
                return Some(view! { <Gone code reason/> }.into_any());
            }
            let talk = view! {
                <Top room kind=kind.clone() deal=thread.deal now/>
                <Log thread read answer/>
                <PlainRead room last is_part/>
                <Composer room me send_id reply area/>
            };
            Some(talk.into_any())
        })
    };
    let is_over = Memo::new(move |_| thread.gone.with(Option::is_some));
    let count = {
        let is_party = matches!(kind, RoomKind::Party { .. });
        words(move || (is_party && !is_over.get()).then(|| t!("chat.people", count = thread.members.with(Vec::len))))
    };
    let people = {
        let kind = kind.clone();
        part(move || {
            (!is_over.get())
                .then(|| view! { <Members room kind=kind.clone() me members=thread.members typing=thread.typing drawer/> }.into_any())
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
    let is_behind = move || drawer.get() || current.get() != Some(room);
    let title = kind.title().to_owned();
    let door = if let RoomKind::Party { door, .. } = &kind { Some(door.code()) } else { None };
    view! {
        <section class="pane talk" data-door=door aria-labelledby="talk" inert=is_behind>
            <header class="appbar">
                <a class="tool talk__back" href="/chat" aria-label=t!("chat.to_list")><Icon name=IconName::Left/></a>
                <div class="talk__title"><h1 id="talk">{title}</h1><p class="meta">{count}</p></div>
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
    let until = move |deal: Deal| {
        if deal.is_open { t!("chat.deal.until", moment = moment_text(deal.deadline, now)) } else { t!("chat.deal.closed") }
    };
    let bar = match kind {
        RoomKind::Party { party, door, .. } => Some(view! {
            <div class="deal">
                <Tile icon=door_icon(door)/>
                <p class="grow">
                    <a class="cover" href=format!("/meals/{party}")><b>{words(move || deal.get().map(until))}</b></a><br/>
                    <span class="meta">{t!("chat.party")}</span>
                </p>
                {part(move || deal.get().map(|Deal { seats, taken, .. }| {
                    view! { <span><SeatDots seats taken/>" "<b>{t!("parties.seats", taken = taken, seats = seats)}</b></span> }.into_any()
                }))}
            </div>
        }),
        RoomKind::Direct { .. } => None,
    };
    view! { <div class="talk__top">{state}{bar}</div> }
}

/// The log. Its box is turned over by the style sheet, so that it stays where it is when something is put on top.
#[component]
fn Log(thread: Thread, read: Seq, answer: Callback<Quote>) -> impl IntoView {
    let Thread { live, room, me, messages, older, reads, typing, at_end, .. } = thread;
    let pane = NodeRef::<html::Div>::new();
    let shown = Memo::new(move |_| messages.with(|messages| lines(messages, me, read)));
    let unsent = Memo::new(move |_| live.unsent(room));
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
    Effect::new(move |_| {
        let count = unsent.with(Vec::len);
        if count > waiting.get_value() {
            at_end.set(true);
            request_animation_frame(move || {
                if let Some(Some(pane)) = pane.try_get_untracked() {
                    pane.set_scroll_top(0);
                }
            });
        }
        waiting.set_value(count);
    });
    let known = StoredValue::new((None::<Seq>, 0));
    Effect::new(move |_| {
        let first = messages.with(|messages| messages.first().map(|first| first.seq));
        shown.track();
        unsent.track();
        typing.track();
        request_animation_frame(move || {
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
        let is_others = |message: &&Message| !matches!(&message.content, Content::Text { author, .. } if author.id == me);
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
        is_new.get().then(|| {
            view! {
                <p class="unseen__place">
                    <button class="btn btn--s unseen" type="button" on:click=to_end><Icon name=IconName::Down small=true/>{t!("chat.unseen")}</button>
                </p>
            }.into_any()
        })
    });
    view! {
        <div class="pane__scroll" tabindex="0" role="log" aria-live="polite" aria-label=t!("chat.log") node_ref=pane on:scroll=on_scroll>
            <ol class="msgs">
                {back}
                <For each=move || shown.get() key=|line| line.key() let:line><LineView line me reads answer/></For>
                <For each=move || unsent.get() key=|unsent| (LineKey::Unsent(unsent.form.send_id), unsent.refused.is_some()) let:unsent>
                    <UnsentView unsent/>
                </For>
                {nothing}
                {writing}
            </ol>
        </div>
        {unseen}
    }
}

/// For pages without their program: the way to the newest messages, or a button that says they are read.
#[component]
fn PlainRead(room: RoomId, last: Seq, is_part: bool) -> impl IntoView {
    if is_part {
        return view! { <p class="plain-only older"><LinkButton href=format!("/chat/{room}")>{t!("chat.newest")}</LinkButton></p> }
            .into_any();
    }
    view! {
        <form class="plain-only older" action=MarkRead::PATH method="post">
            <input type="hidden" name="room" value=room.to_string()/>
            <input type="hidden" name="seq" value=last.to_string()/>
            <button class="btn btn--s" type="submit">{t!("chat.mark_read")}</button>
        </form>
    }
    .into_any()
}
