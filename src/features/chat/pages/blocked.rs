//! `/me/blocks`: whom I do not want to hear of.

use crate::device::load;
use crate::features::accounts::components::narrow;
use crate::features::chat::api::{BlockPerson, BlockedPeople};
use crate::features::chat::model::Person;
use crate::shared::error::AppError;
use crate::shared::names::called;
use crate::t;
use crate::ui::{AppBar, Avatar, ButtonKind, ButtonSize, Empty, FocusThen, PostForm, SubmitButton, Title, Toaster, submission};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The people whom the reader blocks.
#[must_use]
pub fn blocked_page() -> AnyView {
    let people = load(|| Ok(BlockedPeople {}));
    let toaster = Toaster::of_page();
    let heading = FocusThen::on("blocked");
    provide_context(heading);
    provide_context(Done(Callback::new(move |(_, error): (&'static str, Option<AppError>)| match error {
        None => {
            heading.ask();
            people.refetch();
        }
        Some(error) => toaster.push(error.text()),
    })));
    view! {
        <Title text=t!("shell.title", page = t!("chat.blocked"))/>
        <div class="page">
            <AppBar back="/me"/>
            {narrow(people, |people| view! { <List people/> }.into_any())}
        </div>
    }
    .into_any()
}

/// What happens when somebody is blocked no more.
#[derive(Clone, Copy)]
struct Done(Callback<(&'static str, Option<AppError>)>);

#[component]
fn List(people: Vec<Person>) -> impl IntoView {
    let Done(done) = expect_context();
    expect_context::<FocusThen>().settle();
    let nothing = people.is_empty().then(|| view! { <Empty title=t!("chat.blocked.none") text=t!("chat.blocked.none.text")/> }.into_any());
    let rows: Vec<AnyView> = people
        .into_iter()
        .map(|person| {
            let form = submission(BlockPerson::PATH).then(done);
            let name = called(&person.nickname);
            view! {
                <li class="item">
                    <Avatar name=person.nickname face=person.face/>
                    <b class="grow">{name}</b>
                    <PostForm state=form>
                        <input type="hidden" name="person" value=person.id.to_string()/>
                        <input type="hidden" name="blocks" value="false"/>
                        <SubmitButton label=t!("chat.unblock") pending=form.pending kind=ButtonKind::Soft size=ButtonSize::Small/>
                    </PostForm>
                </li>
            }
            .into_any()
        })
        .collect();
    let list = (!rows.is_empty()).then(|| view! { <ul class="card list">{rows}</ul> }.into_any());
    view! {
        <header class="lead"><h1 id="blocked" tabindex="-1">{t!("chat.blocked")}</h1><p class="meta">{t!("chat.blocked.text")}</p></header>
        {list}
        {nothing}
    }
}
