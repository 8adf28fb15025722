//! `/dev/mail`: what would have been sent.

use crate::device::{self, load};
use crate::features::mail::api::ReadKeptMails;
use crate::features::mail::model::{KeptMail, KeptMails};
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::{AppBar, Empty, LinkButton, Meta, TimeAgo, Title, Trouble, awaited};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// The outbox of a node without a mail server.
#[derive(Debug)]
pub struct KeptMailPage;

#[lazy_route]
impl LazyRoute for KeptMailPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let kept = load(|| Ok(ReadKeptMails {}));
        view! {
            <Title text=t!("shell.title", page = t!("mail.kept"))/>
            <Meta name="robots" content="noindex"/>
            <div class="page">
                <AppBar/>
                <main id="main" class="wrap narrow">
                    <Suspense>
                        {awaited(move || async move {
                            match kept.read().await {
                                Ok(kept) => view! { <List kept/> }.into_any(),
                                Err(error) => {
                                    device::set_status(error.status());
                                    view! { <Trouble error><LinkButton href="/">{t!("shell.home")}</LinkButton></Trouble> }.into_any()
                                }
                            }
                        })}
                    </Suspense>
                </main>
            </div>
        }
        .into_any()
    }
}

#[component]
fn List(kept: KeptMails) -> impl IntoView {
    let KeptMails { mails, now } = kept;
    let nothing = mails.is_empty().then(|| view! { <Empty title=t!("mail.kept.none") text=t!("mail.kept.none_text")/> }.into_any());
    let mails: Vec<AnyView> = mails.into_iter().map(|mail| view! { <Mail mail now/> }.into_any()).collect();
    view! {
        <header class="lead"><h1>{t!("mail.kept")}</h1><p class="meta">{t!("mail.kept.text")}</p></header>
        {nothing}
        {mails}
    }
}

#[component]
fn Mail(mail: KeptMail, now: Timestamp) -> impl IntoView {
    let KeptMail { recipient, subject, text, path, at } = mail;
    view! {
        <article class="card form">
            <header><h2>{subject}</h2><p class="meta">{recipient}" · "<TimeAgo at now/></p></header>
            <pre class="letter">{text}</pre>
            <LinkButton href=path>{t!("mail.kept.open")}</LinkButton>
        </article>
    }
}
