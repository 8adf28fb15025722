//! The fields of the form that opens or changes an order.

use crate::device::RwSignal;
use crate::features::meals::model::{Category, DUE_AT, DUE_KEEP, MAX_WON, MealForm, QUICK_MINUTES, SEATS};
use crate::features::parties::components::PicturesField;
use crate::features::parties::model::{Joining, MAX_BODY, TITLE};
use crate::shared::money::{group, split};
use crate::shared::time::{Span, Timestamp};
use crate::t;
use crate::ui::time::moment_text;
use crate::ui::{ErrorSummary, RadioGroup, RadioLook, SelectField, Submission, TextAreaField, TextField, part};
use leptos::prelude::*;

/// What each pays of a fee, as it is being typed.
#[derive(Clone, Copy)]
struct Sum {
    fee: RwSignal<String>,
    seats: RwSignal<String>,
}

impl Sum {
    fn hear(self, event: &leptos::ev::Event) {
        // Fields of every kind have a name and a value.
        let target: leptos::web_sys::HtmlInputElement = event_target(event);
        match target.name().as_str() {
            "form[fee]" => self.fee.set(target.value()),
            "form[seats]" => self.seats.set(target.value()),
            _ => {}
        }
    }

    fn text(self) -> Option<(String, String)> {
        let fee: i64 = self.fee.with(|fee| fee.replace(',', "").trim().parse().ok()).filter(|fee| (0..=MAX_WON).contains(fee))?;
        let seats: i64 = self.seats.with(|seats| seats.parse().ok())?;
        let people = t!("meals.form.sum", people = seats);
        Some((people, t!("meals.won", won = group(split(fee, seats).each))))
    }
}

/// All fields, with what was typed and what is wrong, in cards.
#[component]
pub fn MealFields(
    /// The form's state.
    form: Submission,
    /// What stands in it at first.
    draft: MealForm,
    /// The time of the answer.
    now: Timestamp,
    /// The deadline as it is, when an order is changed.
    #[prop(default = None)]
    deadline: Option<Timestamp>,
) -> impl IntoView {
    let value = |name: &str, draft: &str| form.value(name, draft);
    let sum = Sum { fee: RwSignal::new(value("form[fee]", &draft.fee)), seats: RwSignal::new(value("form[seats]", &draft.seats)) };
    let mut categories = vec![(String::new(), t!("meals.form.category.choose"))];
    categories.extend(Category::ALL.map(|category| (category.code().to_owned(), category.label())));
    let seats: Vec<_> = (SEATS.0..=SEATS.1).map(|n| (n.to_string(), t!("meals.form.people", n = n))).collect();
    let outside: Vec<_> = (0..SEATS.1).map(|n| (n.to_string(), t!("meals.form.people", n = n))).collect();
    let mut due: Vec<_> = QUICK_MINUTES.map(|n| (n.to_string(), t!("meals.form.minutes", n = n))).to_vec();
    if let Some(deadline) = deadline {
        due.insert(0, (DUE_KEEP.to_owned(), t!("meals.form.keep", moment = moment_text(deadline, now))));
    }
    due.push((DUE_AT.to_owned(), t!("meals.form.at")));
    let joining = [(Joining::Direct, t!("meals.form.direct")), (Joining::Approval, t!("meals.form.approval"))];
    let joining: Vec<_> = joining.into_iter().map(|(joining, text)| (joining.code().to_owned(), text)).collect();
    let first_joining = if draft.joining.is_empty() { Joining::default().code() } else { &draft.joining };
    view! {
        <input type="hidden" name="form[key]" value=value("form[key]", &draft.key)/>
        <div class="meal-form" on:input=move |event| sum.hear(&event)>
            <ErrorSummary error=form.error/>
            <section class="card">
                <h2>{t!("meals.form.what")}</h2>
                <TextField
                    name="form[title]" label=t!("meals.form.title") value=value("form[title]", &draft.title)
                    error=form.field("title") hint=t!("meals.form.title.hint") maxlength=TITLE.1 as u32
                />
                <SelectField
                    name="form[category]" label=t!("meals.form.category") options=categories
                    value=value("form[category]", &draft.category) error=form.field("category")
                />
                <TextField name="form[shop]" label=t!("meals.form.shop") value=value("form[shop]", &draft.shop) error=form.field("shop") maxlength=60/>
                <TextField
                    name="form[link]" label=t!("meals.form.link") value=value("form[link]", &draft.link) error=form.field("link")
                    hint=t!("meals.form.link.hint") inputmode="url" maxlength=500
                />
            </section>
            <section class="card">
                <h2>{t!("meals.form.money")}</h2>
                <div class="pair">
                    <TextField
                        name="form[fee]" label=t!("meals.form.fee") value=value("form[fee]", &draft.fee) error=form.field("fee")
                        inputmode="numeric" unit=t!("meals.form.won") maxlength=12
                    />
                    <TextField
                        name="form[minimum]" label=t!("meals.form.minimum") value=value("form[minimum]", &draft.minimum)
                        error=form.field("minimum") inputmode="numeric" unit=t!("meals.form.won") maxlength=12
                    />
                </div>
                <div class="pair">
                    <SelectField
                        name="form[seats]" label=t!("meals.form.seats") options=seats value=value("form[seats]", &draft.seats)
                        error=form.field("seats") hint=t!("meals.form.seats.hint")
                    />
                    <SelectField
                        name="form[outside]" label=t!("meals.form.outside") options=outside value=value("form[outside]", &draft.outside)
                        error=form.field("outside") hint=t!("meals.form.outside.hint")
                    />
                </div>
                <div aria-live="polite">
                    {part(move || sum.text().map(|(people, each)| view! { <p class="sum"><span>{people}</span><b>{each}</b></p> }))}
                </div>
            </section>
            <section class="card">
                <h2>{t!("meals.form.when")}</h2>
                <RadioGroup
                    name="form[due]" label=t!("meals.form.due") options=due value=value("form[due]", &draft.due) error=form.field("due")
                />
                <TextField
                    name="form[due_at]" label=t!("meals.form.due_at") value=value("form[due_at]", &draft.due_at)
                    error=form.field("due_at") hint=t!("meals.form.due_at.hint") kind="datetime-local"
                    min=now.local() max=(now + Span::hours(24)).local()
                />
                <TextField
                    name="form[pickup]" label=t!("meals.form.pickup") value=value("form[pickup]", &draft.pickup)
                    error=form.field("pickup") hint=t!("meals.form.pickup.hint") maxlength=100
                />
                <RadioGroup
                    name="form[joining]" label=t!("meals.form.joining") options=joining value=value("form[joining]", first_joining)
                    error=form.field("joining") look=RadioLook::Segments
                />
                <TextAreaField
                    name="form[body]" label=t!("meals.form.body") value=value("form[body]", &draft.body) error=form.field("body")
                    hint=t!("meals.form.body.hint") rows=6 maxlength=MAX_BODY as u32
                />
                <PicturesField form pictures=draft.pictures/>
            </section>
        </div>
    }
}
