//! `/me/school`: the school that I go to, and proving it; where the mail leads that proves it.

use crate::device::{self, load};
use crate::features::accounts::api::{MailSchoolProof, ProveSchool, ReadMySchool, SetSchool};
use crate::features::accounts::components::{SchoolFields, own_page};
use crate::features::accounts::model::{MySchool, SchoolForm, SchoolMailForm};
use crate::features::schools::model::{MAX_ADDRESS, Standing};
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::time::moment_text;
use crate::ui::{Badge, BadgeKind, Banner, ButtonSize, ErrorSummary, Icon, IconName, PostForm, SubmitButton, TextField, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

/// My school; or, with the end of a mailed link, the button that proves it. Opening the page proves nothing: programs that look for
/// bad links in mails open it too.
#[must_use]
pub fn school_page() -> AnyView {
    own_page(t!("accounts.me.school"), load(|| Ok(ReadMySchool {})), |mine| {
        match use_query_map().with_untracked(|query| query.get("token")) {
            Some(token) => view! { <Confirm token school=mine.school.unwrap_or_default()/> }.into_any(),
            None => view! { <School mine/> }.into_any(),
        }
    })
}

#[component]
fn Confirm(token: String, school: String) -> impl IntoView {
    let form = submission(ProveSchool::PATH);
    view! {
        <header class="lead"><h1>{t!("schools.confirm")}</h1><p class="meta">{school}</p></header>
        <PostForm state=form attr:class="form card">
            <ErrorSummary error=form.error/>
            <p>{t!("schools.confirm.text")}</p>
            <input type="hidden" name="token" value=token/>
            <SubmitButton label=t!("schools.confirm.do") pending=form.pending size=ButtonSize::Wide/>
        </PostForm>
        <p><a class="link" href="/me/school">{t!("schools.confirm.back")}</a></p>
    }
}

#[component]
fn School(mine: MySchool) -> impl IntoView {
    let done = use_query_map().with_untracked(|query| query.get("done"));
    let done = match done.as_deref() {
        Some("saved") => Some(t!("schools.done.saved")),
        Some("mailed") => Some(t!("schools.done.mailed")),
        Some("proved") => Some(t!("schools.done.proved")),
        _ => None,
    };
    let MySchool { now, school, admission_year, domains, standing, is_verified, are_mails_kept, names } = mine;
    let proof = school.clone().map(|school| view! { <Proof school standing now/> }.into_any());
    let form = submission(SetSchool::PATH);
    let check = form.check(|sent: &SchoolForm| sent.parse(device::now()).map(drop));
    let year = admission_year.map(|year| year.to_string()).unwrap_or_default();
    let mail = match (&school, is_verified) {
        (Some(_), true) if standing.may_prove() => Some(view! { <Mail domains kept=are_mails_kept/> }.into_any()),
        (Some(_), false) => Some(view! { <p class="meta">{t!("schools.first_own")}</p> }.into_any()),
        _ => None,
    };
    view! {
        <div class="me">
            {done.map(|done| view! { <Banner icon=IconName::Check attr:role="status">{done}</Banner> }.into_any())}
            <header class="lead"><h1>{t!("accounts.me.school")}</h1><p class="meta">{t!("schools.lead")}</p></header>
            {proof}
            {mail}
            <PostForm state=form attr:class="form card" attr:novalidate="" on:submit:capture=check>
                <h2>{t!("schools.name")}</h2>
                <ErrorSummary error=form.error/>
                <SchoolFields names form school=school.unwrap_or_default() year/>
                <p class="hint">{t!("schools.name.ends")}</p>
                <SubmitButton label=t!("schools.name.do") pending=form.pending/>
            </PostForm>
        </div>
    }
}

/// Whether it is proved, since when and until when.
#[component]
fn Proof(school: String, standing: Standing, now: Timestamp) -> impl IntoView {
    let (kind, state, text) = match standing {
        Standing::Unproved => (BadgeKind::Plain, t!("schools.unproved"), t!("schools.unproved.text")),
        Standing::Proved { since, until, .. } => {
            let text = t!("schools.proved.text", since = moment_text(since, now), until = moment_text(until, now));
            (BadgeKind::Open, t!("schools.proved"), text)
        }
        Standing::Over { until } => (BadgeKind::Soon, t!("schools.over"), t!("schools.over.text", until = moment_text(until, now))),
    };
    view! {
        <ul class="card list rows">
            <li>
                <Icon name=IconName::Campus/>
                <div class="grow"><b>{school}</b><p class="meta">{text}</p></div>
                <Badge kind>{state}</Badge>
            </li>
        </ul>
    }
}

/// The address at the school to which the mail goes.
#[component]
fn Mail(domains: Vec<String>, kept: bool) -> impl IntoView {
    let form = submission(MailSchoolProof::PATH);
    let first = domains.first().cloned().unwrap_or_default();
    let all = domains.iter().map(|domain| format!("@{domain}")).collect::<Vec<_>>().join(", ");
    let check = form.check(move |sent: &SchoolMailForm| sent.parse(&domains).map(drop));
    let kept = kept.then(|| view! { <p><a class="link" href="/dev/mail">{t!("mail.kept")}</a></p> }.into_any());
    view! {
        <PostForm state=form attr:class="form card" attr:novalidate="" on:submit:capture=check>
            <h2>{t!("schools.prove")}</h2>
            <ErrorSummary error=form.error/>
            <p>{t!("schools.prove.text")}</p>
            {kept}
            <TextField
                name="form[address]"
                label=t!("schools.address")
                hint=t!("schools.address.hint", first = first, all = all)
                inputmode="email"
                autocomplete="off"
                maxlength=MAX_ADDRESS as u32
                value=form.value("form[address]", "")
                error=form.field("address")
            />
            <SubmitButton label=t!("schools.prove.do") pending=form.pending/>
        </PostForm>
    }
}
