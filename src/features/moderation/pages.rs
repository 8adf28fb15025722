//! `/report/:party`

use super::api::{ReadReportable, Report};
use super::model::{MAX_REPORT, Reason, ReportForm, Reportable};
use crate::device::load;
use crate::features::accounts::components::narrow;
use crate::shared::error::AppError;
use crate::shared::ids::PartyId;
use crate::shared::names::titled;
use crate::t;
use crate::ui::{AppBar, ButtonKind, ErrorSummary, Meta, PostForm, RadioGroup, SubmitButton, TextAreaField, Title, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};

/// What is wrong with a party.
#[derive(Debug)]
pub struct ReportPage;

#[lazy_route]
impl LazyRoute for ReportPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let id: Option<PartyId> = use_params_map().with_untracked(|params| params.get("party")?.parse().ok());
        let what = load(move || Ok(ReadReportable { party: id.ok_or(AppError::NotFound)? }));
        let back = id.map_or_else(|| "/meals".to_owned(), |id| format!("/meals/{id}"));
        view! {
            <Title text=t!("shell.title", page = t!("parties.report"))/>
            <Meta name="robots" content="noindex"/>
            <div class="page">
                <AppBar back back_label=t!("meals.back.one")/>
                {narrow(what, |what| view! { <Form what/> }.into_any())}
            </div>
        }
        .into_any()
    }
}

#[component]
fn Form(what: Reportable) -> impl IntoView {
    let Reportable { party, title, is_reported } = what;
    let form = submission(Report::PATH);
    let check = form.check(|form: &ReportForm| form.parse().map(drop));
    let reasons = Reason::ALL.map(|reason| (reason.code().to_owned(), reason_text(reason))).to_vec();
    let again = is_reported.then(|| view! { <p class="meta">{t!("parties.report.again")}</p> }.into_any());
    view! {
        <header class="lead"><h1>{t!("parties.report.question")}</h1><p class="meta">{titled(&title)}</p></header>
        <PostForm state=form attr:class="form card" attr:novalidate="" on:submit:capture=check>
            <ErrorSummary error=form.error/>
            <p>{t!("parties.report.text")}</p>
            {again}
            <input type="hidden" name="form[party]" value=party.to_string()/>
            <RadioGroup
                name="form[reason]"
                label=t!("parties.report.reason")
                options=reasons
                value=form.value("form[reason]", "")
                error=form.field("reason")
            />
            <TextAreaField
                name="form[text]"
                label=t!("parties.report.more")
                value=form.value("form[text]", "")
                error=form.field("text")
                rows=3
                maxlength=MAX_REPORT as u32
            />
            <SubmitButton label=t!("parties.report.send") pending=form.pending kind=ButtonKind::Danger/>
        </PostForm>
    }
}

fn reason_text(reason: Reason) -> String {
    match reason {
        Reason::Spam => t!("moderation.spam"),
        Reason::Fraud => t!("moderation.fraud"),
        Reason::Abuse => t!("moderation.abuse"),
        Reason::Other => t!("moderation.other"),
    }
}
