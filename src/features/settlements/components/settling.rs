//! Who pays what, and what has been paid.

use super::{entered, won};
use crate::device;
use crate::features::settlements::api::{MarkReceived, MarkSent, RemindPayer};
use crate::features::settlements::model::{Bill, Change, Line, Payment, Settlement, Split, Terms, What};
use crate::shared::error::AppError;
use crate::shared::names::called;
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::{
    Avatar, Badge, BadgeKind, Banner, Button, ButtonKind, ButtonSize, DateTime, Icon, IconName, PostForm, SubmitButton, Toaster, part,
    submission,
};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

/// What follows when something was done, or was not.
pub type Done = Callback<(&'static str, Option<AppError>)>;

/// What the forms of a bill are about, as it is now.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The bill.
    pub bill: Signal<Bill>,
    /// How it is settled, once it is ordered.
    pub settlement: Signal<Option<Settlement>>,
    /// What follows when something was done.
    pub done: Done,
}

/// What each pays, how that stands, and what the host says of it.
#[component]
pub fn Shares(
    /// The bill.
    desk: Desk,
    /// The time of the answer.
    #[prop(into)]
    now: Signal<Timestamp>,
) -> impl IntoView {
    part(move || {
        let (bill, now) = (desk.bill.get(), now.get_untracked());
        desk.settlement.get().map(|settlement| {
            let rows = bill.tabs.iter().filter_map(|tab| settlement.of(tab.person.id).map(|line| row(desk, &bill, &settlement, line, now)));
            let rows = rows.collect::<Vec<_>>();
            let expected = settlement.terms.is_none().then(|| {
                // Whoever settled it otherwise says no more.
                let is_under_way = bill.is_under_way();
                let words = if is_under_way { t!("settlements.shares.expected") } else { t!("settlements.shares.never") };
                view! { <Banner icon=IconName::Clock>{words}</Banner> }.into_any()
            });
            let split = settlement.terms.as_ref().map_or(Split::Equal, |terms| terms.split);
            let split = if split == Split::Equal { t!("settlements.split.equal.text") } else { t!("settlements.split.by_items.text") };
            let extras = extras(&bill, &settlement);
            view! {
                <section class="card form" aria-labelledby="settling">
                    <h2 id="settling" tabindex="-1">{t!("settlements.shares")}</h2>
                    {expected}
                    <p class="bill__sum"><span>{t!("settlements.receipt")}</span><b>{won(settlement.receipt)}</b></p>
                    {extras}
                    <ul class="list">{rows}</ul>
                    <p class="hint">{split}" "{t!("settlements.rule")}</p>
                </section>
            }
        })
    })
}

/// What was added and taken off, by its name.
fn extras(bill: &Bill, settlement: &Settlement) -> Option<AnyView> {
    let fee = settlement
        .terms
        .as_ref()
        .map(|terms| view! { <li>{t!("settlements.fee")}" "<span class="meta">{won(terms.fee)}</span></li> }.into_any());
    let rows = settlement.extras.iter().map(|extra| {
        let whom = bill.tabs.iter().find(|tab| Some(tab.person.id) == extra.whom).map(|tab| called(&tab.person.nickname));
        let whom = whom.unwrap_or_else(|| t!("settlements.whom.all"));
        view! { <li>{entered(&extra.label)}" "<span class="meta">{whom}" "{won(extra.amount)}</span></li> }.into_any()
    });
    let rows = fee.into_iter().chain(rows).collect::<Vec<_>>();
    (!rows.is_empty()).then(|| view! { <ul class="bill__extras">{rows}</ul> }.into_any())
}

/// What one person pays.
fn row(desk: Desk, bill: &Bill, settlement: &Settlement, line: &Line, now: Timestamp) -> AnyView {
    let Some(tab) = bill.tabs.iter().find(|tab| tab.person.id == line.person) else { return ().into_any() };
    let items = tab.sum();
    let nickname = called(&tab.person.nickname);
    let released = if line.person == bill.host { bill.released } else { 0 };
    let shared = t!("settlements.share.parts", items = won(items), shared = won(line.amount - items - released));
    let released = (released > 0).then(|| format!(" · {}", t!("settlements.share.released", sum = won(released))));
    let rounded = line.is_rounded_up.then(|| format!(" · {}", t!("settlements.share.rounded")));
    let badge = match line.payment {
        _ if settlement.terms.is_none() => None,
        Payment::Nothing => None,
        Payment::Owed => Some((BadgeKind::Plain, t!("settlements.payment.owed"))),
        Payment::Sent => Some((BadgeKind::Door, t!("settlements.payment.sent"))),
        Payment::Received => Some((BadgeKind::Open, t!("settlements.payment.received"))),
        Payment::Differs(before) => Some((BadgeKind::Soon, t!("settlements.payment.differs", before = won(before)))),
        Payment::Elsewhere(before) => Some((BadgeKind::Soon, t!("settlements.payment.elsewhere", before = won(before)))),
    };
    let badge = badge.map(|(kind, words)| view! { <Badge kind>{words}</Badge> }.into_any());
    let is_mine_to_say = bill.me == bill.host && settlement.terms.is_some() && bill.is_under_way();
    let acts = is_mine_to_say.then(|| acts(desk, bill, line, &nickname, now)).flatten();
    view! {
        <li class="item bill__share">
            <Avatar name=tab.person.nickname.clone() face=tab.person.face/>
            <div class="grow"><p class="who"><b>{nickname}</b>{badge}</p><p class="meta">{shared}{released}{rounded}</p>{acts}</div>
            <b>{won(line.amount)}</b>
        </li>
    }
    .into_any()
}

/// What the host says of somebody's payment.
fn acts(desk: Desk, bill: &Bill, line: &Line, nickname: &str, now: Timestamp) -> Option<AnyView> {
    let receive = |received: bool, label: String, kind: ButtonKind| {
        let form = submission(MarkReceived::PATH).then(desk.done);
        // What is taken back is what was received, whatever the share is now.
        let amount = if received { line.amount } else { line.received.unwrap_or(line.amount) };
        let (party, person, amount) = (bill.party.to_string(), line.person.to_string(), amount.to_string());
        let name = named(received, nickname);
        view! {
            <PostForm state=form>
                <input type="hidden" name="party" value=party/>
                <input type="hidden" name="person" value=person/>
                <input type="hidden" name="amount" value=amount/>
                <input type="hidden" name="received" value=received.to_string()/>
                <SubmitButton label pending=form.pending kind size=ButtonSize::Small attr:aria-label=name/>
            </PostForm>
        }
        .into_any()
    };
    let remind = || {
        let form = submission(RemindPayer::PATH).then(desk.done);
        let (label, name) = (t!("settlements.remind"), t!("settlements.remind.whom", name = nickname));
        let (party, person) = (bill.party.to_string(), line.person.to_string());
        match line.reminded_until.filter(|until| *until > now) {
            Some(_) => view! { <span class="meta">{t!("settlements.reminded")}</span> }.into_any(),
            None => view! {
                <PostForm state=form>
                    <input type="hidden" name="party" value=party/>
                    <input type="hidden" name="person" value=person/>
                    <SubmitButton label pending=form.pending kind=ButtonKind::Bare size=ButtonSize::Small attr:aria-label=name/>
                </PostForm>
            }
            .into_any(),
        }
    };
    let acts = match line.payment {
        Payment::Nothing => return None,
        Payment::Received => vec![receive(false, t!("settlements.unreceive"), ButtonKind::Bare)],
        Payment::Sent => vec![receive(true, t!("settlements.receive"), ButtonKind::Main)],
        Payment::Owed | Payment::Differs(_) | Payment::Elsewhere(_) => {
            let receives = (line.amount > 0).then(|| receive(true, t!("settlements.receive"), ButtonKind::Soft));
            let undoes = line.received.map(|_| receive(false, t!("settlements.unreceive"), ButtonKind::Bare));
            receives.into_iter().chain(undoes).chain(line.is_due().then(remind)).collect()
        }
    };
    Some(view! { <div class="row">{acts}</div> }.into_any())
}

fn named(is_received: bool, nickname: &str) -> String {
    if is_received { t!("settlements.receive.whom", name = nickname) } else { t!("settlements.unreceive.whom", name = nickname) }
}

/// What the reader pays and where, for those who pay the host.
#[component]
pub fn MyShare(
    /// The bill.
    desk: Desk,
) -> impl IntoView {
    part(move || {
        let bill = desk.bill.get();
        let settlement = desk.settlement.get()?;
        let line = settlement.of(bill.me).cloned()?;
        let terms = settlement.terms?;
        (bill.me != bill.host && bill.is_under_way() && line.payment != Payment::Nothing).then(|| {
            let says = match line.payment {
                Payment::Received => t!("settlements.mine.received"),
                Payment::Sent => t!("settlements.mine.sent"),
                Payment::Differs(before) if before > line.amount => {
                    t!("settlements.mine.more", before = won(before), rest = won(before - line.amount))
                }
                Payment::Differs(before) => t!("settlements.mine.less", before = won(before), rest = won(line.amount - before)),
                Payment::Elsewhere(before) => t!("settlements.mine.elsewhere", before = won(before)),
                Payment::Nothing | Payment::Owed => t!("settlements.mine.owed"),
            };
            let say = |is_sent: bool, label: String, kind: ButtonKind| {
                let form = submission(MarkSent::PATH).then(desk.done);
                let (party, amount) = (bill.party.to_string(), line.amount.to_string());
                view! {
                    <PostForm state=form>
                        <input type="hidden" name="party" value=party/>
                        <input type="hidden" name="amount" value=amount/>
                        <input type="hidden" name="sent" value=is_sent.to_string()/>
                        <SubmitButton label pending=form.pending kind/>
                    </PostForm>
                }
                .into_any()
            };
            let sends = line.amount > 0 && !matches!(line.payment, Payment::Received | Payment::Sent);
            let sends = sends.then(|| say(true, t!("settlements.send"), ButtonKind::Main));
            let unsends = line.can_unsend().then(|| say(false, t!("settlements.unsend"), ButtonKind::Soft));
            view! {
                <section class="card form" aria-labelledby="pay">
                    <h2 id="pay">{t!("settlements.pay")}</h2>
                    <p class="bill__sum" role="status"><span>{says}</span><b>{won(line.amount)}</b></p>
                    {where_to(terms)}
                    {sends}{unsends}
                </section>
            }
        })
    })
}

/// The account to copy and the link to follow.
fn where_to(terms: Terms) -> AnyView {
    let Terms { account, link, by, is_hosts, .. } = terms;
    let toaster = Toaster::of_page();
    let other = (!is_hosts && (!account.is_empty() || link.is_some()))
        .then(|| view! { <Banner icon=IconName::Alert>{t!("settlements.account.other", name = called(&by))}</Banner> }.into_any());
    let account = (!account.is_empty()).then(|| {
        let text = account.clone();
        let copy = move |_| {
            let text = text.clone();
            spawn_local(async move {
                toaster.push(if device::copy(&text).await { t!("settlements.account.copied") } else { t!("settlements.account.refused") });
            });
        };
        view! {
            <p class="row"><b class="grow">{account}</b>
                <span class="js-only"><Button size=ButtonSize::Small on:click=copy><Icon name=IconName::Copy small=true/>{t!("settlements.account.copy")}</Button></span>
            </p>
        }
        .into_any()
    });
    let link = link.map(|link| {
        view! { <p><a class="btn btn--line" href=link target="_blank" rel="noopener noreferrer nofollow ugc">{t!("settlements.link.go")}</a></p> }.into_any()
    });
    view! { {other}{account}{link} }.into_any()
}

/// The latest changes, the latest first.
#[component]
pub fn History(
    /// The bill.
    desk: Desk,
    /// The time of the answer.
    #[prop(into)]
    now: Signal<Timestamp>,
) -> impl IntoView {
    part(move || {
        let now = now.get_untracked();
        let history = desk.settlement.with(|settlement| settlement.as_ref().map(|settlement| settlement.history.clone()))?;
        (!history.is_empty()).then(|| {
            let rows = history
                .into_iter()
                .map(|change| {
                    let at = change.at;
                    view! { <li class="item"><p class="grow">{told(change)}<br/><span class="meta"><DateTime at now/></span></p></li> }
                        .into_any()
                })
                .collect::<Vec<_>>();
            view! { <details class="card fold"><summary>{t!("settlements.history")}</summary><ul class="list">{rows}</ul></details> }
        })
    })
}

fn told(change: Change) -> String {
    let Change { what, actor, subject, amount, label, .. } = change;
    let (actor, amount) = (called(&actor), won(amount.unwrap_or_default()));
    let label = entered(&label);
    let subject = subject.map_or_else(|| t!("settlements.whom.all"), |subject| called(&subject));
    match what {
        What::Terms => t!("settlements.history.terms", name = actor, fee = amount),
        What::Account => t!("settlements.history.account", name = actor),
        What::Extra => t!("settlements.history.extra", name = actor, label = label, whom = subject, amount = amount),
        What::ExtraGone => t!("settlements.history.extra_gone", name = actor, label = label, whom = subject, amount = amount),
        What::Sent => t!("settlements.history.sent", name = actor, amount = amount),
        What::Unsent => t!("settlements.history.unsent", name = actor),
        What::Received => t!("settlements.history.received", name = actor, whom = subject, amount = amount),
        What::Unreceived => t!("settlements.history.unreceived", name = actor, whom = subject),
        What::Reminded => t!("settlements.history.reminded", name = actor, whom = subject),
        What::Settled => t!("settlements.history.settled", name = actor),
    }
}
