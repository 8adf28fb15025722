//! Who may do what: every server function, asked by everybody. What is answered, not how: that the right thing happens is for the
//! tests of each feature.

use super::openapi::operations::Who;
use super::openapi_tests::{Promises, who};
use crate::app::work::run_due;
use crate::features::accounts::api::CloseAccount;
use crate::features::accounts::model::CloseForm;
use crate::features::chat::api::{BlockPerson, SendMessage, StartDirect};
use crate::features::chat::model::{DirectForm, SendForm};
use crate::features::images::tests::picture;
use crate::features::notices::api::ListNotices;
use crate::features::parties::api::{
    AdvanceParty, ApplyToParty, CloseParty, HandOverParty, JoinParty, KeepParty, LeaveParty, RemoveMember,
};
use crate::features::parties::model::{ApplyForm, Stage};
use crate::features::parties::tests::{open, order, seen};
use crate::features::threads::api::WriteComment;
use crate::features::threads::model::CommentForm;
use crate::shared::ids::{CommentId, PartyId, RoomId, SendId};
use crate::shared::images::Pictures;
use crate::shared::paging::PageAsk;
use crate::testing::{Actor, Answer, PASSWORD, TestApp};
use crate::{execute, fetch_one, on_both};
use axum::body::Body;
use axum::http::{Request, header};
use leptos::server_fn::axum::server_fn_paths;
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

/// Those who ask, in the order of the table's columns.
const WHO: [&str; 9] = ["visitor", "closed", "unverified", "stranger", "blocked", "banned", "another", "member", "host"];

/// Each line: the function, what it is asked with, and what each of [`WHO`] gets. `blocked` is somebody whom the host blocks: never
/// another answer than the stranger's, and both have a conversation with the host (`{own}`, which is the member's too). Everything is
/// about the host's orders; words, comments, an item, a session and the linked account are the member's, and `another` sits there too.
/// Each asks after those to the left: where the member has deleted a comment, the host finds nothing left to do. With a `*` the thing
/// that is named (one of [`THINGS`]) is gone afterwards; without, it is as it was.
const TABLE: &str = "
GET me | 200 200 200 200 200 200 200 200 200
GET suggest_nickname | 200 200 200 200 200 200 200 200 200
GET read_account | 401 401 200 200 200 200 200 200 200
GET read_details | 401 401 200 409 409 409 409 409 409
GET list_sessions | 401 401 200 200 200 200 200 200 200
GET sign_in_ways | 200 200 200 200 200 200 200 200 200
GET list_logins | 401 401 200 200 200 200 200 200 200
GET reset_link token=x | 200 200 200 200 200 200 200 200 200
GET my_profile | 401 401 200 200 200 200 200 200 200
GET profile nickname={name} | 200 200 200 200 200 200 200 200 200
GET search_regions query=연남 | 200 200 200 200 200 200 200 200 200
GET weather region=11440124 | 200 200 200 200 200 200 200 200 200
GET my_school | 401 401 200 200 200 200 200 200 200
GET list_schools | 200 200 200 200 200 200 200 200 200
GET home | 200 200 200 200 200 200 200 200 200
GET meals | 200 200 200 200 200 200 200 200 200
GET meal id={party} | 200 200 200 200 200 200 200 200 200
GET bill id={party} | 401 401 403 403 403 403 200 200 200
GET blank_meal | 401 401 200 200 200 200 200 200 200
GET meal_to_edit id={party} | 401 401 403 403 403 403 403 403 200
GET suggest_menus | 401 401 200 200 200 200 200 200 200
GET todays_menu | 200 200 200 200 200 200 200 200 200
GET my_meals | 401 401 200 200 200 200 200 200 200
GET reportable party={party} | 401 401 200 200 200 200 200 200 404
GET comments party={party} | 200 200 200 200 200 200 200 200 200
GET notices | 401 401 200 200 200 200 200 200 200
GET unread_notices | 200 200 200 200 200 200 200 200 200
GET kept_mails | 200 200 200 200 200 200 200 200 200
GET chat_rooms | 401 401 200 200 200 200 200 200 200
GET chat_unread | 200 200 200 200 200 200 200 200 200
GET chat_room room={room} | 401 401 404 404 404 404 200 200 200
GET chat_room room={direct} | 401 401 404 404 404 404 404 200 200
GET chat_room room={own} | 401 401 404 200 200 404 404 200 404
GET chat_history room={room}&before=9 | 401 401 404 404 404 404 200 200 200
GET chat_history room={own}&before=9 | 401 401 404 200 200 404 404 200 404
GET chat_members room={room} | 401 401 404 404 404 404 200 200 200
GET chat_members room={own} | 401 401 404 200 200 404 404 200 404
GET chat_with nickname={name} | 401 401 200 200 200 200 200 200 409
GET read_my_message room={room}&seq={said} | 401 401 404 404 404 404 404 200 404
GET blocked_people | 401 401 200 200 200 200 200 200 200
POST sign_up form[email]={nick}@moim.test&form[nickname]={nick} | 422 422 422 422 422 422 422 422 422
POST sign_in form[email]=nobody@moim.test&form[password]=wrong | 422 422 422 422 422 422 422 422 422
POST link_login form[password]=wrong | 410 410 410 410 410 410 410 410 410
POST unlink_login login={login} | 401 401 404 404 404 404 404 200* 404
POST sign_out | 200 200 200 200 200 200 200 200 200
POST mail_proof | 401 401 200 200 200 200 200 200 200
POST change_unverified form[email]={nick}@moim.test&form[birth_date]=2000-02-29&form[gender]=unsaid&form[current_password]=wrong | 401 401 422 409 409 409 409 409 409
POST prove_address token=x | 404 404 404 404 404 404 404 404 404
POST forget_password form[email]={nick}@moim.test | 200 200 200 200 200 200 200 200 200
POST reset_password form[token]=x | 410 410 410 410 410 410 410 410 410
POST end_session session={session} | 401 401 404 404 404 404 404 200* 404
POST end_other_sessions | 401 401 200 200 200 200 200 200 200
POST change_password form[current_password]=wrong&form[new_password]=another-one-9&form[new_password_again]=another-one-9 | 401 401 422 422 422 422 422 422 422
POST close_account form[current_password]=wrong | 401 401 422 422 422 422 422 422 422
FILE upload_image | 401 401 403 200 200 200 200 200 200
FILE set_face | 401 401 200 200 200 200 200 200 200
POST remove_face | 401 401 200 200 200 200 200 200 200
POST set_region form[region]=11440124 | 401 401 200 200 200 200 200 200 200
POST set_school form[school]=서울대학교&form[admission_year]=2020 | 401 401 200 200 200 200 200 200 200
POST mail_school_proof form[address]=mina | 401 401 403 422 422 422 422 422 422
POST prove_school token=x | 401 401 403 404 404 404 404 404 404
POST set_language lang=ko | 200 200 200 200 200 200 200 200 200
POST set_theme theme=dark | 200 200 200 200 200 200 200 200 200
POST locate_region latitude=37560000&longitude=126920000 | 200 200 200 200 200 200 200 200 200
POST edit_profile form[nickname]={nick}&form[intro]= | 401 401 200 200 200 200 200 200 200
POST open_meal form[key]={new}&form[title]=치킨%20같이&form[category]=chicken&form[shop]=가게&form[link]=&form[fee]=3000&form[minimum]=0&form[due]=30&form[due_at]=&form[seats]=4&form[outside]=0&form[pickup]=정문&form[body]=&form[joining]=direct | 401 401 403 200 200 200 200 200 200
POST edit_meal id={party}&form[key]={party}&form[title]=치킨%20같이&form[category]=chicken&form[shop]=가게&form[link]=&form[fee]=3000&form[minimum]=0&form[due]=keep&form[due_at]=&form[seats]=4&form[outside]=0&form[pickup]=정문&form[body]=&form[joining]=direct | 401 401 403 403 403 403 403 403 200
POST join_party party={party} | 401 401 403 200 200 409 200 200 200
POST leave_party party={party} | 401 401 200 200 200 200 200 200 409
POST apply_to_party form[party]={asking}&form[message]= | 401 401 403 200 200 200 200 200 200
POST wait_for_seat party={party} | 401 401 403 409 409 409 200 200 200
POST withdraw_request party={party} | 401 401 200 200 200 200 200 200 200
POST accept_application party={asking}&person={applicant} | 401 401 403 403 403 403 403 403 200
POST decline_application party={asking}&person={applicant} | 401 401 403 403 403 403 403 403 200
POST remove_member party={party}&person={member} | 401 401 403 403 403 403 403 403 200
POST lift_ban party={party}&person={banned} | 401 401 403 403 403 403 403 403 200
POST hand_over_party party={party}&person={member} | 401 401 403 403 403 403 403 403 200
POST close_party party={party} | 401 401 403 403 403 403 403 403 200
POST reopen_party party={party} | 401 401 403 403 403 403 403 403 200
POST advance_party party={party}&to=ordered | 401 401 403 403 403 403 403 403 409
POST cancel_party form[party]={party}&form[reason]= | 401 401 403 403 403 403 403 403 200
FILE add_party_pictures party={party} | 401 401 403 403 403 403 403 403 200
POST take_party_picture_off party={party}&picture={picture} | 401 401 403 403 403 403 403 403 200*
POST put_item form[party]={party}&form[key]={new}&form[name]=간장%20반&form[price]=9000&form[count]=1 | 401 401 403 403 403 403 200 200 200
POST remove_item party={party}&item={item} | 401 401 403 403 403 403 200 200* 200
POST set_terms form[party]={party}&form[fee]=3000&form[split]=equal&form[account]=&form[link]= | 401 401 403 403 403 403 403 403 409
POST put_extra form[party]={party}&form[key]={new}&form[label]=쿠폰&form[amount]=-500&form[whom]= | 401 401 403 403 403 403 403 403 409
POST remove_extra party={ordered}&extra={extra} | 401 401 403 403 403 403 403 403 200*
POST mark_sent party={party}&amount=1000&sent=true | 401 401 403 403 403 403 409 409 409
POST mark_received party={party}&person={member}&amount=1000&received=true | 401 401 403 403 403 403 403 403 409
POST remind_payer party={party}&person={member} | 401 401 403 403 403 403 403 403 409
POST settle_bill form[party]={party}&form[anyway]= | 401 401 403 403 403 403 403 403 409
POST ask_menus form[key]={new}&form[text]=매운%20것 | 401 401 403 404 404 404 404 404 404
POST forget_questions | 401 401 200 200 200 200 200 200 200
POST more_menus | 401 401 200 200 200 200 200 200 200
POST keep_party party={party}&keeps=true | 401 401 200 200 200 200 200 200 200
POST report form[party]={party}&form[reason]=spam&form[text]= | 401 401 200 200 200 200 200 200 404
POST write_comment form[party]={party}&form[key]={new}&form[text]=질문 | 401 401 403 200 200 409 200 200 200
POST change_comment form[id]={comment}&form[text]=다른%20질문 | 401 401 403 404 404 404 404 200 404
POST delete_comment id={comment} | 401 401 404 404 404 404 404 200 200
POST like_comment id={comment}&likes=true | 401 401 403 200 200 404 200 404 200
POST open_notice id={notice}&times=1 | 401 401 404 404 404 404 404 404 200
POST read_notice id={notice}&times=1 | 401 401 404 404 404 404 404 404 200
POST read_room room={room}&seq=1 | 401 401 404 404 404 404 200 200 200
POST read_notices | 401 401 200 200 200 200 200 200 200
POST send_message form[room]={room}&form[send_id]={new}&form[text]=안녕 | 401 401 403 404 404 404 200 200 200
POST send_message form[room]={direct}&form[send_id]={new}&form[text]=안녕 | 401 401 403 404 404 404 404 200 200
POST send_message form[room]={own}&form[send_id]={new}&form[text]=안녕 | 401 401 403 200 200 404 404 200 404
FILE send_images room={room}&send_id={new} | 401 401 403 404 404 404 200 200 200
FILE send_images room={direct}&send_id={new} | 401 401 403 404 404 404 404 200 200
FILE send_images to={host}&send_id={new} | 401 401 403 200 200 200 200 200 409
FILE send_images room={own}&send_id={new} | 401 401 403 200 200 404 404 200 404
POST start_direct form[to]={host}&form[send_id]={new}&form[text]=안녕 | 401 401 403 200 200 200 200 200 409
POST edit_message form[room]={room}&form[seq]={said}&form[text]=다른%20말 | 401 401 403 404 404 404 404 200 404
POST delete_message room={room}&seq={said} | 401 401 404 404 404 404 404 200 404
POST mark_read room={room}&seq=1 | 401 401 404 404 404 404 200 200 200
POST mark_read room={own}&seq=1 | 401 401 404 200 200 404 404 200 404
POST leave_room room={direct} | 401 401 404 404 404 404 404 200 200
POST leave_room room={own} | 401 401 404 200 200 404 404 200 404
POST mute_room room={room}&mutes=true | 401 401 404 404 404 404 200 200 200
POST block_person person={member}&blocks=true | 401 401 200 200 200 200 200 409 200
";

/// What can be taken away, and the question whether it is there.
const THINGS: [(&str, &str); 5] = [
    ("{session}", "select count(*) from sessions where id = $1 and ended_at is null"),
    ("{login}", "select count(*) from identities where id = $1"),
    ("{item}", "select count(*) from bill_items where id = $1"),
    ("{extra}", "select count(*) from bill_extras where id = $1"),
    ("{picture}", "select count(*) from images where id = $1 and party_id is not null"),
];

/// A host's orders and everybody around them.
pub(super) struct World {
    pub people: Vec<Actor>,
    applicant: Actor,
    party: PartyId,
    asking: PartyId,
    ordered: PartyId,
    room: RoomId,
    direct: RoomId,
    /// The conversation of each with the host.
    own: Vec<RoomId>,
    said: i64,
    comment: CommentId,
    notice: Uuid,
    /// In the order of [`THINGS`].
    things: [Uuid; 5],
}

impl World {
    pub async fn new(app: &TestApp, n: usize) -> Self {
        let mut people = vec![app.visitor()];
        for who in &WHO[1..] {
            // Lists are in the order of names: the stranger and the blocked one have the same place there.
            let who = if *who == "blocked" { "the blocked" } else { who };
            people.push(app.member(&format!("{who} {n}")).await);
        }
        let [_, closed, unverified, stranger, blocked, banned, another, member, host] = &people[..] else { unreachable!() };
        let applicant = app.member(&format!("applicant {n}")).await;
        let mut form = order();
        form.seats = "6".to_owned();
        let party = open(host, form).await;
        let ordered = open(host, order()).await;
        let mut form = order();
        form.joining = "approval".to_owned();
        let asking = open(host, form).await;
        for party in [party, ordered] {
            member.call(JoinParty { party }).await.expect("joined");
        }
        another.call(JoinParty { party }).await.expect("joined");
        host.call(CloseParty { party: ordered }).await.expect("closed");
        host.call(AdvanceParty { party: ordered, to: Stage::Ordered }).await.expect("ordered");
        banned.call(JoinParty { party }).await.expect("joined");
        host.call(RemoveMember { party, person: banned.id() }).await.expect("removed");
        applicant.call(ApplyToParty { form: ApplyForm { party: Some(asking), message: String::new() } }).await.expect("asked");
        let room = seen(member, party).await.room.expect("a seat");
        let form =
            SendForm { room, send_id: SendId::random(), text: "안녕하세요".to_owned(), reply_to: None, pictures: Pictures::default() };
        let said = member.call(SendMessage { form }).await.expect("said").seq;
        let mut own = Vec::new();
        for (actor, who) in people.iter().zip(WHO) {
            own.push(match who {
                "stranger" | "blocked" | "member" => write_to(actor, host).await,
                _ => RoomId(Uuid::now_v7()),
            });
        }
        let direct = own[7];
        let item = Uuid::now_v7();
        done(member, "put_item", &format!("form[party]={party}&form[key]={item}&form[name]=간장%20반&form[price]=9000&form[count]=1"))
            .await;
        let extra = Uuid::now_v7();
        done(host, "put_extra", &format!("form[party]={ordered}&form[key]={extra}&form[label]=포장&form[amount]=500&form[whom]=")).await;
        let shown = host.post_files(None, "/api/add_party_pictures", &[("party", &party.to_string())], &[&picture(1)]).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        let comment = CommentId(Uuid::now_v7());
        member.call(WriteComment { form: CommentForm { party, key: comment, parent: None, text: "질문".to_owned() } }).await.expect("said");
        let notices = host.ask(ListNotices { page: PageAsk::default() }).await.expect("notices");
        host.call(BlockPerson { person: blocked.id(), blocks: true }).await.expect("blocked");
        closed.call(CloseAccount { form: CloseForm { current_password: PASSWORD.to_owned() } }).await.expect("closed");
        let mut tx = app.state.db.begin().await.expect("a transaction");
        execute!(&mut tx, "update users set verified_at = null where id = $1", unverified.id()).expect("a row");
        let login = Uuid::now_v7();
        let sql = "insert into identities (id, user_id, issuer, subject, created_at) values ($1, $2, 'https://id.example', $3, $4)";
        execute!(&mut tx, sql, login, member.id(), login.to_string(), app.now()).expect("a row");
        let sql = "select id from sessions where user_id = $1";
        let (session,): (Uuid,) = fetch_one!(&mut tx, (Uuid,), sql, member.id()).expect("a session");
        let sql = "select id from images where party_id = $1";
        let (picture,): (Uuid,) = fetch_one!(&mut tx, (Uuid,), sql, party).expect("a picture");
        tx.commit().await.expect("committed");
        let _ = stranger;
        let notice = notices.page.rows[0].id;
        let things = [session, login, item, extra, picture];
        Self { people, applicant, party, asking, ordered, room, direct, own, said, comment, notice, things }
    }

    /// Whether the thing that a question names is there; nothing when it names none.
    async fn stands(&self, app: &TestApp, question: &str) -> Option<bool> {
        let named = THINGS.iter().position(|(gap, _)| question.contains(gap))?;
        let mut conn = app.state.db.read().await.expect("a connection");
        let (count,): (i64,) = fetch_one!(&mut conn, (i64,), THINGS[named].1, self.things[named]).expect("a number");
        Some(count > 0)
    }

    /// The question of one of them, with the names of things in their places.
    pub fn question(&self, asker: usize, question: &str) -> String {
        let id = |who: &str| self.people[WHO.iter().position(|known| *known == who).expect("known")].id().to_string();
        [
            ("{party}", self.party.to_string()),
            ("{asking}", self.asking.to_string()),
            ("{room}", self.room.to_string()),
            ("{direct}", self.direct.to_string()),
            ("{said}", self.said.to_string()),
            ("{comment}", self.comment.to_string()),
            ("{notice}", self.notice.to_string()),
            ("{ordered}", self.ordered.to_string()),
            ("{own}", self.own[asker].to_string()),
            ("{host}", id("host")),
            ("{member}", id("member")),
            ("{banned}", id("banned")),
            ("{applicant}", self.applicant.id().to_string()),
            ("{name}", self.people[8].nickname().replace(' ', "%20")),
            ("{new}", Uuid::now_v7().to_string()),
            ("{nick}", format!("n{}", &Uuid::new_v4().as_simple().to_string()[..12])),
            ("{asker}", asker.to_string()),
        ]
        .into_iter()
        .chain(THINGS.iter().zip(self.things).map(|((gap, _), thing)| (*gap, thing.to_string())))
        .fold(question.to_owned(), |text, (gap, value)| text.replace(gap, &value))
    }
}

pub(super) async fn ask(actor: &Actor, method: &str, function: &str, question: &str) -> Answer {
    let path = format!("/api/{function}");
    if method == "FILE" {
        let fields: Vec<(&str, &str)> = question.split('&').filter_map(|field| field.split_once('=')).collect();
        return actor.post_files(None, &path, &fields, &[&picture(1)]).await;
    }
    let is_get = method == "GET";
    let request = if is_get { Request::get(format!("{path}?{question}")) } else { Request::post(path) };
    let request = request
        .header(header::ACCEPT, "application/json")
        .header(header::HOST, "moim.test")
        .header(header::ORIGIN, "http://moim.test")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let body = if is_get { Body::empty() } else { Body::from(question.to_owned()) };
    actor.send(request.body(body).expect("a request")).await
}

/// Does what a world needs.
async fn done(actor: &Actor, function: &str, question: &str) {
    let answer = ask(actor, "POST", function, question).await;
    assert_eq!(answer.status, 200, "{function}: {}", answer.body);
}

/// Writes to somebody; the room of the two.
async fn write_to(actor: &Actor, other: &Actor) -> RoomId {
    let form = DirectForm { to: other.id(), send_id: SendId::random(), text: "안녕하세요".to_owned(), pictures: Pictures::default() };
    actor.call(StartDirect { form }).await.expect("said").room
}

/// An answer without what is the asker's own: their name, and which ids and moments it has, but for which of them are the same.
fn plain(text: &str, own: &str) -> String {
    let mut seen: Vec<&str> = Vec::new();
    let mut rest = text;
    let mut plain = String::with_capacity(text.len());
    let is_of_ids = |c: char| c.is_ascii_hexdigit() || c == '-';
    while let Some(start) = rest.find(is_of_ids) {
        plain.push_str(&rest[..start]);
        let from = &rest[start..];
        let end = from.find(|c| !is_of_ids(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        let is_moment = word.len() == 13 && word.bytes().all(|byte| byte.is_ascii_digit());
        if word.parse::<Uuid>().is_ok() {
            let at = seen.iter().position(|known| *known == word).unwrap_or_else(|| {
                seen.push(word);
                seen.len() - 1
            });
            plain.push_str(&format!("<{at}>"));
        } else {
            plain.push_str(if is_moment { "<moment>" } else { word });
        }
        rest = after;
    }
    plain.push_str(rest);
    plain.replace(own, "<name>")
}

/// A line: how it is called (`FILE` is a form with a picture), the function, the question, the answers.
pub(super) fn lines() -> impl Iterator<Item = (&'static str, &'static str, &'static str, Vec<&'static str>)> {
    TABLE.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
        let (call, answers) = line.split_once('|').expect("a bar");
        let mut words = call.split_whitespace();
        let (method, function) = (words.next().expect("a method"), words.next().expect("a function"));
        (method, function, words.next().unwrap_or_default(), answers.split_whitespace().collect())
    })
}

#[test]
fn the_table_has_every_function() {
    let known: BTreeSet<String> = server_fn_paths().map(|(path, _)| path.trim_start_matches("/api/").to_owned()).collect();
    let asked: BTreeSet<String> = lines().map(|(_, function, _, _)| function.to_owned()).collect();
    assert_eq!(asked, known);
}

on_both! {
    async fn who_is_blocked_reads_what_a_stranger_reads(app: TestApp) {
        let app = app.offering("http://127.0.0.1:9", Duration::ZERO);
        let world = World::new(&app, 1_000).await;
        let position = |who: &str| WHO.iter().position(|known| *known == who).expect("known");
        let (stranger, blocked) = (position("stranger"), position("blocked"));
        // One is offered by chance, the other chosen for each by themselves.
        let by_chance = ["suggest_nickname", "suggest_menus", "todays_menu"];
        for (method, function, question, _) in lines().filter(|(method, function, ..)| *method == "GET" && !by_chance.contains(function)) {
            let mut read = Vec::new();
            // Once more than is compared: who looks for the first time is counted.
            for round in 0..2 {
                for asker in [stranger, blocked] {
                    let answer = ask(&world.people[asker], method, function, &world.question(asker, question)).await;
                    if round == 1 {
                        read.push(plain(&answer.body, world.people[asker].nickname()));
                    }
                }
            }
            assert_eq!(read[0], read[1], "{function} {question}: a blocked person could tell");
        }
        for path in ["/users/{name}", "/meals/{party}", "/meals/{party}/comments", "/meals", "/chat", "/chat/with/{name}", "/me/notices"] {
            let mut read = Vec::new();
            for asker in [stranger, blocked] {
                let page = world.people[asker].get(&world.question(asker, path)).await.body;
                // What is seen; the scripts after it say it once more.
                let (_, body) = page.split_once("<body").expect("a page");
                read.push(plain(body.split("<script").next().expect("a body"), world.people[asker].nickname()));
            }
            assert_eq!(read[0], read[1], "{path}: a blocked person could tell");
        }
    }

    async fn nobody_reads_what_somebody_wrote_who_is_gone_and_with_whom_they_did_not_sit(app: TestApp) {
        let app = app.offering("http://127.0.0.1:9", Duration::ZERO);
        let world = World::new(&app, 1_000).await;
        let [visitor, _, unverified, stranger, blocked, banned, another, member, host] = &world.people[..] else { unreachable!() };
        let mut tx = app.state.db.begin().await.expect("a transaction");
        execute!(&mut tx, "update parties set title = '왜가리제목', body = '왜가리본문'").expect("written");
        execute!(&mut tx, "update meals set shop = '왜가리가게', pickup = '왜가리문앞', shop_link = 'https://heron.example/'").expect("written");
        tx.commit().await.expect("committed");
        let (keeps, party) = (true, world.party);
        for who in [stranger, blocked, banned, &world.applicant] {
            for party in [world.party, world.asking, world.ordered] {
                who.call(KeepParty { party, keeps }).await.expect("kept");
            }
        }
        let left = app.member("left").await;
        left.call(JoinParty { party }).await.expect("joined");
        left.call(LeaveParty { party }).await.expect("left");
        host.call(HandOverParty { party, person: member.id() }).await.expect("handed over");
        host.call(CloseAccount { form: CloseForm { current_password: PASSWORD.to_owned() } }).await.expect("closed");
        run_due(&app.state).await.expect("worked");
        let pages = [
            "/", "/meals", "/meals/{party}", "/meals/{asking}", "/meals/{ordered}", "/meals/{party}/comments", "/report/{party}", "/report/{asking}", "/report/{ordered}",
            "/me/notices", "/me/parties", "/me/parties?shelf=kept", "/me/parties?shelf=past", "/me/export", "/chat", "/meals/suggestions",
        ];
        // Where the words are told to those who sat there, and nowhere else.
        let mut told = BTreeSet::new();
        let position = |who: &str| WHO.iter().position(|known| *known == who).expect("known");
        let outsiders = [(visitor, "visitor"), (unverified, "unverified"), (stranger, "stranger"), (blocked, "blocked"), (banned, "banned"), (&world.applicant, "stranger"), (&left, "stranger")];
        for (who, column, is_outside) in outsiders.map(|(who, column)| (who, column, true)).into_iter().chain([(another, "another", false), (member, "member", false)]) {
            let mut read = Vec::new();
            for (method, function, question, _) in lines().filter(|(method, ..)| *method == "GET") {
                for other in ["{party}", "{asking}", "{ordered}"] {
                    let question = world.question(position(column), &question.replace("{party}", other));
                    read.push((format!("{function} {other}"), ask(who, method, function, &question).await.body));
                }
            }
            for page in pages {
                read.push((page.to_owned(), who.get(&world.question(position(column), page)).await.body));
            }
            for (place, body) in read {
                let is_told = ["왜가리", "heron.example"].iter().any(|word| body.contains(word));
                assert!(!is_told || !is_outside, "{place}: {} reads {body}", who.nickname());
                if is_told {
                    told.insert(place);
                }
            }
        }
        assert!(told.contains("meal {party}") && told.contains("/meals/{party}") && told.contains("/me/export"), "{told:?}");
    }

    async fn everybody_gets_what_the_table_says(app: TestApp) {
        // There is a provider; none of the questions needs its answer.
        let app = app.offering("http://127.0.0.1:9", Duration::ZERO);
        let mut wrong = Vec::new();
        let mut reading = None;
        let mut promises = Promises::new(&app).await;
        for (n, (method, function, question, answers)) in lines().enumerate() {
            // What only reads needs no world of its own.
            let world = if method == "GET" {
                if reading.is_none() {
                    reading = Some(World::new(&app, 1_000).await);
                }
                reading.as_ref().expect("there")
            } else {
                &World::new(&app, n).await
            };
            let (mut got, mut read) = (Vec::new(), Vec::new());
            for (asker, actor) in world.people.iter().enumerate() {
                let stood = world.stands(&app, question).await;
                let answer = ask(actor, method, function, &world.question(asker, question)).await;
                let taken = if stood == world.stands(&app, question).await { "" } else { "*" };
                got.push(format!("{}{taken}", answer.status.as_u16()));
                wrong.extend(promises.broken_by(function, question, &answer).map(|why| format!("{} {function}: {why}", WHO[asker])));
                // Where the way in is closed says who may go it.
                let is_shut = answer.body == if asker == 0 { r#"{"code":"sign_in_required"}"# } else { r#"{"code":"unverified"}"# };
                let shall_be = if asker == 0 { who(function) != Who::Anyone } else { who(function) == Who::Verified };
                if (asker == 0 || WHO[asker] == "unverified") && is_shut != shall_be {
                    wrong.push(format!("{} {function}: {:?} is not who may call it", WHO[asker], who(function)));
                }
                if matches!(WHO[asker], "stranger" | "blocked") {
                    read.push(plain(&answer.body, actor.nickname()));
                }
            }
            assert_eq!(got[3], got[4], "{function}: a blocked person could tell");
            // What only reads is compared by itself: who looks for the first time is counted.
            assert!(method == "GET" || read[0] == read[1], "{function}: a blocked person could tell: {read:?}");
            if got != answers {
                wrong.push(format!("{method} {function} {question} | {}", got.join(" ")));
            }
        }
        assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    }
}
