//! What stands around every page: navigation, tools, who is signed in.

use crate::device::{self, Loading, load};
use crate::features::accounts::api::WhoAmI;
use crate::features::accounts::components::{LanguageSwitch, ThemeToggle};
use crate::features::accounts::model::Me;
use crate::features::chat::components::UnreadBadge;
use crate::features::notices::components::{Bell, BellLink};
use crate::live::client::Live;
use crate::live::protocol::Down;
use crate::shared::json::Left;
use crate::t;
use crate::ui::{BarTools, Covered, Icon, IconName, ToastRegion, Toaster, awaited};
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;

/// The signed-in person, for every page: `use_context::<Who>()`.
pub type Who = Loading<Option<Me>>;

/// The frame of every routed page.
#[component]
pub fn Layout() -> impl IntoView {
    view! { <Frame><Outlet/></Frame> }
}

/// Navigation beside or below, a page in the middle, notices on top.
#[component]
pub fn Frame(
    /// The page.
    children: Children,
) -> impl IntoView {
    let who: Who = load(|| Ok(WhoAmI {}));
    provide_context(who);
    provide_context(SharedValue::<_, Left>::new_with_encoding(device::refused).into_inner());
    let toaster = Toaster::provide();
    provide_context(BarTools(ViewFn::from(move || view! { {bell_link(who)}<LanguageSwitch/><ThemeToggle/> })));
    let covered = Covered::provide();
    let live = Live::provide();
    let bell = Bell::provide(live);
    device::effect(move || {
        if let Some(Ok(Some(me))) = who.get() {
            live.start(me.id);
        }
    });
    device::effect(move || {
        live.listen(move |down| {
            if let Down::Seated { title, .. } = down {
                toaster.push(t!("shell.seated", title = title));
            }
        });
    });
    let counted = move |title: String| match live.total().unwrap_or_default() + bell.unread() {
        unread if unread > 0 => format!("({unread}) {title}"),
        _ => title,
    };
    let path = use_location().pathname;
    let class = move || path.with(|path| shell_class(path));
    view! {
        {device::title_format(counted)}
        // `external`: the router would only scroll there; the browser leads the focus there as well.
        <a class="skip" href="#main" rel="external">{t!("shell.skip")}</a>
        <div class=class>
            <Navigation who covered/>
            {children()}
            <ToastRegion/>
        </div>
    }
}

/// For those who are signed in.
fn bell_link(who: Who) -> AnyView {
    view! {
        <Suspense>
            {awaited(move || async move { matches!(who.read().await, Ok(Some(_))).then(|| view! { <BellLink/> }) })}
        </Suspense>
    }
    .into_any()
}

/// Chat has a narrow rail, signing up and in none.
fn shell_class(path: &str) -> &'static str {
    match path.split('/').nth(1) {
        Some("chat") => "shell shell--slim",
        Some("sign-up" | "sign-in" | "forgot" | "reset" | "verify") => "shell shell--bare",
        _ => "shell",
    }
}

#[component]
fn Navigation(who: Who, covered: Covered) -> impl IntoView {
    view! {
        <nav class="nav" aria-label=t!("shell.menu") inert=move || covered.is_there().get()>
            <a class="brand" href="/"><Icon name=IconName::Mark/><b>{t!("shell.name")}</b></a>
            <ul class="nav__list">
                <li><Place href="/" icon=IconName::Home label=t!("shell.home")/></li>
                <li><Place href="/meals" icon=IconName::Moim label=t!("shell.meals")/></li>
                <li><Place href="/chat" icon=IconName::Chat label=t!("shell.chat")><UnreadBadge/></Place></li>
                <li>
                    <Suspense>
                        {awaited(move || async move {
                            let signed_in = matches!(who.read().await, Ok(Some(_)));
                            let (href, label) = if signed_in { ("/me", t!("shell.me")) } else { ("/sign-in", t!("shell.sign_in")) };
                            view! { <Place href icon=IconName::Me label/> }
                        })}
                    </Suspense>
                </li>
            </ul>
        </nav>
    }
}

/// One place of the navigation; it knows whether the reader is there.
#[component]
fn Place(href: &'static str, icon: IconName, label: String, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    let path = use_location().pathname;
    let current = move || path.with(|path| is_at(path, href)).then_some("page");
    view! {
        <a class="nav__item" href=href aria-current=current><Icon name=icon/><span>{label}</span>{children.map(|children| children())}</a>
    }
}

/// Whether a path is a place of the navigation or below it.
fn is_at(path: &str, href: &str) -> bool {
    path == href || (href != "/" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::is_at;

    #[test]
    fn one_place_is_the_present_one() {
        for (path, here) in
            [("/", "/"), ("/meals", "/meals"), ("/meals/new", "/meals"), ("/me", "/me"), ("/me/sessions", "/me"), ("/chat/x", "/chat")]
        {
            let found: Vec<&str> = ["/", "/meals", "/chat", "/me"].into_iter().filter(|href| is_at(path, href)).collect();
            assert_eq!(found, [here], "{path}");
        }
    }
}
