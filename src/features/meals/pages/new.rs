//! `/meals/new`: opening an order.

use crate::device::load;
use crate::features::meals::api::{BlankMeal, OpenMeal};
use crate::features::meals::components::{MealFields, Problem};
use crate::features::meals::model::{MealDraft, MealForm, Wish};
use crate::t;
use crate::ui::time::use_now;
use crate::ui::{AppBar, ButtonKind, ButtonSize, Empty, LinkButton, ListBones, PostForm, SubmitButton, Title, awaited, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

/// Opening an order.
#[derive(Debug)]
pub struct MealNew;

#[lazy_route]
impl LazyRoute for MealNew {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let draft = load(|| Ok(BlankMeal {}));
        let address = use_query_map();
        let wish = move || address.with_untracked(|address| Wish::read(|name| address.get(name)));
        view! {
            <div class="page" data-door="meal">
                <AppBar back="/meals" back_label=t!("meals.back")/>
                <main id="main" class="wrap">
                    <Suspense fallback=|| view! { <ListBones/> }>
                        {awaited(move || async move {
                            match draft.read().await {
                                Ok(draft) => view! { <Opening draft=wished(draft, wish())/> }.into_any(),
                                Err(error) => view! { <Problem error path="/meals/new"/> }.into_any(),
                            }
                        })}
                    </Suspense>
                </main>
            </div>
        }
        .into_any()
    }
}

/// The form with the menu in it that the address names.
fn wished(mut draft: MealDraft, wish: Wish) -> MealDraft {
    if let Some(menu) = wish.menu {
        draft.form.title = t!("meals.new.wish", menu = menu);
    }
    if let Some(category) = wish.category {
        category.code().clone_into(&mut draft.form.category);
    }
    draft
}

#[component]
fn Opening(draft: MealDraft) -> impl IntoView {
    let MealDraft { now, form: draft, region, .. } = draft;
    let Some(region) = region else {
        return view! {
            <Title text=t!("shell.title", page = t!("meals.new"))/>
            <Empty title=t!("meals.where.own") text=t!("meals.new.where")>
                <LinkButton href="/me" kind=ButtonKind::Main>{t!("meals.where.choose")}</LinkButton>
            </Empty>
        }
        .into_any();
    };
    let form = submission(OpenMeal::PATH);
    let clock = use_now(now);
    view! {
        <Title text=t!("shell.title", page = t!("meals.new"))/>
        <div class="lead"><h1>{t!("meals.new")}</h1><p class="meta">{t!("meals.new.text", town = region.name)}</p></div>
        <PostForm state=form attr:novalidate=true on:submit:capture=form.check(move |sent: &MealForm| sent.parse(clock.get_untracked()).map(drop))>
            <MealFields form draft now/>
            <div class="form-end narrow">
                <p class="meta plain-only">{t!("parties.pictures.later")}</p>
                <SubmitButton label=t!("meals.open") pending=form.pending size=ButtonSize::Wide/>
            </div>
        </PostForm>
    }
    .into_any()
}
