//! Views of shared orders that two pages or more have, and the parts of the larger ones.

mod card;
mod facts;
mod fee;
mod fields;
mod sift;
mod town;

pub use card::{OrderCard, category_icon, state_badge};
pub use facts::Facts;
pub use fee::FeeSplit;
pub use fields::MealFields;
pub use sift::{Kitchens, Sift};
pub use town::{TownMenu, TownSearch};

use crate::device;
use crate::shared::error::AppError;
use crate::t;
use crate::ui::{ButtonKind, LinkButton, Title, Trouble, TryAgain};
use leptos::prelude::*;

/// What stands in place of a page that cannot be shown, under the refusal's status.
#[component]
pub fn Problem(
    /// Why.
    error: AppError,
    /// The page's own address, to come back to after signing in.
    #[prop(into)]
    path: String,
) -> impl IntoView {
    device::set_status(error.status());
    let needs_sign_in = error == AppError::SignInRequired;
    let title = error.text();
    view! {
        <Title text=t!("shell.title", page = title)/>
        {if needs_sign_in {
            view! {
                <Trouble error>
                    <LinkButton href=format!("/sign-in?next={path}") kind=ButtonKind::Main>{t!("shell.sign_in")}</LinkButton>
                </Trouble>
            }
            .into_any()
        } else {
            let again = error.is_passing().then(|| view! { <TryAgain/> }.into_any());
            view! { <Trouble error>{again}<LinkButton href="/meals">{t!("parties.others")}</LinkButton></Trouble> }.into_any()
        }}
    }
}
