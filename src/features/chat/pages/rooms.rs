//! `/chat`: my rooms.

use crate::device::{Memo, load};
use crate::features::chat::api::ChatRooms;
use crate::features::chat::components::{Problem, RoomsPane, heal};
use crate::t;
use crate::ui::{BarTools, Empty, ListBones, Title, awaited};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

/// My rooms.
#[derive(Debug)]
pub struct Chats;

#[lazy_route]
impl LazyRoute for Chats {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let query = use_query_map();
        let search = Memo::new(move |_| query.with(|query| query.get("q").unwrap_or_default()));
        let after = Memo::new(move |_| query.with(|query| query.get("after")));
        let rooms = load(move || Ok(ChatRooms { search: search.get(), after: after.get() }));
        heal(rooms);
        view! {
            <div class="page">
                <Transition fallback=|| view! { <main id="main" class="wrap"><ListBones/></main> }>
                    {awaited(move || async move {
                        match rooms.read().await {
                            Err(error) => view! { <main id="main" class="wrap"><Problem error path="/chat"/></main> }.into_any(),
                            Ok(list) => {
                                let choose = (!list.rooms.is_empty())
                                    .then(|| view! { <Empty title=t!("chat.choose") text=t!("chat.choose.text")/> }.into_any());
                                let tools = use_context::<BarTools>().map(|tools| tools.0.run());
                                view! {
                                    <Title text=t!("shell.title", page = t!("chat.title"))/>
                                    <main id="main" class="chat">
                                        <section class="pane rooms" aria-labelledby="rooms">
                                            <header class="appbar"><h1 id="rooms" class="grow">{t!("chat.title")}</h1>{tools}</header>
                                            <RoomsPane list search=search.get_untracked() after=after.get_untracked() current=Signal::stored(None)/>
                                        </section>
                                        <section class="pane talk">
                                            <div class="talk__none">{choose}</div>
                                        </section>
                                    </main>
                                }
                                .into_any()
                            }
                        }
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}
