//! Pictures that are about to be shown with something: they are on their way to the server while the words are written.

use crate::device::{self, File, RwSignal};
use crate::features::images::api::UploadImage;
use crate::shared::error::AppError;
use crate::shared::images::{ACCEPTED, MAX_BYTES, MAX_PICTURES, Picture, Pictures, Size, path, refusal};
use crate::t;
use crate::ui::{Icon, IconName, focus, part, words};
use leptos::html;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use leptos::web_sys::HtmlInputElement;

/// A picture that was chosen.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Where the browser shows it from.
    preview: String,
    /// What the server calls it; nothing until it has it.
    pub word: String,
}

impl Chosen {
    /// One that the server has and shows already.
    #[must_use]
    pub fn kept(picture: Picture) -> Self {
        Self { preview: path(picture.id, Size::Small), word: picture.to_string() }
    }

    /// The browser need not keep its file any more.
    pub fn forget(self) {
        device::forget_preview(&self.preview);
    }
}

/// A chooser of files, which are on their way to the server as soon as they are chosen.
#[component]
pub fn FileChooser(
    /// Where they are noted.
    chosen: RwSignal<Vec<Chosen>>,
    /// Where it is noted what is wrong with them.
    problem: RwSignal<Option<AppError>>,
    /// Its id, when it has a label elsewhere.
    #[prop(optional, into)]
    id: Option<String>,
    /// The ids of what describes it.
    #[prop(optional, into)]
    described_by: Option<String>,
    /// Whether only its label is seen.
    #[prop(optional)]
    hush: bool,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    // Also what was chosen before the program was there, or was kept by a browser that loads the page again.
    device::effect(move || {
        if let Some(input) = node.get() {
            choose(&input, chosen, problem);
        }
    });
    let on_change = move |_| {
        if let Some(input) = node.get_untracked() {
            problem.set(None);
            choose(&input, chosen, problem);
        }
    };
    view! {
        <input
            id=id class=hush.then_some("hush") type="file" accept=ACCEPTED multiple=true aria-describedby=described_by node_ref=node
            on:change=on_change
        />
    }
}

/// Begins to bring the files of a chooser to the server.
fn choose(input: &HtmlInputElement, chosen: RwSignal<Vec<Chosen>>, problem: RwSignal<Option<AppError>>) {
    for file in device::chosen_files(input) {
        if chosen.with_untracked(Vec::len) == MAX_PICTURES {
            problem.set(Some(refusal("images.error.many")));
            return;
        }
        if file.size() > MAX_BYTES {
            problem.set(Some(refusal("images.error.large")));
            continue;
        }
        bring(file, chosen, problem);
    }
}

fn bring(file: File, chosen: RwSignal<Vec<Chosen>>, problem: RwSignal<Option<AppError>>) {
    let preview = file.preview();
    chosen.update(|chosen| chosen.push(Chosen { preview: preview.clone(), word: String::new() }));
    spawn_local(async move {
        let answer = device::upload(UploadImage::PATH, &file).await;
        // The page may be gone by now, or the picture not wanted any more.
        let _ = chosen.try_update(|chosen| match &answer {
            Ok(word) => chosen.iter_mut().filter(|chosen| chosen.preview == preview).for_each(|chosen| chosen.word.clone_from(word)),
            Err(_) => leave_out(chosen, &preview),
        });
        match answer {
            Err(error) => {
                let _ = problem.try_set(Some(error));
            }
            // What was said about it is true no more.
            Ok(_) => {
                let _ = problem.try_update(|problem| problem.take_if(|problem| *problem == AppError::field("image", "images.error.wait")));
            }
        }
    });
}

fn leave_out(chosen: &mut Vec<Chosen>, preview: &str) {
    chosen.extract_if(.., |chosen| chosen.preview == preview).for_each(Chosen::forget);
}

/// The chosen pictures as a form names them.
#[must_use]
pub fn named(chosen: RwSignal<Vec<Chosen>>) -> String {
    chosen.with(|chosen| {
        let word = |chosen: &Chosen| if chosen.word.is_empty() { Pictures::COMING.to_owned() } else { chosen.word.clone() };
        chosen.iter().map(word).collect::<Vec<_>>().join(" ")
    })
}

/// The pictures that were chosen, each with a way to leave it out. Those who do not see it hear when they have arrived.
#[component]
pub fn ChosenPictures(
    /// Which.
    chosen: RwSignal<Vec<Chosen>>,
    /// What the list is called.
    #[prop(into)]
    label: String,
    /// The id of what gets the focus when one was left out, if that is more than the page.
    #[prop(optional, into)]
    then: String,
) -> impl IntoView {
    let status = words(move || {
        let (all, coming) = chosen.with(|chosen| (chosen.len(), chosen.iter().filter(|chosen| chosen.word.is_empty()).count()));
        match (all, coming) {
            (0, _) => None,
            (_, 0) => Some(t!("images.ready", count = all)),
            (_, coming) => Some(t!("images.coming", count = coming)),
        }
    });
    let list = part(move || {
        let pictures = chosen.get();
        if pictures.is_empty() {
            return None;
        }
        let rows = (1..)
            .zip(pictures)
            .map(|(n, Chosen { preview, word })| {
                let class = word.is_empty().then_some("shots__wait");
                let drop = {
                    let (preview, then) = (preview.clone(), then.clone());
                    move |_| {
                        chosen.update(|chosen| leave_out(chosen, &preview));
                        focus(&then);
                    }
                };
                view! {
                    <li>
                        <img class=class src=preview alt=t!("images.one", n = n)/>
                        <button class="tool" type="button" aria-label=t!("images.leave_out", n = n) on:click=drop><Icon name=IconName::Close small=true/></button>
                    </li>
                }
                .into_any()
            })
            .collect::<Vec<_>>();
        Some(view! { <ul class="shots shots--chosen" aria-label=label.clone()>{rows}</ul> }.into_any())
    });
    view! { <p class="hush" role="status">{status}</p>{list} }
}

/// A picture that leads to its largest form; fetched with the page, or later when it is nearly in sight.
pub fn shot(Picture { id, width, height }: Picture, size: Size, alt: String, is_later: bool) -> AnyView {
    view! {
        <a href=path(id, Size::Large) target="_blank">
            <img src=path(id, size) alt=alt width=width height=height loading=is_later.then_some("lazy") decoding="async"/>
        </a>
    }
    .into_any()
}
