//! `/meals/suggestions`: what to eat.

use super::api::{AskMenus, ForgetQuestions, MoreMenus, SuggestMenus};
use super::components::{Card, Conversation, Partial, wrong};
use super::model::{Exchange, Progress, SuggestionView, Talk};
use crate::device::{self, RwSignal, StoredValue, Turns, ask, load};
use crate::features::accounts::components::Refusal;
use crate::live::client::Live;
use crate::live::protocol::Down;
use crate::shared::error::AppError;
use crate::t;
use crate::ui::{
    AppBar, ButtonKind, Description, OrderBones, PostForm, SubmitButton, Title, awaited, field_id, focus, rows, submission, words,
};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::{LazyRoute, lazy_route};
use std::time::Duration;

/// An answer that is waited for is looked after this often, in case nothing is told of it.
const PAUSE: Duration = Duration::from_secs(3);

/// What to eat.
#[derive(Debug)]
pub struct SuggestionsPage;

#[lazy_route]
impl LazyRoute for SuggestionsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let suggestions = load(|| Ok(SuggestMenus {}));
        view! {
            <Description text=t!("suggestions.description")/>
            <Title text=t!("shell.title", page = t!("suggestions.title"))/>
            <div class="page" data-door="meal">
                <AppBar back="/meals" back_label=t!("meals.back")/>
                <main id="main" class="wrap">
                    <Suspense fallback=|| view! { <OrderBones/> }>
                        {awaited(move || async move {
                            match suggestions.read().await {
                                Ok(view) => view! { <Board view/> }.into_any(),
                                Err(error) => view! { <Refusal error/> }.into_any(),
                            }
                        })}
                    </Suspense>
                </main>
            </div>
        }
        .into_any()
    }
}

/// The menus, the conversation, and what becomes of both.
#[component]
fn Board(view: SuggestionView) -> impl IntoView {
    let SuggestionView { menus, has_weather, left, talk, .. } = view;
    let (menus, has_weather, left) = (RwSignal::new(menus), RwSignal::new(has_weather), RwSignal::new(left));
    let has_model = talk.is_some();
    let (next, exchanges) = talk.map(|Talk { next, exchanges }| (Some(next), exchanges)).unwrap_or_default();
    let (next, exchanges) = (RwSignal::new(next), RwSignal::new(exchanges));
    let partial: Partial = RwSignal::new(None);
    // What was just done, until the page shows what came of it.
    let done = StoredValue::new(None::<&'static str>);
    let turns = Turns::new();
    let renew = move || {
        turns.take(move || async move {
            match ask(SuggestMenus {}).await {
                Ok(view) => {
                    // The page may be gone by now.
                    let _ = menus.try_set(view.menus);
                    let _ = has_weather.try_set(view.has_weather);
                    let _ = left.try_set(view.left);
                    if let Some(talk) = view.talk {
                        let _ = next.try_set(Some(talk.next));
                        hear(partial, talk.exchanges.iter().find(|exchange| is_waiting(exchange)));
                        let _ = exchanges.try_set(talk.exchanges);
                    }
                    match done.try_update_value(Option::take).flatten() {
                        Some(MoreMenus::PATH) => device::next_frame(|| focus("five")),
                        Some(AskMenus::PATH) => device::next_frame(|| device::reset_form(&field_id("form[text]"))),
                        // The button that was pressed is gone.
                        Some(ForgetQuestions::PATH) => device::next_frame(|| focus("talk-title")),
                        _ => {}
                    }
                }
                Err(AppError::SignInRequired) => device::go_to("/sign-in?next=/meals/suggestions"),
                // As it is: what is waited for is looked after again.
                Err(_) => drop(exchanges.try_update(|_| {})),
            }
        });
    };
    let live = Live::of_page();
    device::effect(move || {
        live.listen(move |down| {
            match down {
                Down::Suggested { question, text, is_over: false } => partial.set(Some((*question, text.clone()))),
                Down::Suggested { .. } => renew(),
                // What happened without a connection is not told again.
                Down::Ready { .. } if exchanges.with_untracked(|exchanges| exchanges.iter().any(is_waiting)) => renew(),
                _ => {}
            }
        });
    });
    device::effect(move || {
        if exchanges.with(|exchanges| exchanges.iter().any(is_waiting)) {
            let again = move || {
                // The page may be gone by now.
                if done.try_get_value().is_some() {
                    renew();
                }
            };
            device::later(again, PAUSE);
        }
    });
    let then = Callback::new(move |(said, error): (&'static str, Option<AppError>)| match error {
        None => {
            done.set_value(Some(said));
            renew();
        }
        Some(AppError::SignInRequired) => device::go_to("/sign-in?next=/meals/suggestions"),
        // The form says why.
        Some(_) => {}
    });
    let more = submission(MoreMenus::PATH).then(then);
    let asking = submission(AskMenus::PATH).then(then);
    let forgetting = submission(ForgetQuestions::PATH).then(then);
    let talk = has_model.then(|| view! { <Conversation next exchanges partial asking forgetting/> }.into_any());
    let text = move || Some(if has_weather.get() { t!("suggestions.text.weather") } else { t!("suggestions.text") });
    view! {
        <div class="lead"><h1>{t!("suggestions.title")}</h1><p class="meta">{words(text)}</p></div>
        <section aria-labelledby="five">
            <h2 class="hush" id="five" tabindex="-1">{t!("suggestions.five")}</h2>
            <ul class="dishes">{rows(move || menus.get(), |menu| menu.name.clone(), |menu| view! { <Card menu/> })}</ul>
            <PostForm state=more attr:class="dishes__more">
                <SubmitButton label=t!("suggestions.more") pending=more.pending kind=ButtonKind::Soft/>
                <p class="meta">{words(move || Some(t!("suggestions.left", left = left.get())))}</p>
                {wrong(more)}
            </PostForm>
        </section>
        {talk}
    }
}

fn is_waiting(exchange: &Exchange) -> bool {
    exchange.progress == Progress::Waiting
}

/// What the server has kept of an answer, where that is more than was heard.
fn hear(partial: Partial, waiting: Option<&Exchange>) {
    let Some(waiting) = waiting else { return };
    let known = |partial: &Option<_>| matches!(partial, Some((id, text)) if *id == waiting.id && String::len(text) >= waiting.text.len());
    if partial.try_with_untracked(known) == Some(false) {
        let _ = partial.try_set(Some((waiting.id, waiting.text.clone())));
    }
}
