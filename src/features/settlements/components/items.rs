//! What the reader orders: a list, and the form that enters and changes.

use super::{is_drawn_anew, key_of, won};
use crate::device::{self, Memo, StoredValue};
use crate::features::settlements::api::{PutItem, RemoveItem};
use crate::features::settlements::model::{Bill, Item, ItemForm, MAX_ITEMS, MAX_NAME};
use crate::shared::error::AppError;
use crate::shared::ids::ItemId;
use crate::shared::money::group;
use crate::t;
use crate::ui::{
    ButtonKind, ButtonSize, ErrorSummary, Icon, IconName, LinkButton, PostForm, SubmitButton, TextField, field_id, focus, part, rows,
    submission,
};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// What the form is about: a new item, or one that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its name.
    pub key: ItemId,
    /// What it is now.
    pub item: Option<Item>,
}

/// What the reader orders.
#[component]
pub fn MyItems(
    /// The bill.
    #[prop(into)]
    bill: Signal<Bill>,
    /// What the form is about.
    draft: Memo<Draft>,
    /// The address of the page.
    path: StoredValue<String>,
    /// What follows when something was done, or was not.
    done: Callback<(&'static str, Option<AppError>)>,
) -> impl IntoView {
    let list = rows(
        move || bill.with(|bill| bill.mine().iter().map(|item| (item.clone(), bill.is_open())).collect::<Vec<_>>()),
        |(item, is_open)| (item.id, item.name.clone(), item.price, item.count, *is_open),
        move |(item, is_open)| row(item, is_open, bill, path, done),
    );
    let is_first = StoredValue::new(true);
    // What is typed stays while others write on the bill.
    let fits = Memo::new(move |_| {
        let is_edit = draft.with(|draft| draft.item.is_some());
        bill.with(|bill| bill.is_open() && (is_edit || (bill.mine().len() as i64) < MAX_ITEMS))
    });
    let form = part(move || {
        let draft = draft.get();
        fits.get().then(|| {
            // Who has entered something goes on with the next.
            if is_drawn_anew(is_first) {
                let id = field_id("form[name]");
                device::effect(move || focus(&id));
            }
            let party = bill.with_untracked(|bill| bill.party.to_string());
            view! { <Entry draft party path done/> }
        })
    });
    let nothing =
        part(move || bill.with(|bill| bill.mine().is_empty()).then(|| view! { <p class="meta">{t!("settlements.mine.none")}</p> }));
    let closed = part(move || bill.with(|bill| !bill.is_open()).then(|| view! { <p class="meta">{t!("settlements.mine.closed")}</p> }));
    view! {
        <section class="card form" aria-labelledby="mine">
            <h2 id="mine">{t!("settlements.mine")}</h2>
            {nothing}
            <ul class="list">{list}</ul>
            {form}
            {closed}
        </section>
    }
}

/// One of the reader's items.
fn row(
    item: Item,
    is_open: bool,
    bill: Signal<Bill>,
    path: StoredValue<String>,
    done: Callback<(&'static str, Option<AppError>)>,
) -> AnyView {
    let (sum, name, worth) = (won(item.sum()), item.name.clone(), times(&item));
    let (id, party) = (item.id.to_string(), bill.with_untracked(|bill| bill.party.to_string()));
    let acts = is_open.then(|| {
        let remove = submission(RemoveItem::PATH).then(done);
        let href = path.with_value(|path| format!("{path}?edit={id}"));
        view! {
            <a class="tool" href=href aria-label=t!("settlements.item.edit", name = item.name)><Icon name=IconName::Pen/></a>
            <PostForm state=remove>
                <input type="hidden" name="party" value=party/>
                <input type="hidden" name="item" value=id/>
                <button class="tool" aria-label=t!("settlements.item.remove", name = item.name)><Icon name=IconName::Trash/></button>
            </PostForm>
        }
        .into_any()
    });
    view! {
        <li class="item">
            <p class="grow"><b>{name}</b><br/><span class="meta">{worth}</span></p>
            <b>{sum}</b>
            {acts}
        </li>
    }
    .into_any()
}

/// `9,500원 × 2`
pub(super) fn times(item: &Item) -> String {
    t!("settlements.times", price = won(item.price), count = item.count)
}

/// The form for one item.
#[component]
fn Entry(draft: Draft, party: String, path: StoredValue<String>, done: Callback<(&'static str, Option<AppError>)>) -> impl IntoView {
    let form = submission(PutItem::PATH).then(done);
    let Draft { key, item } = draft;
    let is_edit = item.is_some();
    let (name, price, count) =
        item.map_or_else(|| (String::new(), String::new(), "1".to_owned()), |item| (item.name, group(item.price), item.count.to_string()));
    let cancel = is_edit.then(|| {
        view! { <LinkButton href=path.get_value() kind=ButtonKind::Bare size=ButtonSize::Small>{t!("ui.cancel")}</LinkButton> }.into_any()
    });
    view! {
        <PostForm state=form attr:class="form" attr:novalidate=true on:submit:capture=form.check(|form: &ItemForm| form.parse().map(drop))>
            <ErrorSummary error=form.error/>
            <input type="hidden" name="form[party]" value=party/>
            <input type="hidden" name="form[key]" value=key_of(form, key)/>
            {is_edit.then(|| view! { <input type="hidden" name="form[change]" value="true"/> }.into_any())}
            <TextField
                name="form[name]" label=t!("settlements.item.name") value=form.value("form[name]", &name) error=form.field("name")
                autocomplete="off" maxlength=MAX_NAME as u32
            />
            <div class="pair">
                <TextField
                    name="form[price]" label=t!("settlements.item.price") value=form.value("form[price]", &price) error=form.field("price")
                    inputmode="numeric" autocomplete="off" unit=t!("settlements.unit") maxlength=9
                />
                <TextField
                    name="form[count]" label=t!("settlements.item.count") value=form.value("form[count]", &count) error=form.field("count")
                    inputmode="numeric" autocomplete="off" unit=t!("settlements.pieces") maxlength=2
                />
            </div>
            <div class="row">
                <SubmitButton label=if is_edit { t!("settlements.item.change") } else { t!("settlements.item.add") } pending=form.pending/>
                {cancel}
            </div>
        </PostForm>
    }
}
