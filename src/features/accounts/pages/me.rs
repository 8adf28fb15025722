//! `/me`

use crate::device::{self, load};
use crate::features::accounts::api::{MailProof, ReadAccount, SetLanguage, SetRegion, SetTheme, SignOut};
use crate::features::accounts::components::narrow;
use crate::features::accounts::model::{MyAccount, Preferences, RegionForm, Theme};
use crate::features::regions::components::RegionField;
use crate::features::regions::model::RegionView;
use crate::shared::error::AppError;
use crate::shared::text::Lang;
use crate::t;
use crate::ui::{AppBar, Avatar, AvatarSize, Banner, ButtonKind, ErrorSummary, Icon, IconName, PostForm, SubmitButton, Title, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

/// The signed-in person's own page.
#[derive(Debug)]
pub struct MePage;

#[lazy_route]
impl LazyRoute for MePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let account = load(|| Ok(ReadAccount {}));
        view! {
            <Title text=t!("shell.title", page = t!("accounts.me.title"))/>
            <div class="page">
                <AppBar/>
                {narrow(account, |account| view! { <Account account/> }.into_any())}
            </div>
        }
        .into_any()
    }
}

#[component]
fn Account(account: MyAccount) -> impl IntoView {
    let done = use_query_map().with_untracked(|query| query.get("done"));
    let done = match done.as_deref() {
        Some("password") => Some(t!("accounts.me.password_done")),
        Some("profile") => Some(t!("profiles.done")),
        Some("details") => Some(t!("accounts.details.done")),
        Some("details_mailed") => Some(t!("accounts.details.mailed")),
        Some("details_wait") => Some(t!("accounts.details.wait")),
        Some("region") => Some(t!("accounts.me.region_done")),
        Some("mailed") => Some(t!("accounts.me.mailed")),
        Some("linked") => Some(t!("accounts.logins.linked")),
        Some("verified") => Some(t!("accounts.verify.done")),
        _ => None,
    };
    let school = account.school.unwrap_or_else(|| t!("schools.mine.text"));
    let email = account.email.clone();
    let logins = account.has_ways.then(|| {
        view! { <Way href="/me/logins" icon=IconName::Share label=t!("accounts.logins.title") text=t!("accounts.logins.text")/> }.into_any()
    });
    view! {
        <div class="me">
            {done.map(|done| view! { <Banner icon=IconName::Check attr:role="status">{done}</Banner> }.into_any())}
            <header class="me__head">
                <Avatar name=account.nickname.clone() face=account.face size=AvatarSize::Huge/>
                <div class="grow"><h1>{account.nickname}</h1><p class="meta">{account.email}</p></div>
            </header>
            {(!account.is_verified).then(|| view! { <Proof email kept=account.are_mails_kept/> }.into_any())}
            <Region region=account.region/>
            <ul class="card list rows">
                <Way href="/me/profile" icon=IconName::Me label=t!("profiles.mine") text=t!("profiles.mine.text")/>
                <Way href="/me/school" icon=IconName::Campus label=t!("accounts.me.school") text=school/>
                <Way href="/me/parties" icon=IconName::Moim label=t!("parties.mine") text=t!("accounts.me.parties_text")/>
                <Way href="/me/notices" icon=IconName::Bell label=t!("notices.title") text=t!("accounts.me.notices_text")/>
                <Way href="/me/sessions" icon=IconName::Lock label=t!("accounts.me.sessions") text=t!("accounts.me.sessions_text")/>
                <Way href="/me/password" icon=IconName::Pen label=t!("accounts.me.password") text=t!("accounts.me.password_text")/>
                {logins}
                <Way href="/me/blocks" icon=IconName::People label=t!("chat.blocked") text=t!("chat.blocked.text")/>
                <Way href="/me/close" icon=IconName::Exit label=t!("accounts.close.title") text=t!("accounts.close.text")/>
            </ul>
            <Looks preferences=account.preferences/>
            <ul class="card list rows">
                <Way href="/about" icon=IconName::Mark label=t!("about.title") text=String::new()/>
                <Way href="/terms" icon=IconName::Book label=t!("terms.title") text=String::new()/>
                <Way href="/privacy" icon=IconName::Book label=t!("privacy.title") text=String::new()/>
            </ul>
            <form class="me__out" method="post" action=SignOut::PATH on:submit=|_| device::tab_clear()>
                <button class="btn btn--line"><Icon name=IconName::Exit small=true/>{t!("accounts.sign_out")}</button>
            </form>
        </div>
    }
}

/// That the address is not proved yet, and the mail again.
#[component]
fn Proof(email: String, kept: bool) -> impl IntoView {
    let form = submission(MailProof::PATH);
    let kept = kept.then(|| view! { <p><a class="link" href="/dev/mail">{t!("mail.kept")}</a></p> }.into_any());
    view! {
        <section class="card form" aria-labelledby="proof">
            <h2 id="proof">{t!("accounts.me.proof")}</h2>
            <p>{t!("accounts.me.proof_text", email = email)}</p>
            {kept}
            <PostForm state=form>
                <ErrorSummary error=form.error/>
                <SubmitButton label=t!("accounts.me.proof_again") pending=form.pending kind=ButtonKind::Soft/>
            </PostForm>
            <p><a class="link" href="/me/details">{t!("accounts.details.open")}</a></p>
        </section>
    }
}

/// A row that leads somewhere.
#[component]
fn Way(href: &'static str, icon: IconName, label: String, text: String) -> impl IntoView {
    let text = (!text.is_empty()).then(|| view! { <p class="meta">{text}</p> }.into_any());
    view! {
        <li><Icon name=icon/><div class="grow"><a class="cover" href=href>{label}</a>{text}</div><Icon name=IconName::Right/></li>
    }
}

/// Where the person lives, and moving.
#[component]
fn Region(region: Option<RegionView>) -> impl IntoView {
    let form = submission(SetRegion::PATH);
    let check = form.check(|sent: &RegionForm| sent.parse().map(|_| ()));
    let error = form.error;
    let problem = Signal::derive(move || error.with(|error| error.as_ref().and_then(|error| error.fields().of("region").cloned())));
    let typed = form.value("form[region_text]", "");
    // What is wrong with the one field stands beside it; the summary is for everything else.
    let summary = Signal::derive(move || error.get().filter(|error| !matches!(error, AppError::Invalid(_))));
    let field = match region {
        Some(region) => view! { <RegionField label=t!("accounts.region") chosen=region typed problem/> }.into_any(),
        None => view! { <RegionField label=t!("accounts.region") typed problem/> }.into_any(),
    };
    view! {
        <PostForm state=form attr:class="form card" attr:novalidate="" on:submit:capture=check>
            <ErrorSummary error=summary/>
            {field}
            <SubmitButton label=t!("accounts.me.region_save") pending=form.pending/>
        </PostForm>
    }
}

/// Language and colours.
#[component]
fn Looks(preferences: Preferences) -> impl IntoView {
    let themes = [
        (Theme::System, t!("accounts.theme.system")),
        (Theme::Light, t!("accounts.theme.light")),
        (Theme::Dark, t!("accounts.theme.dark")),
    ];
    let langs = [(Lang::Ko, t!("accounts.language.ko")), (Lang::En, t!("accounts.language.en"))];
    let pressed = |is: bool| if is { "true" } else { "false" };
    let themes = themes.map(
        |(theme, name)| view! { <button name="theme" value=theme.code() aria-pressed=pressed(theme == preferences.theme)>{name}</button> },
    );
    let langs = langs.map(|(lang, name)| {
        view! { <button name="lang" value=lang.tag() lang=lang.tag() aria-pressed=pressed(lang == preferences.lang)>{name}</button> }
            .into_any()
    });
    view! {
        <ul class="card list rows">
            <li>
                <Icon name=IconName::Sun/>
                <span class="grow" id="theme-name">{t!("accounts.theme")}</span>
                <form class="seg" method="post" action=SetTheme::PATH role="group" aria-labelledby="theme-name">{themes}</form>
            </li>
            <li>
                <Icon name=IconName::Chat/>
                <span class="grow" id="lang-name">{t!("accounts.language")}</span>
                <form class="seg" method="post" action=SetLanguage::PATH role="group" aria-labelledby="lang-name">{langs}</form>
            </li>
        </ul>
    }
}
