//! `/meals/:id/bill`: what everybody at an order's table orders, and who pays what.

use crate::device::{self, Memo, RwSignal, StoredValue, Turns, ask, load};
use crate::features::chat::model::Content;
use crate::features::meals::api::ReadBill;
use crate::features::meals::components::Problem;
use crate::features::meals::model::BillView;
use crate::features::settlements::api::{MarkReceived, MarkSent, PutExtra, PutItem, RemindPayer, RemoveExtra, RemoveItem, SetTerms};
use crate::features::settlements::components::{Desk, Draft, History, Hosting, MyItems, MyShare, Shares, Sum, Tabs};
use crate::live::client::Live;
use crate::live::protocol::Down;
use crate::shared::error::{AppError, Conflict, FieldError};
use crate::shared::form::Refused;
use crate::shared::ids::{ItemId, PartyId};
use crate::t;
use crate::ui::{AppBar, Button, ButtonSize, ErrorSummary, LinkButton, ListBones, Meta, Title, Toaster, awaited, field_id, focus};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};
use leptos_router::{LazyRoute, lazy_route};

/// What everybody at a table orders.
#[derive(Debug)]
pub struct MealBill;

#[lazy_route]
impl LazyRoute for MealBill {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let params = use_params_map();
        let id: Memo<Option<PartyId>> = Memo::new(move |_| params.with(|params| params.get("id")?.parse().ok()));
        let bill = load(move || Ok(ReadBill { id: id.get().ok_or(AppError::NotFound)? }));
        let path = move || id.get_untracked().map_or_else(|| "/meals".to_owned(), |id| format!("/meals/{id}"));
        view! {
            <Title text=t!("shell.title", page = t!("settlements.title"))/>
            <Meta name="robots" content="noindex"/>
            <div class="page" data-door="meal">
                <AppBar back=path() back_label=t!("meals.back.one")/>
                <main id="main" class="wrap narrow">
                    <Transition fallback=|| view! { <ListBones/> }>
                        {awaited(move || async move {
                            match bill.read().await {
                                Ok(view) => view! { <Sheet view path=path()/> }.into_any(),
                                Err(error) => view! { <Problem error path=format!("{}/bill", path())/> }.into_any(),
                            }
                        })}
                    </Transition>
                </main>
            </div>
        }
        .into_any()
    }
}

/// Buttons that are forms of their own: why one was refused has no place beside a field.
const BUTTONS: [&str; 5] = [MarkSent::PATH, MarkReceived::PATH, RemindPayer::PATH, RemoveItem::PATH, RemoveExtra::PATH];

/// Why a button was refused, in one sentence.
fn why(error: &AppError) -> String {
    error.fields().0.first().map_or_else(|| error.text(), FieldError::text)
}

/// The bill as it is, and as it becomes while others write on it.
#[component]
fn Sheet(view: BillView, path: String) -> impl IntoView {
    let BillView { now, minimum, fee, bill, settlement } = view;
    let (id, room, title) = (bill.party, bill.room, bill.title.clone());
    let next = RwSignal::new(bill.next);
    let (now, bill, settlement) = (RwSignal::new(now), RwSignal::new(bill), RwSignal::new(settlement));
    // The focus goes back to the heading when what was pressed below it has been put into the page anew.
    let is_pressed = StoredValue::new(false);
    let own = StoredValue::new(format!("{path}/bill"));
    let address = use_query_map();
    let edit: Memo<Option<ItemId>> = Memo::new(move |_| address.with(|address| address.get("edit")?.parse().ok()));
    let draft = Memo::new(move |_| {
        let item = edit.get().and_then(|id| bill.with_untracked(|bill| bill.mine().iter().find(|item| item.id == id).cloned()));
        Draft { key: item.as_ref().map_or_else(|| next.get(), |item| item.id), item }
    });
    let turns = Turns::new();
    // A field of the form whose thing was just entered.
    let entered = StoredValue::new(None::<&'static str>);
    // Without the program, a button that was refused comes back with the page.
    let refused = use_context::<Option<Refused>>().flatten().filter(|refused| BUTTONS.contains(&refused.path.as_str()));
    let trouble = RwSignal::new(refused.map(|refused| refused.error));
    let leads_back = StoredValue::new(path.clone());
    let renew = move || {
        turns.take(move || async move {
            match ask(ReadBill { id }).await {
                Ok(view) => {
                    // The page may be gone by now. What is being typed stays, unless it was just entered.
                    if let Some(Some(field)) = entered.try_update_value(Option::take) {
                        let _ = next.try_set(view.bill.next);
                        // The form is drawn for the next, in its place.
                        device::next_frame(move || device::reset_form(&field_id(field)));
                    }
                    let _ = now.try_set(view.now);
                    let _ = settlement.try_set(view.settlement);
                    let _ = bill.try_set(view.bill);
                    if is_pressed.try_get_value() == Some(true) {
                        is_pressed.set_value(false);
                        device::next_frame(move || focus("settling"));
                    }
                }
                // Who was released sees the order as others do.
                Err(AppError::Forbidden | AppError::NotFound | AppError::SignInRequired) => {
                    if let Some(path) = leads_back.try_get_value() {
                        device::go_to(&path);
                    }
                }
                Err(_) => {}
            }
        });
    };
    let live = Live::of_page();
    device::effect(move || {
        live.listen(move |down| {
            let is_ours = match down {
                Down::Billed { room: told } => *told == room,
                // What becomes of the order, and who comes and goes, is said in its room.
                Down::Message { room: told, message } => *told == room && matches!(message.content, Content::Notice { .. }),
                Down::Gone { room: told, .. } => *told == room,
                Down::Renamed { user, .. } => bill.with_untracked(|bill| bill.tabs.iter().any(|tab| tab.person.id == *user)),
                // What happened without a connection is not told again.
                Down::Ready { .. } => true,
                _ => false,
            };
            if is_ours {
                renew();
            }
        });
    });
    let toaster = Toaster::of_page();
    let navigate = use_navigate();
    let done = Callback::new(move |(said, error): (&'static str, Option<AppError>)| match error {
        None => {
            toaster.push(done_text(said));
            trouble.set(None);
            if matches!(said, MarkReceived::PATH | RemindPayer::PATH | SetTerms::PATH) {
                is_pressed.set_value(true);
            }
            if matches!(said, PutItem::PATH | PutExtra::PATH) {
                entered.set_value(Some(if said == PutItem::PATH { "form[name]" } else { "form[label]" }));
                if edit.get_untracked().is_some() {
                    navigate(&own.get_value(), NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
                }
            }
            renew();
        }
        Some(AppError::SignInRequired) => device::go_to(&format!("/sign-in?next={}", own.get_value())),
        // Forms say why they were refused, buttons do not; what they were refused for may be news.
        Some(error) => {
            // A form whose thing has become another one is drawn anew, and its summary goes with it.
            let is_stale = error == AppError::Conflict(Conflict::Stale);
            if BUTTONS.contains(&said) || is_stale {
                toaster.push(why(&error));
            }
            if is_stale && matches!(said, PutItem::PATH | PutExtra::PATH) {
                entered.set_value(Some(""));
            }
            if !matches!(error, AppError::Invalid(_)) {
                renew();
            }
        }
    });
    let desk = Desk { bill: bill.into(), settlement: settlement.into(), done };
    view! {
        <div class="lead"><h1>{title}</h1><p class="meta">{t!("settlements.text")}</p></div>
        <ErrorSummary error=trouble/>
        <div class="form bill">
            <Sum bill minimum/>
            <MyShare desk/>
            <Shares desk now/>
            <Hosting desk fee next/>
            <MyItems bill draft path=own done/>
            <Tabs bill/>
            <History desk now/>
            <div class="row bill__tools">
                <LinkButton href=format!("/chat/{room}") size=ButtonSize::Small>{t!("parties.chat")}</LinkButton>
                <a class="btn btn--s" href=format!("{path}/bill.csv") rel="external" download="bill.csv">{t!("settlements.csv")}</a>
                <span class="js-only"><Button size=ButtonSize::Small on:click=move |_| device::print()>{t!("settlements.print")}</Button></span>
            </div>
        </div>
    }
}

/// What is said when something was done.
fn done_text(said: &str) -> String {
    match said {
        PutItem::PATH => t!("settlements.done.put"),
        RemoveItem::PATH | RemoveExtra::PATH => t!("settlements.done.remove"),
        SetTerms::PATH => t!("settlements.done.terms"),
        PutExtra::PATH => t!("settlements.done.extra"),
        MarkSent::PATH => t!("settlements.done.sent"),
        MarkReceived::PATH => t!("settlements.done.received"),
        RemindPayer::PATH => t!("settlements.done.remind"),
        _ => t!("settlements.done.settle"),
    }
}
