//! `/me/blocks`: whom I do not want to hear of.

use crate::device::{Memo, load};
use crate::features::accounts::components::Refusal;
use crate::features::chat::api::{BlockPerson, BlockedPeople};
use crate::features::chat::model::Person;
use crate::shared::error::AppError;
use crate::shared::names::called;
use crate::shared::paging::{Page, PageAsk, page_href};
use crate::t;
use crate::ui::{
    AppBar, Avatar, ButtonKind, ButtonSize, Empty, FocusThen, ListBones, PageNumbers, Pager, PostForm, SubmitButton, Title, Toaster,
    awaited, submission,
};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

/// The people whom the reader blocks.
#[must_use]
pub fn blocked_page() -> AnyView {
    let address = use_query_map();
    let page = Memo::new(move |_| address.with(|address| PageAsk::parse(address.get("page").as_deref(), address.get("after").as_deref())));
    let people = load(move || Ok(BlockedPeople { page: page.get() }));
    let toaster = Toaster::of_page();
    let heading = FocusThen::on("blocked");
    let done = Callback::new(move |(_, error): (&'static str, Option<AppError>)| match error {
        None => {
            heading.ask();
            people.refetch();
        }
        Some(error) => toaster.push(error.text()),
    });
    view! {
        <Title text=t!("shell.title", page = t!("chat.blocked"))/>
        <div class="page">
            <AppBar back="/me"/>
            <main id="main" class="wrap narrow">
                <Transition fallback=|| view! { <ListBones/> }>
                    {awaited(move || async move {
                        match people.read().await {
                            Ok(people) => {
                                heading.settle();
                                view! { <List people done/> }.into_any()
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

#[component]
fn List(
    people: Page<Person>,
    /// What happens when somebody is blocked no more.
    done: Callback<(&'static str, Option<AppError>)>,
) -> impl IntoView {
    let numbers = PageNumbers::from(&people);
    let people = people.rows;
    let nothing = people.is_empty().then(|| view! { <Empty title=t!("chat.blocked.none") text=t!("chat.blocked.none.text")/> }.into_any());
    let rows: Vec<AnyView> = people
        .into_iter()
        .map(|person| {
            let form = submission(BlockPerson::PATH).then(done);
            let name = called(&person.nickname);
            view! {
                <li class="item">
                    <Avatar name=person.nickname face=person.face/>
                    <b class="grow">{name}</b>
                    <PostForm state=form>
                        <input type="hidden" name="person" value=person.id.to_string()/>
                        <input type="hidden" name="blocks" value="false"/>
                        <SubmitButton label=t!("chat.unblock") pending=form.pending kind=ButtonKind::Soft size=ButtonSize::Small/>
                    </PostForm>
                </li>
            }
            .into_any()
        })
        .collect();
    let list = (!rows.is_empty()).then(|| view! { <ul class="card list">{rows}</ul> }.into_any());
    view! {
        <header class="lead"><h1 id="blocked" tabindex="-1">{t!("chat.blocked")}</h1><p class="meta">{t!("chat.blocked.text")}</p></header>
        {list}
        {nothing}
        <Pager page=numbers href=|number, after| page_href("/me/blocks", number, after)/>
    }
}
