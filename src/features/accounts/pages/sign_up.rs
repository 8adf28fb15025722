//! `/sign-up`

use crate::device::{self, Memo, ask, load};
use crate::features::accounts::api::{SignInWays, SignUp, SuggestNickname};
use crate::features::accounts::components::{JoinFrame, NewPassword, SchoolFields, Typed, genders, ways_out};
use crate::features::accounts::model::{ArrivalView, Gender, MAX_EMAIL, MAX_NICKNAME, SignUpForm, Ways, sign_in_path};
use crate::features::regions::components::RegionField;
use crate::features::schools::api::ListSchools;
use crate::shared::error::AppError;
use crate::shared::text::lang;
use crate::t;
use crate::ui::{
    Banner, ButtonSize, CheckField, Description, ErrorSummary, Field, FieldProblem, Icon, IconName, PostForm, RadioGroup, RadioLook,
    Submission, SubmitButton, TextField, field_id, submission, words,
};
use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlInputElement;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

/// Who somebody is and where they live.
#[derive(Debug)]
pub struct SignUpPage;

#[lazy_route]
impl LazyRoute for SignUpPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let (nickname, schools) = (load(|| Ok(SuggestNickname {})), load(|| Ok(ListSchools {})));
        let ways = load(|| Ok(SignInWays {}));
        let with = use_query_map().with_untracked(|query| query.get("with").unwrap_or_default());
        let next = use_query_map().with_untracked(|query| query.get("next").unwrap_or_default());
        let sign_in = if next.is_empty() { "/sign-in".to_owned() } else { sign_in_path(&next) };
        view! {
            <Description text=t!("accounts.art")/>
            <JoinFrame title=t!("accounts.sign_up.title") lead=t!("accounts.sign_up.lead")>
                <p class="meta">{t!("accounts.sign_up.have")}" "<a class="link" href=sign_in>{t!("accounts.sign_in.title")}</a></p>
                <Suspense>
                    {move || {
                        let (next, with) = (next.clone(), with.clone());
                        Suspend::new(async move {
                            // Without an offer or the list the form works as well.
                            let nickname = nickname.read().await.unwrap_or_default();
                            let schools = schools.read().await.unwrap_or_default();
                            let schools = schools.iter().map(|school| school.called(lang()).to_owned()).collect();
                            let Ways { ways, arrival } = ways.read().await.unwrap_or_default();
                            let arrival = arrival.filter(|arrival| !arrival.has_account && arrival.id.to_string() == with);
                            let above = match &arrival {
                                Some(arrival) => Some(t!("accounts.join.text", name = arrival.label.clone())),
                                None => (!with.is_empty()).then(|| t!("accounts.ways.late")),
                            };
                            let ways = if arrival.is_none() { ways_out(ways, &next) } else { None };
                            view! {
                                {above.map(|above| view! { <Banner icon=IconName::Check attr:role="status">{above}</Banner> }.into_any())}
                                {ways}
                                <Form nickname schools next arrival/>
                            }
                        })
                    }}
                </Suspense>
            </JoinFrame>
        }
        .into_any()
    }
}

#[component]
fn Form(nickname: String, schools: Vec<String>, next: String, arrival: Option<ArrivalView>) -> impl IntoView {
    let form = submission(SignUp::PATH);
    let (with, label, proved) = arrival.map(|arrival| (arrival.id.to_string(), arrival.label, arrival.email)).unwrap_or_default();
    let hint = if proved.is_some() { t!("accounts.join.proved", name = label) } else { String::new() };
    let email = form.value("form[email]", &proved.unwrap_or_default());
    let nickname = form.value("form[nickname]", &nickname);
    let typed = Typed::new(email.clone(), nickname.clone());
    let check = form.check(|sent: &SignUpForm| sent.parse(device::now()).map(|_| ()));
    let error = form.error;
    // Once that is over, the form is one without it, and stays so when it is sent again.
    let is_over = Memo::new(move |was: Option<&bool>| {
        was.is_some_and(|was| *was) || error.with(|error| matches!(error, Some(AppError::Conflict(_))))
    });
    let with = words(move || Some(if is_over.get() { String::new() } else { with.clone() }));
    let region_problem = Signal::derive(move || error.with(|error| error.as_ref().and_then(|error| error.fields().of("region").cloned())));
    view! {
        <PostForm state=form attr:novalidate="" on:submit:capture=check on:input=move |ev| typed.follow(&ev)>
            <ErrorSummary error=form.error/>
            <input type="hidden" name="form[next]" value=form.value("form[next]", &next)/>
            <input type="hidden" name="form[with]" value=with/>
            <TextField
                name="form[email]"
                label=t!("accounts.email")
                kind="email"
                inputmode="email"
                autocomplete="email"
                maxlength=MAX_EMAIL as u32
                hint
                value=email
                error=form.field("email")
            />
            <Nickname value=nickname error=form.field("nickname") typed/>
            <NewPassword form typed is_first=true/>
            <TextField
                name="form[birth_date]"
                label=t!("accounts.birth_date")
                kind="date"
                autocomplete="bday"
                hint=t!("accounts.birth_date.hint")
                value=form.value("form[birth_date]", "")
                error=form.field("birth_date")
            />
            <RadioGroup
                name="form[gender]"
                label=t!("accounts.gender")
                look=RadioLook::Segments
                options=genders()
                value=form.value("form[gender]", Gender::Unsaid.code())
                error=form.field("gender")
            />
            <RegionField label=t!("accounts.region") typed=form.value("form[region_text]", "") problem=region_problem/>
            <SchoolFields names=schools form/>
            <Terms form/>
            <SubmitButton label=t!("accounts.sign_up.do") pending=form.pending size=ButtonSize::Wide/>
        </PostForm>
    }
}

/// The name that others see, with another one on request.
#[component]
fn Nickname(value: String, error: FieldProblem, typed: Typed) -> impl IntoView {
    let id = field_id("nickname");
    let input = NodeRef::<html::Input>::new();
    let describedby = format!("{id}-error {id}-hint");
    let offer = move |_| {
        spawn_local(async move {
            // Without an answer the name that stands there stays.
            if let (Ok(name), Some(input)) = (ask(SuggestNickname {}).await, input.get_untracked()) {
                input.set_value(&name);
                typed.rename(name);
            }
        });
    };
    view! {
        <Field name="form[nickname]" label=t!("accounts.nickname") hint=t!("accounts.nickname.hint") error>
            <div class="offer">
                <input
                    class="input"
                    id=id
                    name="form[nickname]"
                    type="text"
                    value=value
                    autocomplete="nickname"
                    maxlength=MAX_NICKNAME.to_string()
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=describedby
                    node_ref=input
                />
                <button class="btn js-only" type="button" on:click=offer>{t!("accounts.nickname.other")}</button>
            </div>
        </Field>
    }
}

/// What has to be agreed to.
#[component]
fn Terms(form: Submission) -> impl IntoView {
    let checked = |name: &str| form.value(name, "") == "true";
    view! {
        <fieldset>
            <legend class="label">{t!("accounts.terms")}</legend>
            <div class="terms" on:change=agree>
                <label class="check js-only"><input type="checkbox" id=ALL/><span>{t!("accounts.terms.all")}</span></label>
                <ul>
                    <li>
                        <CheckField name="form[terms]" label=t!("accounts.terms.agree") checked=checked("form[terms]") error=form.field("terms")/>
                        <a class="tool" href="/terms" target="_blank" aria-label=t!("accounts.terms.read")><Icon name=IconName::Right small=true/></a>
                    </li>
                    <li>
                        <CheckField name="form[privacy]" label=t!("accounts.privacy.agree") checked=checked("form[privacy]") error=form.field("privacy")/>
                        <a class="tool" href="/privacy" target="_blank" aria-label=t!("accounts.privacy.read")><Icon name=IconName::Right small=true/></a>
                    </li>
                </ul>
            </div>
        </fieldset>
    }
}

const ALL: &str = "agree-all";

/// Ticking the first box ticks all; it is ticked while all are.
fn agree(ev: Event) {
    let find = |id: &str| document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlInputElement>().ok());
    let boxes: Vec<HtmlInputElement> = ["terms", "privacy"].into_iter().filter_map(|name| find(&field_id(name))).collect();
    let Some(all) = find(ALL) else { return };
    if event_target::<HtmlInputElement>(&ev).id() == ALL {
        boxes.iter().for_each(|one| one.set_checked(all.checked()));
    } else {
        all.set_checked(boxes.iter().all(HtmlInputElement::checked));
    }
}
