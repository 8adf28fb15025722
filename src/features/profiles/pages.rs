//! `/users/:nickname` and `/me/profile`.

use super::api::{EditProfile, ReadMyProfile, ReadProfile};
use super::model::{AgeGroup, MAX_INTRO, MyProfile, Profile, ProfileForm};
use crate::device::{self, Memo, RwSignal, load};
use crate::features::accounts::components::{Refusal, own_page};
use crate::features::accounts::model::{MAX_NICKNAME, in_path};
use crate::features::chat::api::BlockPerson;
use crate::features::images::api::{RemoveFace, SetFace};
use crate::features::meals::components::OrderCard;
use crate::shared::error::AppError;
use crate::shared::ids::{ImageId, UserId};
use crate::shared::images::{ACCEPTED, MAX_BYTES, refusal};
use crate::t;
use crate::ui::{
    AppBar, Avatar, AvatarSize, Badge, ButtonKind, ButtonSize, Confirm, Empty, ErrorSummary, FileForm, Icon, IconName, LinkButton,
    ListBones, Meta, PostForm, SubmitButton, TextAreaField, TextField, Title, awaited, field_id, part, submission,
};
use leptos::ev::Event;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::web_sys::HtmlInputElement;
use leptos_router::hooks::{use_location, use_params_map};
use leptos_router::{LazyRoute, lazy_route};

/// A person, as others may see them.
#[derive(Debug)]
pub struct ProfilePage;

#[lazy_route]
impl LazyRoute for ProfilePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let params = use_params_map();
        let nickname: Memo<String> = Memo::new(move |_| params.with(|params| params.get("nickname").unwrap_or_default()));
        let profile = load(move || Ok(ReadProfile { nickname: nickname.get() }));
        view! {
            // People did not come here to be found by search engines.
            <Meta name="robots" content="noindex"/>
            <div class="page" data-door="meal">
                <AppBar back="/meals" back_label=t!("meals.back")/>
                <main id="main" class="wrap">
                    <Transition fallback=|| view! { <ListBones/> }>
                        {awaited(move || async move {
                            match profile.read().await {
                                Ok(profile) => view! { <Person profile/> }.into_any(),
                                Err(error) => view! { <Title text=t!("shell.title", page = t!("profiles.mine"))/><Refusal error/> }.into_any(),
                            }
                        })}
                    </Transition>
                </main>
            </div>
        }
        .into_any()
    }
}

fn age_text(age: AgeGroup) -> String {
    match age {
        AgeGroup::Teens => t!("profiles.age.teens"),
        AgeGroup::Twenties => t!("profiles.age.twenties"),
        AgeGroup::Thirties => t!("profiles.age.thirties"),
        AgeGroup::Older => t!("profiles.age.older"),
    }
}

#[component]
fn Person(profile: Profile) -> impl IntoView {
    let Profile { now, nickname, face, intro, age, since, school, hosted, is_me, id, is_blocked, can_write } = profile;
    let school = school.map(|school| {
        view! { <p class="profile__school"><Icon name=IconName::Campus small=true/>{school}<Badge>{t!("schools.proved")}</Badge></p> }
            .into_any()
    });
    let intro = (!intro.is_empty()).then(|| view! { <p class="profile__intro">{intro}</p> }.into_any());
    let act = if is_me {
        Some(view! { <LinkButton href="/me/profile"><Icon name=IconName::Pen small=true/>{t!("profiles.edit")}</LinkButton> }.into_any())
    } else if can_write {
        let href = format!("/chat/with/{}", in_path(&nickname));
        Some(
            view! { <LinkButton href kind=ButtonKind::Main><Icon name=IconName::Chat small=true/>{t!("profiles.write")}</LinkButton> }
                .into_any(),
        )
    } else {
        None
    };
    let is_empty = hosted.is_empty();
    let cards = hosted.into_iter().map(|card| view! { <OrderCard card now with_town=true/> }.into_any()).collect::<Vec<_>>();
    view! {
        <Title text=t!("shell.title", page = nickname.clone())/>
        <header class="profile">
            <Avatar name=nickname.clone() face size=AvatarSize::Huge/>
            <div class="grow">
                <h1>{nickname}</h1>
                <p class="meta">{age_text(age)}" · "{t!("profiles.since", year = since)}</p>
                {school}
            </div>
            {act}
        </header>
        {intro}
        {id.map(|id| view! { <Block id is_blocked/> }.into_any())}
        <section class="sec" aria-labelledby="hosted">
            <div class="sec__head"><h2 id="hosted">{t!("profiles.hosted")}</h2></div>
            {if is_empty {
                view! { <Empty title=t!("profiles.hosted.none") text=t!("profiles.hosted.none.text")/> }.into_any()
            } else {
                view! { <div class="orders">{cards}</div> }.into_any()
            }}
        </section>
    }
}

/// The way not to hear of somebody any more, and back. The page is loaded again: whether they can be written to has changed.
#[component]
fn Block(id: UserId, is_blocked: bool) -> impl IntoView {
    let path = use_location().pathname;
    let form = submission(BlockPerson::PATH).then(Callback::new(move |(_, error): (&'static str, Option<AppError>)| {
        // A refusal stands beside the button.
        if error.is_none() {
            device::go_to(&path.get_untracked());
        }
    }));
    let blocks = if is_blocked { "false" } else { "true" };
    let (label, kind) = if is_blocked { (t!("chat.unblock"), ButtonKind::Soft) } else { (t!("chat.block"), ButtonKind::Danger) };
    let send = view! {
        <ErrorSummary error=form.error/>
        <PostForm state=form>
            <input type="hidden" name="person" value=id.to_string()/>
            <input type="hidden" name="blocks" value=blocks/>
            <SubmitButton label pending=form.pending kind size=ButtonSize::Small/>
        </PostForm>
    };
    if is_blocked {
        view! { <div class="row"><p class="meta">{t!("chat.block.is")}</p>{send}</div> }.into_any()
    } else {
        view! {
            <Confirm label=t!("chat.block") question=t!("chat.block.question") text=t!("chat.block.text") kind=ButtonKind::Bare size=ButtonSize::Small>
                {send}
            </Confirm>
        }
        .into_any()
    }
}

/// What I say about myself.
#[must_use]
pub fn my_profile_page() -> AnyView {
    own_page(t!("profiles.mine"), load(|| Ok(ReadMyProfile {})), |mine| view! { <Form mine/> }.into_any())
}

/// The picture that others see beside my name; shown as it will be before it is sent.
#[component]
fn Face(nickname: String, face: Option<ImageId>) -> impl IntoView {
    let form = submission(SetFace::PATH);
    let removal = submission(RemoveFace::PATH);
    let preview = RwSignal::new(None::<String>);
    let choose = move |event: Event| {
        let chooser = event_target::<HtmlInputElement>(&event);
        let file = device::chosen_file(&chooser);
        let is_large = file.as_ref().is_some_and(|file| file.size() > MAX_BYTES);
        form.error.set(is_large.then(|| refusal("images.error.large")));
        if is_large {
            // Taken out of the chooser: it is not sent.
            drop(device::chosen_files(&chooser));
        }
        preview.set(file.filter(|_| !is_large).map(|file| file.preview()));
    };
    let shown = part(move || {
        preview
            .get()
            .map(|preview| view! { <span class="avatar avatar--xl"><img src=preview alt=t!("profiles.face.preview")/></span> }.into_any())
    });
    let id = field_id("image");
    let remove = face.map(|_| {
        view! {
            <PostForm state=removal>
                <ErrorSummary error=removal.error/>
                <SubmitButton label=t!("profiles.face.remove") pending=removal.pending kind=ButtonKind::Bare size=ButtonSize::Small/>
            </PostForm>
        }
        .into_any()
    });
    view! {
        <section class="card form" aria-labelledby="face">
            <h2 id="face">{t!("profiles.face")}</h2>
            <FileForm state=form attr:class="form">
                <ErrorSummary error=form.error/>
                <div class="row"><Avatar name=nickname face size=AvatarSize::Huge/>{shown}</div>
                <div class="field">
                    <label for=id.clone()>{t!("profiles.face.choose")}</label>
                    <input id=id type="file" name="image" accept=ACCEPTED required=true aria-describedby="face-hint" on:change=choose/>
                    <p class="hint" id="face-hint">{t!("profiles.face.hint", megabytes = MAX_BYTES / 1024 / 1024)}</p>
                </div>
                <SubmitButton label=t!("profiles.face.save") pending=form.pending kind=ButtonKind::Soft/>
            </FileForm>
            {remove}
        </section>
    }
}

#[component]
fn Form(mine: MyProfile) -> impl IntoView {
    let form = submission(EditProfile::PATH);
    let check = form.check(|sent: &ProfileForm| sent.parse().map(drop));
    view! {
        <div class="me">
            <header class="lead"><h1>{t!("profiles.mine")}</h1><p class="meta">{t!("profiles.mine.text")}</p></header>
            <Face nickname=mine.nickname.clone() face=mine.face/>
            <PostForm state=form attr:class="form card" attr:novalidate="" on:submit:capture=check>
                <ErrorSummary error=form.error/>
                <TextField
                    name="form[nickname]"
                    label=t!("accounts.nickname")
                    value=form.value("form[nickname]", &mine.nickname)
                    error=form.field("nickname")
                    hint=t!("accounts.nickname.hint")
                    autocomplete="nickname"
                    maxlength=MAX_NICKNAME as u32
                />
                <TextAreaField
                    name="form[intro]"
                    label=t!("profiles.intro")
                    value=form.value("form[intro]", &mine.intro)
                    error=form.field("intro")
                    hint=t!("profiles.intro.hint")
                    rows=4
                    maxlength=MAX_INTRO as u32
                />
                <SubmitButton label=t!("profiles.save") pending=form.pending/>
            </PostForm>
        </div>
    }
}
