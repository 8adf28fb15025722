//! The pictures of a party: in the form that opens or changes it, and on its page.

use crate::device::RwSignal;
use crate::features::images::components::{Chosen, ChosenPictures, FileChooser, named, shot};
use crate::features::parties::api::{AddPartyPictures, TakePartyPictureOff};
use crate::shared::error::AppError;
use crate::shared::ids::PartyId;
use crate::shared::images::{ACCEPTED, MAX_BYTES, MAX_PICTURES, Pictures, Size, path};
use crate::t;
use crate::ui::{ButtonSize, ErrorSummary, Field, FieldScope, Submission, SubmitButton, field_id, submission};
use leptos::context::Provider;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The pictures in the form, chosen one by one. What is chosen is on its way to the server at once, and is the party's when the form
/// is sent.
#[component]
pub fn PicturesField(
    /// The form's state.
    form: Submission,
    /// What the party shows so far.
    pictures: Pictures,
) -> impl IntoView {
    let before = form.value("form[before]", &pictures.0);
    let pictures = Pictures(form.value("form[pictures]", &pictures.0));
    let chosen = RwSignal::new(pictures.iter().map(Chosen::kept).collect::<Vec<_>>());
    let problem = RwSignal::new(None::<AppError>);
    let refused = form.field("image");
    let error = Signal::derive(move || {
        let own = problem.get().map(|error| error.fields().of("image").map_or_else(|| error.text(), |wrong| wrong.text()));
        own.or_else(|| refused.get())
    });
    // The browser need not keep the files of a form that is gone.
    on_cleanup(move || {
        let _ = chosen.try_update_untracked(|chosen| chosen.drain(..).for_each(Chosen::forget));
    });
    let id = field_id("image");
    let hint = t!("parties.pictures.hint", max = MAX_PICTURES, megabytes = MAX_BYTES / 1024 / 1024);
    view! {
        <input type="hidden" name="form[before]" value=before/>
        <input type="hidden" name="form[pictures]" value=move || named(chosen)/>
        <div class="js-only">
            <Field name="image" label=t!("parties.pictures.choose") hint error>
                <ChosenPictures chosen label=t!("parties.pictures.chosen") then=id.clone()/>
                <FileChooser chosen problem id=id.clone() described_by=format!("{id}-error {id}-hint")/>
            </Field>
        </div>
    }
}

/// The same for pages without their program: forms of their own, beside the one that changes the rest.
#[component]
pub fn PlainPictures(
    /// Which party.
    party: PartyId,
    /// What it shows.
    pictures: Pictures,
) -> impl IntoView {
    let adding = submission(AddPartyPictures::PATH);
    let removing = submission(TakePartyPictureOff::PATH);
    let before = pictures.0.clone();
    let rows = (1..)
        .zip(pictures.iter())
        .map(|(n, picture)| {
            view! {
                <li>
                    <form class="row" action=TakePartyPictureOff::PATH method="post">
                        <input type="hidden" name="party" value=party.to_string()/>
                        <input type="hidden" name="picture" value=picture.id.to_string()/>
                        <img src=path(picture.id, Size::Small) alt="" width="72" height="72"/>
                        <button class="btn btn--s" type="submit">{t!("parties.pictures.off", n = n)}</button>
                    </form>
                </li>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    let has_room = rows.len() < MAX_PICTURES;
    let more = has_room.then(|| {
        view! {
            <form class="form" action=AddPartyPictures::PATH method="post" enctype="multipart/form-data">
                <input type="hidden" name="party" value=party.to_string()/>
                <input type="hidden" name="before" value=before/>
                <div class="field">
                    <label for="plain-image">{t!("parties.pictures.more")}</label>
                    <input id="plain-image" type="file" name="image" accept=ACCEPTED multiple=true required=true/>
                </div>
                <SubmitButton label=t!("parties.pictures.add") size=ButtonSize::Small/>
            </form>
        }
        .into_any()
    });
    view! {
        <section class="card form narrow plain-only" aria-labelledby="plain-pictures">
            <h2 id="plain-pictures">{t!("parties.pictures")}</h2>
            // The form above has a chooser of that name, too.
            <Provider value=FieldScope("plain")>
                <ErrorSummary error=adding.error/>
                <ErrorSummary error=removing.error/>
            </Provider>
            <ul class="shots shots--chosen">{rows}</ul>
            {more}
        </section>
    }
}

/// What a party shows: its cover, and the others under it.
#[component]
pub fn PartyPictures(
    /// The party's title.
    title: String,
    /// Its pictures.
    pictures: Pictures,
) -> impl IntoView {
    let shots = (1..)
        .zip(pictures.iter())
        .map(|(n, picture)| shot(picture, Size::Medium, t!("parties.pictures.one", title = title, n = n), n > 1))
        .collect::<Vec<_>>();
    (!shots.is_empty()).then(|| view! { <section class="pics" aria-label=t!("parties.pictures")>{shots}</section> }.into_any())
}
