//! `/meals/:id/comments`: what is said under an order.

use crate::device::{self, Memo, StoredValue, load};
use crate::features::accounts::components::Refusal;
use crate::features::threads::api::{ChangeComment, ReadThread, WriteComment};
use crate::features::threads::components::Thread;
use crate::features::threads::model::ThreadQuery;
use crate::shared::error::AppError;
use crate::shared::ids::PartyId;
use crate::t;
use crate::ui::{AppBar, FocusThen, ListBones, Meta, Title, Toaster, awaited};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};
use leptos_router::{LazyRoute, lazy_route};

/// Questions and answers under an order.
#[derive(Debug)]
pub struct MealComments;

#[lazy_route]
impl LazyRoute for MealComments {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let (params, address) = (use_params_map(), use_query_map());
        let party: Memo<Option<PartyId>> = Memo::new(move |_| params.with(|params| params.get("id")?.parse().ok()));
        let query = Memo::new(move |_| address.with(|address| ThreadQuery::parse(|name| address.get(name))));
        let thread = load(move || Ok(ReadThread { party: party.get().ok_or(AppError::NotFound)?, query: query.get() }));
        let path = move || party.get_untracked().map_or_else(|| "/meals".to_owned(), |party| format!("/meals/{party}"));
        let toaster = Toaster::of_page();
        let heading = FocusThen::on("thread");
        let navigate = use_navigate();
        // Another part of the thread takes the place of this one.
        let is_first = StoredValue::new(true);
        device::effect(move || {
            let is_at_rest = query.with(|query| query.reply.is_none() && query.edit.is_none());
            if !is_first.get_value() && is_at_rest {
                heading.ask();
            }
            is_first.set_value(false);
        });
        let done = Callback::new(move |(said, error): (&'static str, Option<AppError>)| match error {
            None => {
                toaster.push(match said {
                    WriteComment::PATH => t!("threads.done.write"),
                    ChangeComment::PATH => t!("threads.done.change"),
                    _ => t!("threads.done.delete"),
                });
                heading.ask();
                let now = query.get_untracked();
                // What a page is about may be gone with what was deleted there.
                let is_kept = matches!(said, WriteComment::PATH | ChangeComment::PATH);
                let rest = if is_kept { now.at_rest() } else { ThreadQuery { of: None, after: None, ..now.at_rest() } };
                if now == rest {
                    thread.refetch();
                } else {
                    navigate(
                        &rest.href(&format!("{}/comments", path())),
                        NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() },
                    );
                }
            }
            Some(AppError::SignInRequired) => device::go_to(&format!("/sign-in?next={}/comments", path())),
            // Forms say why they were refused; these are no more than a button.
            Some(error) if !matches!(said, WriteComment::PATH | ChangeComment::PATH) => toaster.push(error.text()),
            Some(_) => {}
        });
        view! {
            <Title text=t!("shell.title", page = t!("threads.title"))/>
            <Meta name="robots" content="noindex"/>
            <div class="page" data-door="meal">
                <AppBar back=path() back_label=t!("meals.back.one")/>
                <main id="main" class="wrap narrow">
                    <Transition fallback=|| view! { <ListBones/> }>
                        {awaited(move || async move {
                            match thread.read().await {
                                Ok(view) => {
                                    heading.settle();
                                    let query = query.get_untracked();
                                    view! { <Thread view query path=format!("{}/comments", path()) done/> }.into_any()
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
