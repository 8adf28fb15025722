//! `/chat/:room`: one room beside my others.

use crate::device::{self, Memo, RwSignal, StoredValue, load};
use crate::features::chat::api::{ChatRoom as ReadRoom, ChatRooms};
use crate::features::chat::components::{Drawer, Gone, Problem, RoomsPane, Talk, heal};
use crate::features::chat::model::Opened;
use crate::live::protocol::close;
use crate::shared::error::AppError;
use crate::shared::ids::{RoomId, Seq};
use crate::t;
use crate::ui::{Covered, ListBones, Title, awaited};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::{LazyRoute, lazy_route};

/// So many entries after the one that is answered are shown at most.
const AROUND: Seq = 15;

/// One room.
#[derive(Debug)]
pub struct ChatRoom;

#[lazy_route]
impl LazyRoute for ChatRoom {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let (params, query) = (use_params_map(), use_query_map());
        let id: Memo<Option<RoomId>> = Memo::new(move |_| params.with(|params| params.get("room")?.parse().ok()));
        let number = move |name: &str| query.with(|query| query.get(name)?.parse::<Seq>().ok());
        let reply: Memo<Option<Seq>> = Memo::new(move |_| number("reply"));
        // What is answered stands on the page.
        let before: Memo<Option<Seq>> = Memo::new(move |_| number("before").or_else(|| Some(reply.get()?.saturating_add(AROUND))));
        let people = Memo::new(move |_| query.with(|query| query.get("people").is_some()));
        let room = load(move || Ok(ReadRoom { room: id.get().ok_or(AppError::NotFound)?, before: before.get() }));
        let rooms = load(|| Ok(ChatRooms { search: String::new(), after: None }));
        heal(room);
        heal(rooms);
        // Where the people have a place beside the talk nothing lies above it.
        let drawer = Drawer { is_open: RwSignal::new(false), is_own: RwSignal::new(false) };
        let covered = Covered::of_page();
        let measure = move || {
            let lies_above = people.get_untracked() && device::matches("(max-width: 74.99rem)");
            drawer.is_open.set(lies_above);
            covered.set(lies_above);
        };
        on_cleanup(move || covered.set(false));
        let is_first = StoredValue::new(true);
        device::effect(move || {
            drawer.is_own.set(people.get() && !is_first.get_value());
            is_first.set_value(false);
            measure();
        });
        device::effect(move || {
            let resized = window_event_listener(leptos::ev::resize, move |_| measure());
            on_cleanup(move || resized.remove());
        });
        let class = move || if people.get() { "chat chat--room chat--people" } else { "chat chat--room" };
        view! {
            <div class="page">
                <main id="main" class=class>
                    <section class="pane rooms" aria-labelledby="rooms" inert=move || drawer.is_open.get()>
                        <header class="appbar"><h2 id="rooms" class="grow"><a href="/chat">{t!("chat.title")}</a></h2></header>
                        <Transition fallback=|| view! { <ListBones/> }>
                            {awaited(move || async move {
                                rooms.read().await.ok().map(|list| view! { <RoomsPane list current=id/> }.into_any())
                            })}
                        </Transition>
                    </section>
                    <Transition fallback=|| view! { <section class="pane talk"><ListBones/></section> }>
                        {awaited(move || async move {
                            match room.read().await {
                                Ok(Opened::Room(view)) => view! { <Talk view=*view current=id drawer answered=reply.get_untracked()/> }.into_any(),
                                Ok(Opened::Deleted { reason }) => {
                                    device::set_status(410);
                                    view! {
                                        <Title text=t!("shell.title", page = t!("chat.deleted"))/>
                                        <section class="pane talk"><Gone code=close::ROOM_DELETED reason/></section>
                                    }
                                    .into_any()
                                }
                                Err(error) => {
                                    let path = id.get_untracked().map_or_else(|| "/chat".to_owned(), |id| format!("/chat/{id}"));
                                    view! { <section class="pane talk"><div class="talk__none"><Problem error path/></div></section> }.into_any()
                                }
                            }
                        })}
                    </Transition>
                </main>
            </div>
        }
        .into_any()
    }
}
