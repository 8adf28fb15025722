//! The second half of the kit: cards, times, messages, comments, and what shows when there is nothing.

use super::*;
use crate::device::RwSignal;
use crate::shared::error::{AppError, FieldErrors};
use crate::shared::time::{Span, Timestamp};
use crate::t;
use leptos::prelude::*;

#[component]
pub(super) fn Cards(now: Timestamp) -> impl IntoView {
    view! {
        <div class="kit__pile">
        <div class="orders">
            <article class="order">
                <div class="row">
                    <Badge kind=BadgeKind::Soon>{t!("ui.kit.soon")}</Badge>
                    <Countdown until=now + Span::seconds(432) now />
                </div>
                <div class="order__head">
                    <Tile icon=IconName::Rice />
                    <div class="grow">
                        <h3><a class="cover" href="#main">{t!("ui.kit.card_1")}</a></h3>
                        <p class="meta">{t!("ui.kit.card_1_place")}</p>
                    </div>
                </div>
                <div class="order__foot">
                    <span><SeatDots seats=4 taken=2 yours=YourSeat::Open />" "<b>{t!("ui.kit.seats_2_4")}</b></span>
                    <span class="fee">{t!("ui.kit.fee_from")}" "<b>{t!("ui.kit.fee_to")}</b></span>
                </div>
            </article>
            <article class="order order--full">
                <div class="row"><Badge>{t!("ui.kit.full")}</Badge><span class="due">{t!("ui.kit.card_2_due")}</span></div>
                <Badge kind=BadgeKind::You>{t!("ui.kit.mine")}</Badge>
                <div class="order__head">
                    <Tile icon=IconName::Dosirak />
                    <div class="grow">
                        <h3><a class="cover" href="#main">{t!("ui.kit.card_2")}</a></h3>
                        <p class="meta">{t!("ui.kit.card_2_place")}</p>
                    </div>
                </div>
                <div class="order__foot">
                    <span><SeatDots seats=4 taken=4 />" "<b>{t!("ui.kit.seats_4_4")}</b></span>
                    <span class="fee">{t!("ui.kit.fee_one")}</span>
                </div>
            </article>
        </div>
        <OrderBones count=2 />
        <div class="card"><ListBones count=2 /></div>
        </div>
    }
}

#[component]
pub(super) fn Times(now: Timestamp) -> impl IntoView {
    view! {
        <div class="plate">
            <div class="row">
                <Countdown until=now + Span::seconds(50) now />
                <Countdown until=now + Span::seconds(760) now />
                <Countdown until=now + Span::minutes(31) now />
                <Countdown until=now + Span::hours(5) now />
                <Countdown until=now now />
            </div>
            <p class="row meta">
                <DateTime at=now now />
                <DateTime at=now - Span::days(1) now />
                <DateTime at=now - Span::days(1) now short=true />
                <DateTime at=now - Span::days(400) now short=true />
                <TimeAgo at=now now />
                <TimeAgo at=now - Span::minutes(10) now />
                <TimeAgo at=now - Span::hours(3) now />
            </p>
        </div>
    }
}

#[component]
pub(super) fn Feed() -> impl IntoView {
    let toaster = Toaster::of_page();
    let open = RwSignal::new(false);
    let mut wrong = FieldErrors::default();
    wrong.add("wrong", "ui.kit.field_error");
    wrong.add("terms", "ui.kit.field_terms_error");
    let error: Signal<Option<AppError>> = Signal::stored(Some(AppError::Invalid(wrong)));
    view! {
        <div class="plate plate--2">
            <div class="kit__pile">
                <div class="toast">
                    <Icon name=IconName::Check /><span class="grow">{t!("ui.kit.toast")}</span>
                    <Button size=ButtonSize::Small>{t!("ui.cancel")}</Button>
                </div>
                <Banner icon=IconName::Retry>{t!("ui.kit.reconnect")}</Banner>
                <Banner icon=IconName::People kind=BannerKind::You>{t!("ui.kit.shared_hour")}</Banner>
                <div class="row">
                    <Button on:click=move |_| toaster.push(t!("ui.kit.toast"))>{t!("ui.kit.toast_again")}</Button>
                    <Button on:click=move |_| open.set(true)>{t!("ui.kit.dialog")}</Button>
                </div>
                <Summary error />
            </div>
            <div class="kit__pile">
                <Confirm label=t!("ui.kit.remove") question=t!("ui.kit.question") text=t!("ui.kit.question_text")>
                    <Button kind=ButtonKind::Danger size=ButtonSize::Small>{t!("ui.kit.remove")}</Button>
                </Confirm>
                <dialog class="dialog still" open=true>
                    <h3>{t!("ui.kit.question")}</h3>
                    <p class="dialog__text">{t!("ui.kit.question_text")}</p>
                    <div class="dialog__acts">
                        <Button>{t!("ui.cancel")}</Button>
                        <Button kind=ButtonKind::Danger>{t!("ui.kit.remove")}</Button>
                    </div>
                </dialog>
                <Dialog open title=t!("ui.kit.question")><p class="dialog__text">{t!("ui.kit.question_text")}</p></Dialog>
            </div>
        </div>
    }
}

/// The summary of a refused form, shown only after a press: it would take the focus from the page.
#[component]
fn Summary(error: Signal<Option<AppError>>) -> impl IntoView {
    let shown = RwSignal::new(false);
    let error = Signal::derive(move || if shown.get() { error.get() } else { None });
    view! {
        <form novalidate=true on:submit=move |ev| { ev.prevent_default(); shown.set(true); }>
            <SubmitButton label=t!("ui.kit.sit") />
        </form>
        <ErrorSummary error />
    }
}

#[component]
pub(super) fn Comments() -> impl IntoView {
    let acts = || {
        view! {
            <div class="cmt__acts">
                <button type="button">{t!("ui.kit.reply")}</button><button type="button">{t!("ui.kit.report")}</button>
            </div>
        }
    };
    view! {
        <div class="card card--dash">
            <div class="cmt">
                <p class="cmt__head"><Avatar name=t!("ui.kit.name_3") size=AvatarSize::Small /><b>{t!("ui.kit.name_3")}</b></p>
                <p>{t!("ui.kit.comment_1")}</p>
                {acts()}
                <div class="cmt__replies">
                    <div class="cmt">
                        <p class="cmt__head"><Avatar name=t!("ui.kit.name_1") size=AvatarSize::Small /><b>{t!("ui.kit.name_1")}</b></p>
                        <p>{t!("ui.kit.comment_2")}</p>
                        {acts()}
                    </div>
                </div>
            </div>
        </div>
    }
}

#[component]
pub(super) fn Nothing() -> impl IntoView {
    view! {
        <div class="kit__pile">
            <Empty title=t!("ui.kit.empty_1") text=t!("ui.kit.empty_1_text")>
                <LinkButton href="#main" kind=ButtonKind::Main>{t!("ui.kit.empty_1_act")}</LinkButton>
            </Empty>
            <Empty title=t!("ui.kit.empty_2") text=t!("ui.kit.empty_2_text") scene=SceneName::SeatBroken>
                <Button><Icon name=IconName::Retry small=true />{t!("ui.kit.empty_2_act")}</Button>
            </Empty>
            <div class="card"><Trouble error=AppError::NotFound /></div>
        </div>
    }
}
