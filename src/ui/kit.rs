//! `/kit`: every part in every state. What is not here is not part of the design system.

use super::kit_states::{Cards, Comments, Feed, Nothing, Times};
use super::*;
use crate::shared::paging::Anchor;
use crate::shared::time::Timestamp;
use crate::t;
use leptos::prelude::*;

/// The page. It shows states, so nothing in it does anything beyond itself.
#[component]
pub fn KitPage(
    /// The time at which the server answered.
    now: Timestamp,
) -> impl IntoView {
    view! {
        <div class="wrap kit">
            <section class="lead"><h1>{t!("ui.kit.lead")}</h1><p class="meta">{t!("ui.kit.lead_text")}</p></section>
            <Part title="ui.kit.color"><Colors /></Part>
            <Part title="ui.kit.type"><Type /></Part>
            <Part title="ui.kit.button"><Buttons /></Part>
            <Part title="ui.kit.input"><Inputs /></Part>
            <Part title="ui.kit.chip" door="meal"><Chips /></Part>
            <Part title="ui.kit.faces"><Faces /></Part>
            <Part title="ui.kit.card" door="meal"><Cards now /></Part>
            <Part title="ui.kit.time"><Times now /></Part>
            <Part title="ui.kit.feed"><Feed /></Part>
            <Part title="ui.kit.comment"><Comments /></Part>
            <Part title="ui.kit.empty" door="meal"><Nothing /></Part>
            <Part title="ui.kit.icon"><Icons /></Part>
        </div>
    }
}

#[component]
fn Part(title: &'static str, #[prop(optional)] door: Option<&'static str>, children: Children) -> impl IntoView {
    view! {
        <section data-door=door aria-label=t!(title)>
            <h2>{t!(title)}</h2>
            <p class="meta">{t!(&format!("{title}_text"))}</p>
            {children()}
        </section>
    }
}

#[component]
fn Colors() -> impl IntoView {
    let swatch = |name: &'static str, class: &'static str| view! { <li><i class=class></i>{name}</li> };
    let door = |door: &'static str, icon: IconName, key: &'static str| {
        view! {
            <div data-door=door><Tile icon /><b>{t!(key)}</b><div class="bar"><i class="w7"></i></div></div>
        }
    };
    view! {
        <div class="plate">
            <ul class="swatches">
                {swatch("canvas", "swatch swatch--canvas")} {swatch("surface", "swatch swatch--surface")}
                {swatch("sunken", "swatch swatch--sunken")} {swatch("pressed", "swatch swatch--pressed")}
                {swatch("edge", "swatch swatch--edge")} {swatch("ink", "swatch swatch--ink")}
                {swatch("ink-2", "swatch swatch--ink-2")} {swatch("ink-3", "swatch swatch--ink-3")}
                {swatch("brand", "swatch swatch--brand")} {swatch("brand-soft", "swatch swatch--brand-soft")}
                {swatch("panel", "swatch swatch--panel")} {swatch("yuzu", "swatch swatch--yuzu")}
                {swatch("yuzu-soft", "swatch swatch--yuzu-soft")} {swatch("danger", "swatch swatch--danger")}
                {swatch("ok", "swatch swatch--ok")} {swatch("focus", "swatch swatch--focus")}
            </ul>
            <div class="doorset">
                {door("trip", IconName::Trip, "ui.kit.trip")} {door("meal", IconName::Meal, "ui.kit.meal")}
                {door("campus", IconName::Campus, "ui.kit.campus")}
            </div>
        </div>
    }
}

#[component]
fn Type() -> impl IntoView {
    view! {
        <div class="plate">
            <p class="kit__show">{t!("ui.kit.type_show")}</p>
            <p class="kit__head">{t!("ui.kit.type_head")}</p>
            <p class="kit__title">{t!("ui.kit.type_title")}</p>
            <p class="kit__lead">{t!("ui.kit.card_1")}</p>
            <div class="prose kit__prose"><p>{t!("ui.kit.type_body")}</p></div>
            <p class="meta">{t!("ui.kit.type_meta")}</p>
            <p class="card card--panel on-panel"><a class="link" href="#main">{t!("ui.kit.more")}</a></p>
        </div>
    }
}

#[component]
fn Buttons() -> impl IntoView {
    view! {
        <div class="plate">
            <div class="row">
                <Button kind=ButtonKind::Main>{t!("ui.kit.join")}</Button>
                <button class="btn btn--main is-hover" type="button">{t!("ui.kit.hover")}</button>
                <button class="btn btn--main is-focus" type="button">{t!("ui.kit.focus")}</button>
                <SubmitButton label=t!("ui.kit.join") pending=true />
                <button class="btn btn--main" type="button" disabled=true>{t!("ui.kit.off")}</button>
            </div>
            <div class="row">
                <Button>{t!("ui.kit.edit")}</Button>
                <button class="btn is-hover" type="button">{t!("ui.kit.hover")}</button>
                <button class="btn is-focus" type="button">{t!("ui.kit.focus")}</button>
                <button class="btn" type="button" disabled=true>{t!("ui.kit.off")}</button>
            </div>
            <div class="row">
                <Button kind=ButtonKind::Line><Icon name=IconName::Lock small=true />{t!("ui.kit.close_party")}</Button>
                <Button kind=ButtonKind::Bare>{t!("ui.kit.more")}</Button>
                <Button kind=ButtonKind::Danger><Icon name=IconName::Exit small=true />{t!("ui.kit.remove")}</Button>
                <LinkButton href="#main" kind=ButtonKind::Yuzu>{t!("ui.kit.free_seats")}</LinkButton>
            </div>
            <div class="row">
                <Button size=ButtonSize::Small>{t!("ui.kit.reply")}</Button>
                <button class="tool" type="button" aria-label=t!("ui.kit.search")><Icon name=IconName::Search /></button>
                <button class="tool is-hover" type="button" aria-label=t!("ui.kit.bell")>
                    <Icon name=IconName::Bell /><Count n=3u32 />
                </button>
                <button class="tool" type="button" aria-label=t!("ui.kit.more") disabled=true><Icon name=IconName::More /></button>
                <a class="go" href="#main">{t!("ui.kit.more")}<Icon name=IconName::Right /></a>
            </div>
            <Button kind=ButtonKind::Main size=ButtonSize::Wide>{t!("ui.kit.sit")}</Button>
        </div>
    }
}

fn problem(key: &'static str) -> FieldProblem {
    Signal::stored(Some(t!(key)))
}

#[component]
fn Inputs() -> impl IntoView {
    let numbers = || vec![("4".to_owned(), t!("ui.kit.field_four")), ("5".to_owned(), t!("ui.kit.field_five"))];
    let places = vec![("door".to_owned(), t!("ui.kit.field_door")), ("bench".to_owned(), t!("ui.kit.field_bench"))];
    let looks = vec![("table".to_owned(), t!("ui.kit.field_table")), ("list".to_owned(), t!("ui.kit.field_list"))];
    view! {
        <form class="plate form" novalidate=true>
            <div class="pair">
                <TextField name="kit[plain]" label=t!("ui.kit.field_plain") hint=t!("ui.kit.field_hint")
                    placeholder=t!("ui.kit.field_placeholder") maxlength=30u32 />
                <TextField name="kit[wrong]" label=t!("ui.kit.field_wrong") value=t!("ui.kit.name_1")
                    error=problem("ui.kit.field_error") />
            </div>
            <div class="pair">
                <Field name="kit[good]" label=t!("ui.kit.field_good")>
                    <input class="input" id=field_id("kit[good]") value="harin@hanbit.ac.kr" aria-describedby="kit-good" />
                    <p class="good" id="kit-good"><Icon name=IconName::Check />{t!("ui.kit.field_good_text")}</p>
                </Field>
                <Field name="kit[off]" label=t!("ui.kit.off")>
                    <input class="input" id=field_id("kit[off]") value=t!("ui.kit.combo_value") disabled=true />
                </Field>
            </div>
            <div class="pair">
                <PasswordField name="kit[password]" label=t!("ui.kit.field_password") autocomplete="off">
                    <p class="strength"><SeatDots seats=4 taken=3 /><b>{t!("ui.kit.field_strength")}</b></p>
                </PasswordField>
                <TextField name="kit[fee]" label=t!("ui.kit.field_fee") value="3500" inputmode="numeric" unit=t!("ui.kit.field_won") />
            </div>
            <div class="pair">
                <SelectField name="kit[seats]" label=t!("ui.kit.field_choose") options=numbers() value="5" />
                <TextAreaField name="kit[text]" label=t!("ui.kit.field_long") value=t!("ui.kit.field_long_value") rows=2 />
            </div>
            <div class="pair">
                <div>
                    <CheckField name="kit[tell]" label=t!("ui.kit.field_tell") checked=true />
                    <CheckField name="kit[switch]" label=t!("ui.kit.field_switch") checked=true switch=true />
                    <CheckField name="kit[terms]" label=t!("ui.kit.field_terms") error=problem("ui.kit.field_terms_error") />
                </div>
                <RadioGroup name="kit[where]" label=t!("ui.kit.field_where") options=places value="door" />
            </div>
            <RadioGroup name="kit[look]" label=t!("ui.kit.field_look") options=looks value="table" look=RadioLook::Segments />
            <div class="field">
                <label for="kit-combo">{t!("ui.kit.combo")}</label>
                <div class="combo">
                    <Icon name=IconName::Search />
                    <input class="input" id="kit-combo" role="combobox" aria-expanded="true" aria-controls="kit-combo-list"
                        autocomplete="off" value=t!("ui.kit.combo_value") />
                    <ul class="combo__list" id="kit-combo-list" role="listbox" aria-label=t!("ui.kit.combo")>
                        <li role="option" aria-selected="true">
                            <Icon name=IconName::Pin />
                            <span class="grow">
                                <mark>{t!("ui.kit.combo_value")}</mark>{t!("ui.kit.combo_rest")}<br />
                                <span class="meta">{t!("ui.kit.combo_place")}</span>
                            </span>
                        </li>
                    </ul>
                </div>
            </div>
        </form>
    }
}

#[component]
fn Chips() -> impl IntoView {
    let page = PageNumbers { number: 12, first: 11, last: 16, after: None, previous: Some(None), next: None };
    let href = |_: u32, _: Option<Anchor>| "#main".to_owned();
    view! {
        <div class="plate">
            <div class="row">
                <button class="chip" type="button" aria-pressed="true">{t!("ui.kit.all")}</button>
                <button class="chip" type="button" aria-pressed="false"><Icon name=IconName::Chicken />{t!("ui.kit.chicken")}</button>
                <button class="chip is-hover" type="button" aria-pressed="false"><Icon name=IconName::Pizza />{t!("ui.kit.hover")}</button>
                <button class="chip is-focus" type="button" aria-pressed="false">{t!("ui.kit.focus")}</button>
                <button class="chip" type="button" disabled=true>{t!("ui.kit.off")}</button>
            </div>
            <nav class="tabs" aria-label=t!("ui.kit.chip")>
                <a class="tabs__tab" href="#main" aria-current="page">{t!("ui.kit.reviews_in")}</a>
                <a class="tabs__tab" href="#main">{t!("ui.kit.reviews_out")}</a>
                <a class="tabs__tab is-focus" href="#main">{t!("ui.kit.focus")}</a>
            </nav>
            <div class="row">
                <Badge kind=BadgeKind::Open>{t!("ui.kit.open")}</Badge>
                <Badge kind=BadgeKind::Soon>{t!("ui.kit.soon")}</Badge>
                <Badge>{t!("ui.kit.full")}</Badge>
                <Badge kind=BadgeKind::Door>{t!("ui.kit.chicken")}</Badge>
                <Badge kind=BadgeKind::You>{t!("ui.kit.mine")}</Badge>
                <Count n=5u32 />
                <Count n=100u32 />
                <span class="manner"><Icon name=IconName::Temp />{t!("ui.kit.manner")}</span>
            </div>
            <Pager page href />
        </div>
    }
}

#[component]
fn Faces() -> impl IntoView {
    let person = |key| Seat::Person { name: t!(key), mine: false };
    let four = vec![person("ui.kit.name_4"), Seat::Person { name: t!("ui.kit.name_1"), mine: true }, Seat::Free, Seat::Free];
    let six = vec![Seat::You, person("ui.kit.name_1"), person("ui.kit.name_2"), person("ui.kit.name_3"), Seat::Outside, Seat::Free];
    let mut twelve: Vec<Seat> = six[..5].to_vec();
    twelve.extend([person("ui.kit.name_4"), Seat::Outside, Seat::Outside]);
    twelve.resize(12, Seat::Free);
    view! {
        <div class="plate plate--2">
            <div class="row">
                <Avatar name=t!("ui.kit.name_1") size=AvatarSize::Huge />
                <Avatar name=t!("ui.kit.name_2") size=AvatarSize::Large />
                <Avatar name=t!("ui.kit.name_3") />
                <Avatar name=t!("ui.kit.name_4") size=AvatarSize::Small />
                <Avatar name="" none=true />
                <span class="stack">
                    <Avatar name=t!("ui.kit.name_1") /><Avatar name=t!("ui.kit.name_2") /><Avatar name=t!("ui.kit.name_4") />
                </span>
                <span><SeatDots seats=4 taken=2 yours=YourSeat::Open />" "<b>{t!("ui.kit.seats_2_4")}</b></span>
                <span><SeatDots seats=4 taken=2 yours=YourSeat::Taken />" "<b>{t!("ui.kit.seats_2_4")}</b></span>
                <SeatDots seats=10 taken=6 yours=YourSeat::Taken />
            </div>
            <div class="ring" data-door="meal"><SeatTable icon=IconName::Meal text=t!("ui.kit.seats_2_4") seats=four /></div>
            <div class="ring" data-door="trip"><SeatTable icon=IconName::Trip text=t!("ui.kit.seats_4_6") seats=six /></div>
            <div class="ring" data-door="meal"><SeatTable icon=IconName::Meal text=t!("ui.kit.seats_many") seats=twelve /></div>
        </div>
    }
}

#[component]
fn Icons() -> impl IntoView {
    let icons = IconName::ALL.iter().map(|&name| view! { <li><Icon name /><span>{name.id()}</span></li> }.into_any()).collect_view();
    view! { <div class="plate"><ul class="icons">{icons}</ul></div> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::text::Lang;

    fn page(lang: Lang) -> String {
        crate::app::texts::install_all();
        Owner::new().with(|| {
            provide_context(lang);
            view! { <KitPage now=Timestamp(1_778_555_871_000) /> }.to_html()
        })
    }

    #[test]
    fn every_part_renders_in_both_languages_with_all_its_words() {
        for lang in [Lang::Ko, Lang::En] {
            let page = page(lang);
            // To look at it: MOIM_KIT_OUT=/tmp cargo test kit
            if let Ok(dir) = std::env::var("MOIM_KIT_OUT") {
                std::fs::write(format!("{dir}/kit-{}.html", lang.tag()), &page).expect("a directory that can be written");
            }
            for missing in [">ui.", "\"ui.", ">error.", "\"error."] {
                assert!(!page.contains(missing), "{lang:?} has no sentence for a key that starts with {missing}");
            }
            assert!(!page.contains(" style="), "the content policy forbids inline styles");
        }
    }
}
