//! The list of rooms, live.

use super::{in_words, notice_text};
use crate::device::{self, RwSignal, Turns, ask};
use crate::features::chat::api::ChatRooms;
use crate::features::chat::model::{Content, Door, Message, Preview, RoomKind, RoomList, RoomRow};
use crate::features::chat::thread::note_block;
use crate::live::client::Live;
use crate::live::protocol::Down;
use crate::shared::ids::{RoomId, UserId};
use crate::shared::names::called;
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::time::use_now;
use crate::ui::{Avatar, AvatarSize, Count, DateTime, Empty, Icon, IconName, LinkButton, Tile, part, rows};
use leptos::prelude::*;

/// The rooms of the reader.
#[component]
pub fn RoomsPane(
    /// A page of them.
    list: RoomList,
    /// What they were searched for.
    #[prop(optional, into)]
    search: String,
    /// Where the page begins, if it is not the first.
    #[prop(optional_no_strip)]
    after: Option<String>,
    /// The one that is open.
    #[prop(into)]
    current: Signal<Option<RoomId>>,
) -> impl IntoView {
    let live = Live::of_page();
    let now = use_now(list.now);
    let rooms = RwSignal::new(list.rooms);
    let blocked = RwSignal::new(list.blocked);
    let again = again(rooms, blocked, search.clone(), after);
    device::effect({
        let again = again.clone();
        move || {
            let again = again.clone();
            live.listen(move |down| match down {
                // What happened before the connection stood, or while it did not, is not told again.
                Down::Ready { .. } | Down::Entered { .. } | Down::Renamed { .. } => again(),
                // What is shown of the room may be what was changed.
                Down::Message { message: Message { content: Content::Change { .. }, .. }, .. } => again(),
                Down::Message { room, message } => {
                    let is_known = rooms.try_update(|rooms| {
                        let Some(at) = rooms.iter().position(|row| row.room == *room) else { return false };
                        let mut row = rooms.remove(at);
                        row.last = Preview::of(&message.content);
                        row.at = message.at;
                        rooms.insert(0, row);
                        true
                    });
                    // Somebody may have come or gone.
                    if is_known == Some(false) || matches!(message.content, Content::Notice { .. }) {
                        again();
                    }
                }
                Down::Muted { room, is_muted } => rooms.update(|rooms| {
                    rooms.iter_mut().filter(|row| row.room == *room).for_each(|row| row.is_muted = *is_muted);
                }),
                Down::Blocked { person, is_blocked } => blocked.update(|blocked| note_block(blocked, *person, *is_blocked)),
                Down::Gone { room, .. } => rooms.update(|rooms| rooms.retain(|row| row.room != *room)),
                _ => {}
            });
        }
    });
    let is_search = !search.is_empty();
    let more = list.next.map(|next| {
        let href = if is_search { format!("/chat?q={}&after={next}", escape(&search)) } else { format!("/chat?after={next}") };
        view! { <p class="older"><LinkButton href>{t!("chat.more")}</LinkButton></p> }
    });
    let nothing = part(move || {
        rooms.with(Vec::is_empty).then(|| {
            if is_search {
                view! { <Empty title=t!("chat.none_found") text=t!("chat.none_found.text")/> }.into_any()
            } else {
                view! {
                    <Empty title=t!("chat.none") text=t!("chat.none.text")>
                        <LinkButton href="/meals">{t!("chat.none.go")}</LinkButton>
                    </Empty>
                }
                .into_any()
            }
        })
    });
    view! {
        <form class="rooms__sift" action="/chat" role="search">
            <label class="hush" for="find-room">{t!("chat.search")}</label>
            <input class="input grow" id="find-room" type="search" name="q" value=search maxlength="60" placeholder=t!("chat.search")/>
            <button class="tool" type="submit" aria-label=t!("chat.search")><Icon name=IconName::Search/></button>
        </form>
        <div class="pane__scroll">
            <ul>
                {rows(
                    move || {
                        blocked.track();
                        rooms.get()
                    },
                    move |row| {
                        let title = row.kind.title().to_owned();
                        (row.room, row.at, row.members, row.is_muted, row.last.clone(), title, is_folded(&row.last, blocked))
                    },
                    move |row| view! { <RoomLink row now current blocked/> },
                )}
            </ul>
            {nothing}
            {more}
        </div>
    }
}

/// Reads the list again in its place: what is typed, chosen and scrolled around it stays.
fn again(
    rooms: RwSignal<Vec<RoomRow>>,
    blocked: RwSignal<Vec<UserId>>,
    search: String,
    after: Option<String>,
) -> impl Fn() + Clone + 'static {
    let turns = Turns::new();
    move || {
        let (search, after) = (search.clone(), after.clone());
        turns.take(move || {
            let question = ChatRooms { search: search.clone(), after: after.clone() };
            async move {
                if let Ok(list) = ask(question).await {
                    let _ = blocked.try_set(list.blocked);
                    let _ = rooms.try_set(list.rooms);
                }
            }
        });
    }
}

/// A query's value as an address has it.
fn escape(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len() * 3), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() {
            escaped.push(byte as char);
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
        escaped
    })
}

/// Whether somebody said it whom the reader blocks.
fn is_folded(last: &Option<Preview>, blocked: RwSignal<Vec<UserId>>) -> bool {
    matches!(last, Some(Preview::Text { author, .. }) if blocked.with_untracked(|blocked| blocked.contains(author)))
}

#[component]
fn RoomLink(row: RoomRow, now: Signal<Timestamp>, current: Signal<Option<RoomId>>, blocked: RwSignal<Vec<UserId>>) -> impl IntoView {
    let live = Live::of_page();
    let RoomRow { room, kind, members, at, last, tally, is_muted } = row;
    let title = kind.title();
    let unread = Signal::derive(move || {
        let unread = live.unread(room).unwrap_or_else(|| tally.unread());
        u32::try_from(unread).unwrap_or(u32::MAX)
    });
    let (picture, count, door) = match &kind {
        RoomKind::Direct { other } => {
            (view! { <Avatar name=other.nickname.clone() face=other.face size=AvatarSize::Huge/> }.into_any(), None, None)
        }
        RoomKind::Party { door, .. } => {
            (view! { <Tile icon=door_icon(*door)/> }.into_any(), Some(view! { <span class="meta">{members}</span> }), Some(door.code()))
        }
    };
    let is_folded = is_folded(&last, blocked);
    let preview = last.map(|last| match (last, &kind) {
        (Preview::Text { .. }, _) if is_folded => t!("chat.folded"),
        (Preview::Text { text, .. }, _) if text.is_empty() => in_words(text),
        (Preview::Text { text, .. }, RoomKind::Direct { .. }) => in_words(text),
        (Preview::Text { nickname, text, .. }, RoomKind::Party { .. }) => format!("{}: {}", called(&nickname), in_words(text)),
        (Preview::Notice { notice, subject }, _) => notice_text(notice, &subject),
    });
    view! {
        <li class="room" data-door=door>
            <span class="room__pic">{picture}</span>
            <p class="room__name">
                <a class="cover" href=format!("/chat/{room}") aria-current=move || (current.get() == Some(room)).then_some("true")>{title}</a>
                {count}
                {is_muted.then(|| view! { <span class="meta">{t!("chat.muted")}</span> })}
            </p>
            <p class="meta clip">{preview}</p>
            <p class="room__end"><span class="meta"><DateTime at now=now.get_untracked() short=true/></span><Count n=unread/></p>
        </li>
    }
}

/// What a door is called.
pub(super) fn door_name(door: Door) -> String {
    match door {
        Door::Meal => t!("home.door.meal"),
        Door::Trip => t!("home.door.trip"),
        Door::Campus => t!("home.door.campus"),
    }
}

/// The icon of a door.
pub(super) const fn door_icon(door: Door) -> IconName {
    match door {
        Door::Meal => IconName::Meal,
        Door::Trip => IconName::Trip,
        Door::Campus => IconName::Campus,
    }
}
