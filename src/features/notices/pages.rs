//! `/me/notices`: what happened while I was elsewhere.

use super::api::{ListNotices, OpenNotice, ReadNotice, ReadNotices, ReadRoom};
use super::components::Bell;
use super::model::{Notice, NoticeKind, NoticeList, UnreadRoom, in_words};
use crate::device::{self, Memo, StoredValue, load};
use crate::features::accounts::components::Refusal;
use crate::live::client::Live;
use crate::live::protocol::Down;
use crate::shared::error::AppError;
use crate::shared::names::{called, titled};
use crate::shared::paging::{Anchor, PageAsk, page_href};
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::{
    AppBar, ButtonKind, ButtonSize, Empty, FocusThen, Icon, IconName, LinkButton, ListBones, PageNumbers, Pager, PostForm, Submission,
    SubmitButton, TimeAgo, Title, Toaster, awaited, submission,
};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use std::time::Duration;

/// The page is read again at most this often.
const PAUSE: Duration = Duration::from_millis(500);

/// What happened to the reader.
#[derive(Debug)]
pub struct NoticesPage;

#[lazy_route]
impl LazyRoute for NoticesPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let address = use_query_map();
        let page =
            Memo::new(move |_| address.with(|address| PageAsk::parse(address.get("page").as_deref(), address.get("after").as_deref())));
        let notices = load(move || Ok(ListNotices { page: page.get() }));
        let live = Live::of_page();
        // A lively room says much; the page is read once for all that came meanwhile.
        let is_due = StoredValue::new(false);
        let soon = move || {
            if !is_due.get_value() {
                is_due.set_value(true);
                let renew = move || {
                    if is_due.try_get_value() == Some(true) {
                        is_due.set_value(false);
                        notices.refetch();
                    }
                };
                device::later(renew, PAUSE);
            }
        };
        device::effect(move || {
            live.listen(move |down| {
                // The first frame of a connection as well: what happened without one is not told again.
                if matches!(down, Down::Noticed | Down::Message { .. } | Down::Muted { .. } | Down::Ready { .. }) {
                    soon();
                }
            });
        });
        let heading = FocusThen::on("notices");
        let (bell, toaster) = (use_context::<Bell>(), Toaster::of_page());
        // Also without a live connection. The button that was pressed goes; the focus stays on the page.
        let done = Callback::new(move |(_, error): (&'static str, Option<AppError>)| match error {
            Some(error) => toaster.push(error.text()),
            None => {
                heading.ask();
                notices.refetch();
                if let Some(bell) = bell {
                    bell.count();
                }
            }
        });
        view! {
            <Title text=t!("shell.title", page = t!("notices.title"))/>
            <div class="page">
                <AppBar back="/me"/>
                <main id="main" class="wrap narrow">
                    <Transition fallback=|| view! { <ListBones/> }>
                        {awaited(move || async move {
                            match notices.read().await {
                                Ok(list) => {
                                    heading.settle();
                                    view! { <List list done/> }.into_any()
                                }
                                Err(error) => view! { <Refusal error/> }.into_any(),
                            }
                        })}
                    </Transition>
                </main>
            </div>
        }
        .into_any()
    }
}

type Done = Callback<(&'static str, Option<AppError>)>;

#[component]
fn List(list: NoticeList, done: Done) -> impl IntoView {
    let NoticeList { now, rooms, page, unread } = list;
    let all = submission(ReadNotices::PATH).then(done);
    let seen = (in_words(unread.into_iter()), in_words(rooms.iter().map(|room| (room.room, room.seq))));
    let read_all = (!seen.0.is_empty() || !seen.1.is_empty()).then(|| {
        view! {
            <PostForm state=all>
                <input type="hidden" name="notices" value=seen.0/>
                <input type="hidden" name="rooms" value=seen.1/>
                <SubmitButton label=t!("notices.read_all") pending=all.pending kind=ButtonKind::Soft size=ButtonSize::Small/>
            </PostForm>
        }
        .into_any()
    });
    let is_empty = rooms.is_empty() && page.rows.is_empty();
    let numbers = PageNumbers::from(&page);
    let rooms = (!rooms.is_empty()).then(|| view! { <Rooms rooms now done/> }.into_any());
    let rows = page.rows.into_iter().map(|notice| view! { <Row notice now done/> }.into_any()).collect::<Vec<_>>();
    let href = |number: u32, after: Option<Anchor>| page_href("/me/notices", number, after);
    let notices = (!rows.is_empty()).then(|| view! { <ul class="card list notices" aria-label=t!("notices.title")>{rows}</ul> }.into_any());
    let nothing = is_empty.then(|| {
        view! { <Empty title=t!("notices.none") text=t!("notices.none.text")><LinkButton href="/meals">{t!("home.seats")}</LinkButton></Empty> }
            .into_any()
    });
    view! {
        <header class="lead notices__head"><h1 id="notices" tabindex="-1">{t!("notices.title")}</h1>{read_all}</header>
        {rooms}
        {notices}
        {nothing}
        <Pager page=numbers href/>
    }
}

/// Rooms with unread messages.
#[component]
fn Rooms(rooms: Vec<UnreadRoom>, now: Timestamp, done: Done) -> impl IntoView {
    let rows = rooms
        .into_iter()
        .map(|UnreadRoom { room, title, unread, at, seq }| {
            let read = submission(ReadRoom::PATH).then(done);
            let mark = mark(read, [("room", room.to_string()), ("seq", seq.to_string())]);
            view! {
                <li class="item notice--new">
                    <Icon name=IconName::Chat/>
                    <div class="grow">
                        <p><a class="cover" href=format!("/chat/{room}")>{t!("notices.messages", count = unread)}</a></p>
                        <p class="meta">{called(&title)}" · "<TimeAgo at now/></p>
                    </div>
                    {mark}
                </li>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    view! { <ul class="card list notices" aria-label=t!("notices.rooms")>{rows}</ul> }
}

/// The button that marks one thing as read, with what says which.
fn mark(read: Submission, [one, other]: [(&'static str, String); 2]) -> AnyView {
    view! {
        <PostForm state=read>
            <input type="hidden" name=one.0 value=one.1/>
            <input type="hidden" name=other.0 value=other.1/>
            <button class="tool" aria-label=t!("notices.read")><Icon name=IconName::Check/></button>
        </PostForm>
    }
    .into_any()
}

/// Something that happened. Pressing it leads there and marks it as read.
#[component]
fn Row(notice: Notice, now: Timestamp, done: Done) -> impl IntoView {
    let Notice { id, kind, title, at, is_read, .. } = notice.clone();
    let complain = {
        let toaster = Toaster::of_page();
        Callback::new(move |(_, error): (&'static str, Option<AppError>)| {
            if let Some(error) = error {
                toaster.push(error.text());
            }
        })
    };
    let (open, read) = (submission(OpenNotice::PATH).then(complain), submission(ReadNotice::PATH).then(done));
    let (id, times) = (id.to_string(), notice.times.to_string());
    let (marked, marked_times) = (id.clone(), times.clone());
    let mark = (!is_read).then(|| mark(read, [("id", marked), ("times", marked_times)]));
    let class = if is_read { "item" } else { "item notice--new" };
    let new = (!is_read).then(|| view! { <span class="hush">{t!("notices.new")}" "</span> }.into_any());
    view! {
        <li class=class>
            <Icon name=icon(kind)/>
            <div class="grow">
                <PostForm state=open>
                    <input type="hidden" name="id" value=id/>
                    <input type="hidden" name="times" value=times/>
                    <button class="notice__open cover">{new}{text(&notice)}</button>
                </PostForm>
                <p class="meta">{titled(&title)}" · "<TimeAgo at now/></p>
            </div>
            {mark}
        </li>
    }
}

const fn icon(kind: NoticeKind) -> IconName {
    match kind {
        NoticeKind::Joined | NoticeKind::Applied => IconName::People,
        NoticeKind::Left | NoticeKind::Removed => IconName::Exit,
        NoticeKind::Accepted | NoticeKind::Seated | NoticeKind::Full | NoticeKind::Settled => IconName::Check,
        NoticeKind::Declined | NoticeKind::Cancelled | NoticeKind::Closed => IconName::Close,
        NoticeKind::MadeHost | NoticeKind::HostChanged => IconName::Crown,
        NoticeKind::PaymentSent | NoticeKind::PaymentReceived | NoticeKind::PaymentDue => IconName::Wallet,
        NoticeKind::Deadline => IconName::Clock,
        NoticeKind::Reopened | NoticeKind::Ordered | NoticeKind::Arrived => IconName::Moim,
        NoticeKind::Edited => IconName::Pen,
        NoticeKind::Commented | NoticeKind::Replied => IconName::Comment,
    }
}

fn text(notice: &Notice) -> String {
    let name = notice.actor.as_deref().map(called).unwrap_or_default();
    // The last one, and how many besides.
    let (times, others) = (notice.times, notice.times - 1);
    match notice.kind {
        NoticeKind::Joined if others > 0 => t!("notices.joined.many", name = name, others = others),
        NoticeKind::Joined => t!("notices.joined", name = name),
        NoticeKind::Left if others > 0 => t!("notices.left.many", name = name, others = others),
        NoticeKind::Left => t!("notices.left", name = name),
        NoticeKind::Applied if others > 0 => t!("notices.applied.many", name = name, others = others),
        NoticeKind::Applied => t!("notices.applied", name = name),
        NoticeKind::Accepted => t!("notices.accepted"),
        NoticeKind::Declined => t!("notices.declined"),
        NoticeKind::Seated => t!("notices.seated"),
        NoticeKind::Removed => t!("notices.removed"),
        NoticeKind::MadeHost => t!("notices.made_host", name = name),
        NoticeKind::HostChanged => t!("notices.host_changed", name = name),
        NoticeKind::Full => t!("notices.full"),
        NoticeKind::Deadline => t!("notices.deadline"),
        NoticeKind::Closed => t!("notices.closed"),
        NoticeKind::Reopened => t!("notices.reopened"),
        NoticeKind::Ordered => t!("notices.ordered"),
        NoticeKind::Arrived => t!("notices.arrived"),
        NoticeKind::Settled => t!("notices.settled"),
        NoticeKind::Edited if others > 0 => t!("notices.edited.many", times = times),
        NoticeKind::Edited => t!("notices.edited"),
        NoticeKind::Cancelled => t!("notices.cancelled"),
        NoticeKind::PaymentSent if others > 0 => t!("notices.payment_sent.many", name = name, others = others),
        NoticeKind::PaymentSent => t!("notices.payment_sent", name = name),
        NoticeKind::PaymentReceived => t!("notices.payment_received"),
        NoticeKind::PaymentDue => t!("notices.payment_due"),
        NoticeKind::Commented if others > 0 => t!("notices.commented.many", name = name, others = others),
        NoticeKind::Commented => t!("notices.commented", name = name),
        NoticeKind::Replied if others > 0 => t!("notices.replied.many", name = name, others = others),
        NoticeKind::Replied => t!("notices.replied", name = name),
    }
}
