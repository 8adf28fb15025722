//! `/meals/:id/edit`: changing an order.

use crate::device::{self, Memo, load};
use crate::features::meals::api::{EditMeal, MealToEdit};
use crate::features::meals::components::{MealFields, Problem};
use crate::features::meals::model::{MealDraft, MealForm};
use crate::features::parties::components::PlainPictures;
use crate::shared::error::AppError;
use crate::shared::ids::PartyId;
use crate::t;
use crate::ui::time::use_now;
use crate::ui::{AppBar, ButtonSize, ListBones, PostForm, SubmitButton, Title, awaited, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};

/// Changing an order.
#[derive(Debug)]
pub struct MealChange;

#[lazy_route]
impl LazyRoute for MealChange {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let params = use_params_map();
        let id: Memo<Option<PartyId>> = Memo::new(move |_| params.with(|params| params.get("id")?.parse().ok()));
        let draft = load(move || Ok(MealToEdit { id: id.get().ok_or(AppError::NotFound)? }));
        let path = move || id.get_untracked().map_or_else(|| "/meals".to_owned(), |id| format!("/meals/{id}"));
        view! {
            <div class="page" data-door="meal">
                <AppBar back=path() back_label=t!("meals.back.one")/>
                <main id="main" class="wrap">
                    <Suspense fallback=|| view! { <ListBones/> }>
                        {awaited(move || async move {
                            match (draft.read().await, id.get_untracked()) {
                                (Ok(draft), Some(id)) => view! { <Changing id draft/> }.into_any(),
                                (Err(error), _) => view! { <Problem error path=format!("{}/edit", path())/> }.into_any(),
                                (Ok(_), None) => view! { <Problem error=AppError::NotFound path="/meals"/> }.into_any(),
                            }
                        })}
                    </Suspense>
                </main>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Changing(id: PartyId, draft: MealDraft) -> impl IntoView {
    let MealDraft { now, form: draft, deadline, .. } = draft;
    let form = submission(EditMeal::PATH);
    let clock = use_now(now);
    let pictures = draft.pictures.clone();
    view! {
        <Title text=t!("shell.title", page = t!("meals.change"))/>
        <div class="lead"><h1>{t!("meals.change")}</h1><p class="meta">{t!("meals.change.text")}</p></div>
        <PostForm state=form attr:novalidate=true on:submit:capture=form.check(move |sent: &MealForm| sent.parse_edit(clock.get_untracked()).map(drop))>
            <input type="hidden" name="id" value=id.to_string()/>
            <MealFields form draft now deadline/>
            <div class="form-end narrow">
                <SubmitButton label=t!("meals.change.save") pending=form.pending size=ButtonSize::Wide/>
            </div>
        </PostForm>
        {device::plain("plain-only", move || view! { <PlainPictures party=id pictures/> })}
    }
}
