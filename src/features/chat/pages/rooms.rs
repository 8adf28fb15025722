//! `/chat`: my rooms.

use crate::features::chat::api::chat_rooms;
use crate::features::chat::components::{Problem, RoomsPane};
use crate::features::chat::model::RoomList;
use crate::shared::error::AppError;
use crate::t;
use crate::ui::{BarTools, Empty, ListBones};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

/// My rooms.
pub struct Chats {
    search: Memo<String>,
    rooms: Resource<Result<RoomList, AppError>>,
}

#[lazy_route]
impl LazyRoute for Chats {
    fn data() -> Self {
        let query = use_query_map();
        let search = Memo::new(move |_| query.with(|query| query.get("q").unwrap_or_default()));
        let after = Memo::new(move |_| query.with(|query| query.get("after")));
        Self { search, rooms: Resource::new_blocking(move || (search.get(), after.get()), |(search, after)| chat_rooms(search, after)) }
    }

    fn view(this: Self) -> AnyView {
        let Chats { search, rooms } = this;
        let again = Callback::new(move |()| rooms.refetch());
        view! {
            <div class="page">
                <Transition fallback=|| view! { <main id="main" class="wrap"><ListBones/></main> }>
                    {move || Suspend::new(async move {
                        match rooms.await {
                            Err(error) => view! { <main id="main" class="wrap"><Problem error path="/chat"/></main> }.into_any(),
                            Ok(list) => {
                                let tools = use_context::<BarTools>().map(|tools| tools.0.run());
                                view! {
                                    <Title text=t!("shell.title", page = t!("chat.title"))/>
                                    <main id="main" class="chat">
                                        <section class="pane rooms" aria-labelledby="rooms">
                                            <header class="appbar"><h1 id="rooms" class="grow">{t!("chat.title")}</h1>{tools}</header>
                                            <RoomsPane list search=search.get_untracked() current=Signal::stored(None) again/>
                                        </section>
                                        <section class="pane talk">
                                            <div class="talk__none"><Empty title=t!("chat.choose") text=t!("chat.choose.text")/></div>
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
