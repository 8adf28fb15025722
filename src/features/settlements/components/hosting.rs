//! What the host decides about a settlement.

use super::settling::{Desk, Done};
use super::{entered, is_drawn_anew, key_of, won};
use crate::device::{Memo, RwSignal, StoredValue};
use crate::features::chat::model::Person;
use crate::features::parties::model::{Stage, State};
use crate::features::settlements::api::{PutExtra, RemoveExtra, SetTerms, SettleBill};
use crate::features::settlements::model::{
    Bill, ExtraForm, ExtraLine, MAX_ACCOUNT, MAX_EXTRAS, MAX_LINK, MAX_NAME, Settlement, Split, TermsForm,
};
use crate::shared::ids::ItemId;
use crate::shared::money::group;
use crate::shared::names::called;
use crate::t;
use crate::ui::{
    ButtonKind, ButtonSize, CheckField, Confirm, ErrorSummary, Icon, IconName, PostForm, RadioGroup, RadioLook, SelectField, SubmitButton,
    TextField, part, submission,
};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// How to settle, what is added and taken off, and that all is settled: for the host, while it is under way.
#[component]
pub fn Hosting(
    /// The bill.
    desk: Desk,
    /// The fee that is expected, in won.
    fee: i64,
    /// A name for the next extra.
    next: RwSignal<ItemId>,
) -> impl IntoView {
    // What is typed stays while others do something.
    let is_ours = Memo::new(move |_| desk.bill.with(|bill| bill.me == bill.host && bill.is_under_way()));
    part(move || is_ours.get().then(|| view! { <Decisions desk fee next/> }))
}

#[component]
fn Decisions(desk: Desk, fee: i64, next: RwSignal<ItemId>) -> impl IntoView {
    let bill = desk.bill;
    let (is_first, is_first_extra) = (StoredValue::new(true), StoredValue::new(true));
    let people = Memo::new(move |_| bill.with(|bill| bill.tabs.iter().map(|tab| tab.person.clone()).collect::<Vec<_>>()));
    let list = part(move || {
        let extras = desk.settlement.with(|settlement| settlement.as_ref().map(|settlement| settlement.extras.clone()))?;
        let rows = extras.into_iter().map(|extra| extra_row(bill, extra, desk.done)).collect::<Vec<_>>();
        (!rows.is_empty()).then(|| view! { <ul class="list">{rows}</ul> })
    });
    let has_room = Memo::new(move |_| {
        desk.settlement.with(|settlement| settlement.as_ref().is_some_and(|settlement| (settlement.extras.len() as i64) < MAX_EXTRAS))
    });
    let adding = part(move || {
        has_room.get().then(|| {
            let party = bill.with_untracked(|bill| bill.party.to_string());
            is_drawn_anew(is_first_extra);
            view! { <ExtraBox party key=next.get() people=people.get() done=desk.done/> }
        })
    });
    // Why it was refused stays to be read.
    let is_due = Memo::new(move |_| bill.with(|bill| bill.state == State::UnderWay(Stage::Arrived)));
    let is_paid = Memo::new(move |_| desk.settlement.with(|settlement| settlement.as_ref().is_some_and(Settlement::is_paid)));
    let ending = part(move || is_due.get().then(|| view! { <Ending desk is_paid=is_paid.get()/> }));
    // What was set elsewhere in the meantime is in the form before it can be set anew.
    let seen = Memo::new(move |_| {
        desk.settlement.with(|settlement| settlement.as_ref().and_then(|settlement| settlement.terms.as_ref()).map(|terms| terms.set_at))
    });
    let terms = part(move || {
        seen.track();
        is_drawn_anew(is_first);
        Some(view! { <TermsBox desk fee/> })
    });
    view! {
        {terms}
        <section class="card card--dash form bill__desk" aria-labelledby="extras">
            <h2 id="extras">{t!("settlements.extras")}</h2>
            <p class="meta">{t!("settlements.extras.text")}</p>
            {list}
            {adding}
        </section>
        {ending}
    }
}

/// The fee, how it is split, and where to send money.
#[component]
fn TermsBox(desk: Desk, fee: i64) -> impl IntoView {
    let form = submission(SetTerms::PATH).then(desk.done);
    let party = desk.bill.with_untracked(|bill| bill.party.to_string());
    let terms = desk.settlement.with_untracked(|settlement| settlement.as_ref().and_then(|settlement| settlement.terms.clone()));
    let is_set = terms.is_some();
    let seen = terms.as_ref().map(|terms| terms.set_at.0.to_string()).unwrap_or_default();
    // Where money went to somebody else is not said again in this host's name.
    let is_others = terms.as_ref().is_some_and(|terms| !terms.is_hosts);
    let (fee, split, account, link) = terms.map_or((fee, Split::Equal, String::new(), String::new()), |terms| {
        let (account, link) = if is_others { (String::new(), None) } else { (terms.account, terms.link) };
        (terms.fee, terms.split, account, link.unwrap_or_default())
    });
    let hint = if is_others { t!("settlements.account.yours") } else { t!("settlements.account.hint") };
    let splits = vec![
        (Split::Equal.code().to_owned(), t!("settlements.split.equal")),
        (Split::ByItems.code().to_owned(), t!("settlements.split.by_items")),
    ];
    view! {
        <section class="card card--dash form" aria-labelledby="terms">
            <h2 id="terms">{t!("settlements.terms")}</h2>
            <PostForm state=form attr:class="form" attr:novalidate=true on:submit:capture=form.check(|form: &TermsForm| form.parse().map(drop))>
                <ErrorSummary error=form.error/>
                <input type="hidden" name="form[party]" value=party/>
                <input type="hidden" name="form[seen]" value=seen/>
                <TextField
                    name="form[fee]" label=t!("settlements.fee") value=form.value("form[fee]", &group(fee)) error=form.field("fee")
                    hint=t!("settlements.fee.hint") inputmode="numeric" unit=t!("settlements.unit") maxlength=9
                />
                <RadioGroup
                    name="form[split]" label=t!("settlements.split") options=splits value=form.value("form[split]", split.code())
                    error=form.field("split") look=RadioLook::Segments
                />
                <TextField
                    name="form[account]" label=t!("settlements.account") value=form.value("form[account]", &account) error=form.field("account")
                    hint=hint autocomplete="off" maxlength=MAX_ACCOUNT as u32
                />
                <TextField
                    name="form[link]" label=t!("settlements.link") value=form.value("form[link]", &link) error=form.field("link")
                    hint=t!("settlements.link.hint") inputmode="url" autocomplete="off" maxlength=MAX_LINK as u32
                />
                <SubmitButton label=if is_set { t!("settlements.terms.change") } else { t!("settlements.terms.set") } pending=form.pending/>
            </PostForm>
        </section>
    }
}

fn extra_row(bill: Signal<Bill>, extra: ExtraLine, done: Done) -> AnyView {
    let ExtraLine { id, label, amount, whom } = extra;
    let label = entered(&label);
    let (party, whom) = bill.with_untracked(|bill| {
        let whom = bill.tabs.iter().find(|tab| Some(tab.person.id) == whom).map(|tab| called(&tab.person.nickname));
        (bill.party.to_string(), whom.unwrap_or_else(|| t!("settlements.whom.all")))
    });
    let remove = submission(RemoveExtra::PATH).then(done);
    view! {
        <li class="item">
            <p class="grow"><b>{label.clone()}</b><br/><span class="meta">{whom}</span></p>
            <b>{won(amount)}</b>
            <PostForm state=remove>
                <input type="hidden" name="party" value=party/>
                <input type="hidden" name="extra" value=id.to_string()/>
                <button class="tool" aria-label=t!("settlements.item.remove", name = label)><Icon name=IconName::Trash/></button>
            </PostForm>
        </li>
    }
    .into_any()
}

/// The form that adds something or takes something off.
#[component]
fn ExtraBox(party: String, key: ItemId, people: Vec<Person>, done: Done) -> impl IntoView {
    let form = submission(PutExtra::PATH).then(done);
    let mut whom = vec![(String::new(), t!("settlements.whom.all.shared"))];
    whom.extend(people.into_iter().map(|person| (person.id.to_string(), called(&person.nickname))));
    view! {
        <PostForm state=form attr:class="form" attr:novalidate=true on:submit:capture=form.check(|form: &ExtraForm| form.parse().map(drop))>
            <ErrorSummary error=form.error/>
            <input type="hidden" name="form[party]" value=party/>
            <input type="hidden" name="form[key]" value=key_of(form, key)/>
            <div class="pair">
                <TextField
                    name="form[label]" label=t!("settlements.extra.label") value=form.value("form[label]", "") error=form.field("label")
                    hint=t!("settlements.extra.label.hint") autocomplete="off" maxlength=MAX_NAME as u32
                />
                <TextField
                    name="form[amount]" label=t!("settlements.extra.amount") value=form.value("form[amount]", "") error=form.field("amount")
                    hint=t!("settlements.extra.amount.hint") autocomplete="off" unit=t!("settlements.unit") maxlength=10
                />
            </div>
            <SelectField name="form[whom]" label=t!("settlements.extra.whom") options=whom value=form.value("form[whom]", "") error=form.field("whom")/>
            <div class="row"><SubmitButton label=t!("settlements.extra.add") pending=form.pending kind=ButtonKind::Soft/></div>
        </PostForm>
    }
}

/// Says that all is settled; where somebody still owes something, only when the host wants it all the same.
#[component]
fn Ending(desk: Desk, is_paid: bool) -> impl IntoView {
    let form = submission(SettleBill::PATH).then(desk.done);
    let party = desk.bill.with_untracked(|bill| bill.party.to_string());
    let anyway = (!is_paid).then(|| view! { <CheckField name="form[anyway]" label=t!("settlements.settle.anyway")/> }.into_any());
    let text = if is_paid { t!("settlements.settle.text") } else { t!("settlements.settle.unpaid") };
    view! {
        <Confirm label=t!("settlements.settle") question=t!("settlements.settle.question") text kind=ButtonKind::Main size=ButtonSize::Wide open=form.is_retry()>
            <PostForm state=form attr:class="form grow">
                <ErrorSummary error=form.error/>
                <input type="hidden" name="form[party]" value=party/>
                {anyway}
                <SubmitButton label=t!("settlements.settle.send") pending=form.pending/>
            </PostForm>
        </Confirm>
    }
}
