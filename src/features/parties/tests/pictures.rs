//! What parties show.

use super::*;
use crate::app::work::run_due;
use crate::features::accounts::api::CloseAccount;
use crate::features::accounts::model::CloseForm;
use crate::features::chat::api::{ChatRoom, SendMessage};
use crate::features::chat::model::{Content, Opened, SendForm};
use crate::features::images::api::SetFace;
use crate::features::images::jobs::collect;
use crate::features::images::tests::{picture, put_in, status};
use crate::features::meals::api::{ListMyMeals, MealToEdit};
use crate::features::meals::model::MineQuery;
use crate::features::parties::throttle;
use crate::on_both;
use crate::shared::ids::{ImageId, RoomId, SendId};
use crate::shared::images::{Picture, Pictures, Size, path, refusal};
use crate::shared::time::Span;
use crate::testing::PASSWORD;
use axum::http::header;
use leptos::server_fn::ServerFn;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

fn words(pictures: &[Picture]) -> Pictures {
    pictures.iter().copied().collect()
}

async fn open_showing(host: &Actor, pictures: &[Picture]) -> PartyId {
    open(host, MealForm { pictures: words(pictures), ..order() }).await
}

async fn show(host: &Actor, id: PartyId, pictures: &[Picture]) -> Result<(), AppError> {
    show_instead(host, id, seen(host, id).await.pictures, pictures).await
}

/// Sends a form that was made when the party showed this.
async fn show_instead(host: &Actor, id: PartyId, before: Pictures, pictures: &[Picture]) -> Result<(), AppError> {
    edit(host, id, |form| (form.pictures, form.before) = (words(pictures), before)).await
}

async fn say(actor: &Actor, room: RoomId, pictures: &[Picture]) -> Result<(), AppError> {
    let form = SendForm { room, send_id: SendId::random(), text: String::new(), reply_to: None, pictures: words(pictures) };
    actor.call(SendMessage { form }).await.map(drop)
}

fn gone() -> AppError {
    AppError::field("image", "images.error.gone")
}

/// What a party says it shows, which is what is shown there and nowhere else.
async fn kept(app: &TestApp, id: PartyId) -> Vec<ImageId> {
    let mut conn = app.state.db.read().await.expect("a connection");
    let (said,): (Pictures,) = fetch_one!(conn, (Pictures,), "select pictures from parties where id = $1", id).expect("a party");
    let sql = "select id from images where party_id = $1 and room_id is null and free_since is null";
    let shown: Vec<(ImageId,)> = fetch_all!(conn, (ImageId,), sql, id).expect("rows");
    let said: Vec<ImageId> = said.iter().map(|picture| picture.id).collect();
    let in_order = |mut ids: Vec<ImageId>| {
        ids.sort();
        ids
    };
    assert_eq!(in_order(said.clone()), in_order(shown.into_iter().map(|(id,)| id).collect()));
    said
}

async fn put_in_some<const N: usize>(actor: &Actor) -> [Picture; N] {
    let mut some = Vec::new();
    for _ in 0..N {
        some.push(put_in(actor).await);
    }
    some.try_into().expect("so many")
}

fn ids(pictures: &[Picture]) -> Vec<ImageId> {
    pictures.iter().map(|picture| picture.id).collect()
}

on_both! {
    async fn an_order_shows_its_pictures_to_everybody(app: TestApp) {
        let (mina, visitor) = (app.member("mina").await, app.visitor());
        let [first, second] = put_in_some(&mina).await;
        assert_eq!(status(&visitor, first.id).await, 404);
        let id = open_showing(&mina, &[first, second]).await;
        assert_eq!(seen(&visitor, id).await.pictures, words(&[first, second]));
        let answer = visitor.get(&path(first.id, Size::Large)).await;
        assert_eq!((answer.status.as_u16(), answer.headers[header::CACHE_CONTROL].as_bytes()), (200, b"public, max-age=300".as_slice()));
        let page = visitor.get(&format!("/meals/{id}")).await.body;
        for part in [
            format!("<img src=\"/images/{}/m\" alt=\"반반 치킨 같이 시켜요 사진 1\" width=\"48\" height=\"32\" decoding=\"async\"", first.id),
            format!("<img src=\"/images/{}/m\" alt=\"반반 치킨 같이 시켜요 사진 2\" width=\"48\" height=\"32\" loading=\"lazy\"", second.id),
            format!("<a href=\"/images/{}/l\"", second.id),
        ] {
            assert!(page.contains(&part), "{part} is not in {page}");
        }
        let covers: Vec<_> = page.split("property=\"og:image\" content=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(covers, [format!("http://moim.test/images/{}/l", first.id).as_str(), "http://moim.test/og.png"], "the first is shown");
        let list = visitor.get("/meals?region=11440124").await.body;
        assert!(list.contains(&path(first.id, Size::Small)) && !list.contains(&second.id.to_string()), "{list}");
        // One that shows nothing has neither.
        let plain = open(&mina, order()).await;
        let page = visitor.get(&format!("/meals/{plain}")).await.body;
        assert!(page.contains("property=\"og:image\" content=\"http://moim.test/og.png\"") && !page.contains("/images/"), "{page}");
        // The same form again opens nothing and takes nothing.
        let [other] = put_in_some(&mina).await;
        let form = MealForm { key: id.to_string(), pictures: words(&[other]), ..order() };
        mina.call(OpenMeal { form }).await.expect("the same order");
        assert_eq!((kept(&app, id).await, status(&visitor, other.id).await), (ids(&[first, second]), 404));
    }

    async fn what_is_taken_off_is_nobodys_and_removed_after_a_while(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let [one, two, three] = put_in_some(&mina).await;
        let id = open_showing(&mina, &[one, two]).await;
        join(&jun, id).await.expect("a seat");
        let draft = mina.ask(MealToEdit { id }).await.expect("a form").form;
        assert_eq!(draft.pictures, words(&[one, two]));
        mina.call(EditMeal { id, form: draft }).await.expect("the same again");
        assert_eq!(last_notice(&app, id).await.0, "joined", "nothing was changed, so nothing is told");
        show(&mina, id, &[three, one]).await.expect("changed");
        assert_eq!((kept(&app, id).await, last_notice(&app, id).await), (ids(&[three, one]), ("edited".to_owned(), "pictures".to_owned())));
        assert_eq!((status(&jun, two.id).await, status(&mina, two.id).await, status(&jun, one.id).await), (404, 200, 200));
        // Thought better of.
        show(&mina, id, &[three, two]).await.expect("changed");
        assert_eq!((status(&jun, two.id).await, status(&jun, one.id).await), (200, 404));
        app.advance(Span::hours(48));
        assert_eq!(collect(&app.state).await.expect("collected"), 1);
        assert_eq!(app.state.images.read(one.id, Size::Large).await.expect("read"), None);
        assert!(app.state.images.read(two.id, Size::Large).await.expect("read").is_some());
        assert_eq!(kept(&app, id).await, ids(&[three, two]));
    }

    async fn a_picture_that_is_not_free_for_it_spoils_the_whole_form(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let [old] = put_in_some(&mina).await;
        app.advance(Span::hours(24));
        let [own, more, elsewhere, said] = put_in_some(&mina).await;
        let [theirs] = put_in_some(&jun).await;
        let id = open_showing(&mina, &[own]).await;
        let other = open_showing(&mina, &[elsewhere]).await;
        say(&mina, seen(&mina, id).await.room.expect("a room"), &[said]).await.expect("said");
        mina.call_with::<SetFace>(&[], &[&picture(1)]).await.expect("a face");
        let face = seen(&mina, id).await.host.face.expect("a face");
        let named = |id: ImageId| Picture { id, width: 1, height: 1 };
        for (what, wrong) in [
            ("somebody else's", theirs),
            ("at another party", elsewhere),
            ("in a room", said),
            ("a face", named(face)),
            ("put in long ago", old),
            ("unknown", named(ImageId(Uuid::new_v4()))),
        ] {
            let form = MealForm { title: "사진이 달라요".to_owned(), pictures: words(&[more, wrong]), ..order() };
            let key: PartyId = form.key.parse().expect("an id");
            assert_eq!(mina.call(OpenMeal { form: form.clone() }).await, Err(gone()), "{what}");
            assert_eq!(mina.ask(ReadMeal { id: key, banned: PageAsk::default() }).await.map(drop), Err(AppError::NotFound), "{what}");
            let form = MealForm { due: "keep".to_owned(), before: words(&[own]), ..form };
            assert_eq!(mina.call(EditMeal { id, form }).await, Err(gone()), "{what}");
        }
        let mut conn = app.state.db.read().await.expect("a connection");
        let (rooms,): (i64,) = fetch_one!(conn, (i64,), "select count(*) from rooms").expect("a count");
        drop(conn);
        assert_eq!(rooms, 2, "nothing is left of what was refused");
        assert_eq!((seen(&mina, id).await.card.title.as_str(), kept(&app, id).await), ("반반 치킨 같이 시켜요", ids(&[own])));
        assert_eq!((kept(&app, other).await, status(&jun, theirs.id).await, status(&mina, theirs.id).await), (ids(&[elsewhere]), 200, 404));
        let room = seen(&mina, id).await.room.expect("a room");
        assert_eq!(say(&mina, room, &[own]).await, Err(gone()), "nor is it a message's");
        let five: [Picture; 5] = put_in_some(&mina).await;
        assert_eq!(show(&mina, id, &five).await, Err(refusal("images.error.many")));
        assert_eq!(edit(&mina, id, |form| form.pictures = Pictures("-".to_owned())).await, Err(refusal("images.error.wait")));
        // What a page says of their size does not count.
        show(&mina, id, &[Picture { width: 9, ..five[0] }, five[1], five[2], five[3]]).await.expect("four");
        assert_eq!(seen(&jun, id).await.pictures, words(&five[..4]));
        // Nor whoever is not the host.
        assert_eq!(show(&jun, id, &[theirs]).await, Err(AppError::Forbidden));
    }

    async fn what_two_want_at_once_one_gets(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let [a, b, theirs] = [open(&mina, order()).await, open(&mina, order()).await, open(&jun, order()).await];
        let room = seen(&mina, a).await.room.expect("a room");
        for _ in 0..6 {
            // How often somebody may do something is another matter.
            app.state.limiter.forget(throttle::DEEDS, &mina.id().to_string());
            let [x, y, z] = put_in_some(&mina).await;
            // Two changes of one party: the first is whole, and the other one did not know of it.
            let (one, other) = ([x, y], [y, z]);
            let before = seen(&mina, a).await.pictures;
            let (first, second) = tokio::join!(show_instead(&mina, a, before.clone(), &one), show_instead(&mina, a, before, &other));
            let shown = kept(&app, a).await;
            if first.is_ok() {
                assert_eq!((second, shown), (Err(Conflict::Stale.into()), ids(&one)));
            } else {
                assert_eq!((first, second, shown), (Err(Conflict::Stale.into()), Ok(()), ids(&other)));
            }
            // Two parties, and a party and a message.
            let [one, other] = put_in_some(&mina).await;
            let (one, other) = ([one], [other]);
            let (first, second) = tokio::join!(show(&mina, a, &one), show(&mina, b, &one));
            assert!([Ok(()), Err(gone())].contains(&first) && first.is_ok() != second.is_ok(), "{first:?} {second:?}");
            assert_eq!((kept(&app, a).await == ids(&one), kept(&app, b).await == ids(&one)), (first.is_ok(), second.is_ok()));
            let (first, second) = tokio::join!(show(&mina, b, &other), say(&mina, room, &other));
            assert!([Ok(()), Err(gone())].contains(&first) && first.is_ok() != second.is_ok(), "{first:?} {second:?}");
            assert_eq!(kept(&app, b).await == ids(&other), first.is_ok());
            for party in [a, b] {
                show(&mina, party, &[]).await.expect("nothing");
            }
            // Somebody else's party names what is shown here, while this one changes: nobody waits for the other in a circle.
            let mut three: [Picture; 3] = put_in_some(&mina).await;
            three.sort_by_key(|picture| picture.id);
            let [low, middle, high] = three;
            show(&mina, a, &[low]).await.expect("shown");
            let (own, foreign, more) = ([middle, high], [low, middle], [high]);
            let (mine, refused, added) = tokio::join!(show(&mina, a, &own), show(&jun, theirs, &foreign), show(&mina, b, &more));
            assert_eq!(refused, Err(gone()));
            assert!(mine.is_ok() != added.is_ok(), "{mine:?} {added:?}");
            for party in [a, b] {
                show(&mina, party, &[]).await.expect("nothing");
            }
        }
    }

    async fn who_has_closed_their_account_shows_nothing_more(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        let [one] = put_in_some(&mina).await;
        // The request was let in, and the account is closed before its change begins.
        let mut tx = app.state.db.begin().await.expect("a transaction");
        crate::execute!(tx, "update users set closed_at = $2 where id = $1", mina.id(), app.now()).expect("closed");
        let shown = crate::features::images::store::show_at_party(&mut tx, party, mina.id(), &[one.id], app.now()).await;
        assert_eq!(shown.err(), Some(AppError::NotFound));
    }

    async fn what_was_called_off_shows_its_pictures_to_those_who_sat_there(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let [one] = put_in_some(&mina).await;
        let id = open_showing(&mina, &[one]).await;
        join(&jun, id).await.expect("a seat");
        sol.call(KeepParty { party: id, keeps: true }).await.expect("kept");
        cancel(&mina, id, "").await.expect("called off");
        let answer = jun.get(&path(one.id, Size::Small)).await;
        assert_eq!((answer.status.as_u16(), answer.headers[header::CACHE_CONTROL].as_bytes()), (200, b"private, no-cache".as_slice()));
        assert_eq!((status(&mina, one.id).await, status(&sol, one.id).await, status(&app.visitor(), one.id).await), (200, 404, 404));
        for (actor, shelf, picture) in [(&jun, Shelf::Past, Some(one.id)), (&mina, Shelf::Past, Some(one.id)), (&sol, Shelf::Kept, None)] {
            let query = MineQuery { shelf, ..MineQuery::default() };
            let cards = actor.ask(ListMyMeals { query }).await.expect("a list").page.rows;
            assert_eq!(cards.iter().map(|card| (card.id, card.picture)).collect::<Vec<_>>(), [(id, picture)]);
        }
        assert!(!sol.get(&format!("/meals/{id}")).await.body.contains("/images/"));
        assert_eq!(show_instead(&mina, id, words(&[one]), &[]).await, no(Conflict::Closed));
        let refused = mina.call(TakePartyPictureOff { party: id, picture: one.id }).await;
        assert_eq!((refused, kept(&app, id).await), (no(Conflict::Closed), ids(&[one])));
    }

    async fn another_host_goes_on_with_what_is_there(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let [one, two] = put_in_some(&mina).await;
        let [theirs] = put_in_some(&jun).await;
        let id = open_showing(&mina, &[one, two]).await;
        join(&jun, id).await.expect("a seat");
        mina.call(HandOverParty { party: id, person: jun.id() }).await.expect("handed over");
        assert_eq!(show(&mina, id, &[one]).await, Err(AppError::Forbidden));
        show(&jun, id, &[theirs, two]).await.expect("changed");
        assert_eq!(kept(&app, id).await, ids(&[theirs, two]));
        // What is off is its owner's again.
        assert_eq!((show(&jun, id, &[theirs, one]).await, status(&jun, one.id).await, status(&mina, one.id).await), (Err(gone()), 404, 200));
        open_showing(&mina, &[one]).await;
        assert_eq!(status(&jun, one.id).await, 200);
    }

    async fn a_closed_account_leaves_no_pictures_at_parties(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let [past, handed, coming] = put_in_some(&mina).await;
        let [theirs] = put_in_some(&jun).await;
        let over = open_showing(&mina, &[past]).await;
        join(&jun, over).await.expect("a seat");
        app.advance(Span::hours(1));
        let passed_on = open_showing(&mina, &[handed]).await;
        join(&jun, passed_on).await.expect("a seat");
        mina.call(HandOverParty { party: passed_on, person: jun.id() }).await.expect("handed over");
        show(&jun, passed_on, &[handed, theirs]).await.expect("changed");
        let off = open_showing(&mina, &[coming]).await;
        join(&jun, off).await.expect("a seat");
        mina.call_with::<SetFace>(&[], &[&picture(1)]).await.expect("a face");
        mina.call(CloseAccount { form: CloseForm { current_password: PASSWORD.to_owned() } }).await.expect("closed");
        run_due(&app.state).await.expect("done");
        for picture in [past, handed, coming] {
            assert_eq!(status(&jun, picture.id).await, 404);
        }
        assert_eq!((kept(&app, over).await, kept(&app, passed_on).await, kept(&app, off).await), (Vec::new(), ids(&[theirs]), Vec::new()));
        assert_eq!(status(&app.visitor(), theirs.id).await, 200);
        assert_eq!(seen(&jun, over).await.card.picture, None);
        // A face and three pictures.
        app.advance(Span::hours(48));
        assert_eq!(collect(&app.state).await.expect("collected"), 4);
    }

    async fn a_page_without_its_program_has_forms_of_their_own(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let [first] = put_in_some(&mina).await;
        let id = open_showing(&mina, &[first]).await;
        join(&jun, id).await.expect("a seat");
        let (page, party) = (format!("/meals/{id}/edit"), id.to_string());
        let body = mina.get(&page).await.body;
        for part in [AddPartyPictures::PATH, TakePartyPictureOff::PATH, &format!("name=\"picture\" value=\"{}\"", first.id), &format!("name=\"form[pictures]\" value=\"{first}\"")] {
            assert!(body.contains(part), "{part} is not in {body}");
        }
        let before = format!("{first}");
        assert!(body.contains(&format!("name=\"before\" value=\"{before}\"")), "{body}");
        let fields = [("party", party.as_str()), ("before", before.as_str())];
        let file = picture(1);
        // Sent twice, it adds them once, and leads to the page that shows them.
        for _ in 0..2 {
            let answer = mina.post_files(Some(&page), AddPartyPictures::PATH, &fields, &[&file, &file]).await;
            assert_eq!((answer.status.as_u16(), answer.location()), (303, page.as_str()));
        }
        let shown = kept(&app, id).await;
        assert_eq!((shown.len(), shown[0], last_notice(&app, id).await.1.as_str()), (3, first.id, "pictures"));
        let before = seen(&mina, id).await.pictures.0;
        let fields = [("party", party.as_str()), ("before", before.as_str())];
        // Two more are one too many: neither is shown.
        let answer = mina.post_files(Some(&page), AddPartyPictures::PATH, &fields, &[&file, &file]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains("4장까지") && answer.body.contains("role=\"alert\""), "{}", answer.body);
        // What is said of it leads to the chooser that this page has.
        assert!(answer.body.contains("href=\"#plain-image\"") && answer.body.contains("id=\"plain-image\""), "{}", answer.body);
        assert_eq!(kept(&app, id).await, shown);
        mina.call_with::<AddPartyPictures>(&fields, &[&file]).await.expect("the fourth");
        assert!(!mina.get(&page).await.body.contains(AddPartyPictures::PATH), "there is no room for a fifth");
        for _ in 0..2 {
            let answer = mina.post_form(&page, TakePartyPictureOff::PATH, &[("party", &party), ("picture", &first.id.to_string())]).await;
            assert_eq!((answer.status.as_u16(), answer.location()), (303, page.as_str()));
        }
        assert_eq!(kept(&app, id).await[..2], shown[1..]);
        assert_eq!(notices(&app, id).await.iter().filter(|(code, _)| code == "edited").count(), 3, "twice is told once");
        // Not for others, and not for what is no party.
        assert_eq!(jun.call_with::<AddPartyPictures>(&fields, &[&file]).await, Err(AppError::Forbidden));
        assert_eq!(jun.call(TakePartyPictureOff { party: id, picture: shown[1] }).await, Err(AppError::Forbidden));
        assert_eq!(mina.call_with::<AddPartyPictures>(&[("party", "x")], &[&file]).await, Err(AppError::BadRequest));
        assert_eq!(mina.call_with::<AddPartyPictures>(&fields, &[b"<svg/>"]).await, Err(refusal("images.error.kind")));
        // The room says it in words, and a form that was refused keeps what was chosen.
        let room = seen(&jun, id).await.room.expect("a seat");
        assert!(matches!(jun.ask(ChatRoom { room, before: None }).await, Ok(Opened::Room(view))
            if view.history.messages.iter().any(|message| matches!(&message.content, Content::Notice { subject, .. } if subject == "pictures"))));
        assert!(jun.get(&format!("/chat/{room}")).await.body.contains("사진"));
        let pictures = format!("{first}");
        let answer = mina.post_form("/meals/new", OpenMeal::PATH, &[("form[title]", ""), ("form[pictures]", &pictures)]).await;
        assert!(answer.status == 422 && answer.body.contains(&format!("name=\"form[pictures]\" value=\"{pictures}\"")), "{}", answer.body);
    }

    async fn a_form_of_before_brings_nothing_back(app: TestApp) {
        let mina = app.member("mina").await;
        let [one, two, three] = put_in_some(&mina).await;
        let id = open_showing(&mina, &[one, two]).await;
        let body = mina.get(&format!("/meals/{id}/edit")).await.body;
        assert!(body.contains(&format!("name=\"form[before]\" value=\"{one} {two}\"")), "{body}");
        let before = words(&[one, two]);
        // Another page takes one off. This one is about the title only.
        mina.call(TakePartyPictureOff { party: id, picture: two.id }).await.expect("off");
        let form = MealForm { title: "간장 치킨만 시켜요".to_owned(), due: "keep".to_owned(), pictures: before.clone(), before: before.clone(), ..order() };
        mina.call(EditMeal { id, form }).await.expect("the title");
        assert_eq!((seen(&mina, id).await.card.title.as_str(), kept(&app, id).await), ("간장 치킨만 시켜요", ids(&[one])));
        assert_eq!(last_notice(&app, id).await.1, "title");
        // What is changed there does not say what of the other change shall stay.
        let answer = show_instead(&mina, id, before, &[one, two, three]).await;
        assert_eq!((answer, kept(&app, id).await), (Err(Conflict::Stale.into()), ids(&[one])));
        // Sent again after it has arrived, it has arrived.
        for _ in 0..2 {
            show_instead(&mina, id, words(&[one]), &[three]).await.expect("changed");
        }
        assert_eq!(kept(&app, id).await, ids(&[three]));
    }

    async fn the_file_of_ones_own_things_names_the_pictures_of_parties(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let ([mine], [theirs]) = (put_in_some(&mina).await, put_in_some(&jun).await);
        open_showing(&mina, &[mine]).await;
        open_showing(&jun, &[theirs]).await;
        let file: serde_json::Value = serde_json::from_str(&mina.get("/me/export").await.body).expect("JSON");
        assert_eq!((&file["images"][0]["party"], &file["images"][0]["address"]), (&file["hosted"][0]["id"], &path(mine.id, Size::Large).into()));
        assert!(!file.to_string().contains(&theirs.id.to_string()));
    }
}

/// Pictures of one host, and two parties to show them at.
const POOL: usize = 6;

#[derive(Clone, Debug)]
enum Act {
    /// A party's form is sent with these.
    Show(usize, Vec<usize>),
    /// One is taken off by its button.
    Off(usize, usize),
    /// One is shown with a message.
    Say(usize),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..2_usize, proptest::collection::vec(0..POOL, 0..6)).prop_map(|(party, some)| Act::Show(party, some)),
        2 => (0..2_usize, 0..POOL).prop_map(|(party, one)| Act::Off(party, one)),
        1 => (0..POOL).prop_map(Act::Say),
    ]
}

async fn live_through(app: &TestApp, mina: &Actor, acts: &[Act]) -> Result<(), TestCaseError> {
    // A new hour, so that nobody has opened or put in too many.
    app.advance(Span::hours(2));
    let pool: [Picture; POOL] = put_in_some(mina).await;
    let parties = [open(mina, order()).await, open(mina, order()).await];
    let room = seen(mina, parties[0]).await.room.expect("a room");
    let mut paper: [Vec<usize>; 2] = [Vec::new(), Vec::new()];
    let mut said = Vec::new();
    for act in acts {
        let (ended, expected) = match act {
            Act::Show(party, some) => {
                let mut each: Vec<usize> = Vec::new();
                for n in some {
                    if !each.contains(n) {
                        each.push(*n);
                    }
                }
                let named: Vec<Picture> = some.iter().map(|n| pool[*n]).collect();
                let is_free = |n: &usize| !said.contains(n) && !paper[1 - party].contains(n);
                let expected = match () {
                    () if each.len() > 4 => Err(refusal("images.error.many")),
                    () if each.iter().all(is_free) => {
                        paper[*party] = each;
                        Ok(())
                    }
                    () => Err(gone()),
                };
                (show(mina, parties[*party], &named).await, expected)
            }
            Act::Off(party, one) => {
                paper[*party].retain(|n| n != one);
                (mina.call(TakePartyPictureOff { party: parties[*party], picture: pool[*one].id }).await, Ok(()))
            }
            Act::Say(one) => {
                let is_free = !said.contains(one) && !paper.iter().flatten().any(|n| n == one);
                if is_free {
                    said.push(*one);
                }
                (say(mina, room, &[pool[*one]]).await, if is_free { Ok(()) } else { Err(gone()) })
            }
        };
        prop_assert_eq!(ended, expected, "{:?}", act);
        for (party, shown) in parties.iter().zip(&paper) {
            prop_assert_eq!(kept(app, *party).await, shown.iter().map(|n| pool[*n].id).collect::<Vec<_>>(), "{:?}", act);
        }
    }
    // Everybody sees what is shown at a party, and nothing else of it all.
    for (n, picture) in pool.iter().enumerate() {
        let expected = if paper.iter().flatten().any(|shown| *shown == n) { 200 } else { 404 };
        prop_assert_eq!(status(&app.visitor(), picture.id).await, expected);
    }
    Ok(())
}

fn whatever_is_shown(app: impl Future<Output = TestApp>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let (app, mina) = runtime.block_on(async {
        let app = app.await;
        let mina = app.member("mina").await;
        (app, mina)
    });
    let mut runner = TestRunner::new(Config { cases: 16, failure_persistence: None, max_shrink_iters: 100, ..Config::default() });
    let ran = runner.run(&proptest::collection::vec(act(), 1..16), |acts| runtime.block_on(live_through(&app, &mina, &acts)));
    assert!(ran.is_ok(), "{}", ran.expect_err("it failed"));
}

#[test]
fn whatever_is_shown_on_sqlite() {
    whatever_is_shown(TestApp::sqlite());
}

#[test]
fn whatever_is_shown_on_postgres() {
    whatever_is_shown(TestApp::postgres());
}
