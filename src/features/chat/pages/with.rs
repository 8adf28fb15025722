//! `/chat/with/:nickname`: my conversation with somebody, or its first words.

use crate::device::{Memo, load};
use crate::features::chat::api::{ChatRooms, ChatWith as FindConversation};
use crate::features::chat::components::{FirstWords, Problem, RoomsPane, heal};
use crate::features::chat::model::Conversation;
use crate::t;
use crate::ui::{Avatar, Empty, Icon, IconName, ListBones, Title, awaited};
use leptos::prelude::*;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};

/// The way to a conversation.
#[derive(Debug)]
pub struct ChatWith;

#[lazy_route]
impl LazyRoute for ChatWith {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let params = use_params_map();
        let nickname: Memo<String> = Memo::new(move |_| params.with(|params| params.get("nickname").unwrap_or_default()));
        let found = load(move || Ok(FindConversation { nickname: nickname.get() }));
        let rooms = load(|| Ok(ChatRooms { search: String::new(), after: None }));
        heal(found);
        heal(rooms);
        view! {
            <div class="page">
                <Transition fallback=|| view! { <main id="main" class="wrap"><ListBones/></main> }>
                    {awaited(move || async move {
                        let rooms = rooms.read().await.ok();
                        match found.read().await {
                            Err(error) => {
                                let path = format!("/chat/with/{}", nickname.get_untracked());
                                view! { <main id="main" class="wrap"><Problem error path/></main> }.into_any()
                            }
                            Ok(Conversation::Room { room }) => view! { <Redirect path=format!("/chat/{room}")/> }.into_any(),
                            Ok(Conversation::New { other, send_id }) => {
                                let name = other.nickname.clone();
                                view! {
                                    <Title text=t!("shell.title", page = name.clone())/>
                                    <main id="main" class="chat chat--room">
                                        <section class="pane rooms" aria-labelledby="rooms">
                                            <header class="appbar"><h2 id="rooms" class="grow"><a href="/chat">{t!("chat.title")}</a></h2></header>
                                            {rooms.map(|list| view! { <RoomsPane list current=Signal::stored(None)/> }.into_any())}
                                        </section>
                                        <section class="pane talk" aria-labelledby="talk">
                                            <header class="appbar">
                                                <a class="tool talk__back" href="/chat" aria-label=t!("chat.to_list")><Icon name=IconName::Left/></a>
                                                <Avatar name=name.clone() face=other.face/>
                                                <div class="talk__title"><h1 id="talk">{name.clone()}</h1></div>
                                            </header>
                                            <div class="talk__none"><Empty title=t!("chat.first", name = name) text=t!("chat.first.text")/></div>
                                            <FirstWords other send_id/>
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
