//! What is asked, and what has to be answered: each list of the application stands here as SQL, too, so that an answer which is not the
//! page that was asked for fails.

use super::{HOST, ORDER, OWNER, READER, ROOM, ROOMER};
use crate::base::{Base, Sort, id};
use crate::fail;
use crate::fail::{Fail, Outcome};
use crate::seed::{REGION, UNREAD};
use memchr::memmem;
use serde_json::Value;
use uuid::Uuid;

/// Rows on a numbered page, and in the window of ten that is found by the row before it.
const PAGE: u64 = 10;
const WINDOW: u64 = 100;
/// Messages on a page of a log, and rooms on one of their list.
const LOG: u64 = 30;
const ROOMS_PAGE: u64 = 30;
const COMMENTS: u64 = 20;
/// Orders that the first page shows, and those of one's own.
const SOON: u64 = 4;
const MINE: u64 = 6;
/// Of which one can be chosen.
const MENUS: usize = 5;

/// What is asked.
pub struct Question {
    pub name: String,
    pub path: String,
    /// The number of who asks; `None` is a visitor.
    pub who: Option<u64>,
    /// What stands in the answer, one after the other.
    shows: Vec<String>,
    /// Where the rows are in the answer, as a JSON pointer (RFC 6901), and how many.
    rows: Option<(&'static str, usize)>,
    /// There is nothing else in the answer.
    is_all: bool,
}

impl Question {
    fn new(name: impl Into<String>, path: impl Into<String>, who: impl Into<Option<u64>>, shows: Vec<String>) -> Outcome<Self> {
        let name = name.into();
        if shows.is_empty() {
            fail!("{name} would show nothing");
        }
        Ok(Self { name, path: path.into(), who: who.into(), shows, rows: None, is_all: false })
    }

    /// Takes no answer with more or fewer rows.
    fn only(self, place: &'static str, rows: usize) -> Self {
        Self { rows: Some((place, rows)), ..self }
    }

    /// What is answered with one number.
    fn number(name: &str, path: &str, who: u64, number: u64) -> Outcome<Self> {
        Ok(Self { is_all: true, ..Self::new(name, path, who, vec![number.to_string()])? })
    }

    /// An error when something is not where it belongs.
    pub fn check(&self, status: u16, body: &[u8]) -> Outcome<()> {
        let begin = || String::from_utf8_lossy(&body[..body.len().min(2_000)]);
        if status != 200 {
            fail!("{} was answered with {status}: {}", self.path, begin());
        }
        let mut rest = body;
        for text in &self.shows {
            let Some(place) = memmem::find(rest, text.as_bytes()) else {
                fail!("{}, {}: {text} is not in its place: {}", self.name, self.path, begin());
            };
            rest = &rest[place + text.len()..];
        }
        if self.is_all && self.shows[0].as_bytes() != body {
            fail!("{}, {}: {} was expected: {}", self.name, self.path, self.shows[0], begin());
        }
        if let Some((place, rows)) = self.rows {
            let answer: Value = serde_json::from_slice(body)?;
            let found = answer.pointer(place).and_then(Value::as_array).map(Vec::len);
            if found != Some(rows) {
                fail!("{}, {}: {found:?} rows instead of {rows}: {}", self.name, self.path, begin());
            }
        }
        Ok(())
    }
}

/// How a list is asked for a page.
#[derive(Clone, Copy)]
enum Pages {
    /// Under a number, in what of the address has this name.
    Numbered(&'static str),
    /// After a row, in what of the address has this name; and so many on each.
    After(&'static str, u64),
}

impl Pages {
    const fn size(self) -> u64 {
        match self {
            Self::Numbered(_) => PAGE,
            Self::After(_, size) => size,
        }
    }
}

/// A list of the application, and the same in SQL.
#[derive(Clone)]
struct List {
    name: &'static str,
    path: String,
    who: u64,
    /// Where its rows are in the answer, as a JSON pointer.
    rows: &'static str,
    /// From where the rows come, and which.
    from: String,
    /// By what they are ordered, which way, and what tells those apart that have the same.
    key: &'static str,
    way: &'static str,
    id: &'static str,
    /// What is shown of each, and what that is called in the answer.
    column: &'static str,
    field: &'static str,
    pages: Pages,
}

/// The place of a row in its list, and what is shown of it.
struct Row {
    key: i64,
    id: Uuid,
    text: String,
}

impl Row {
    fn read(text: &str) -> Outcome<Self> {
        let mut parts = text.splitn(3, ' ');
        let (Some(key), Some(id), Some(text)) = (parts.next(), parts.next(), parts.next()) else { fail!("no row: {text}") };
        Ok(Self { key: key.parse()?, id: id.parse()?, text: text.to_owned() })
    }
}

impl List {
    async fn read(&self, base: &Base, limit: u64, offset: u64) -> Outcome<Vec<Row>> {
        let Self { from, key, way, id, column, .. } = self;
        let hex = base.hex(id);
        let found = base
            .texts(&format!(
                "select {key} || ' ' || {hex} || ' ' || {column} {from} order by {key} {way}, {id} {way} limit {limit} offset {offset}"
            ))
            .await?;
        found.iter().map(|text| Row::read(text)).collect()
    }

    /// Its first page and one in its middle.
    async fn questions(&self, base: &Base) -> Outcome<Vec<Question>> {
        let Self { name, path, pages, .. } = self;
        let counted = base.texts(&format!("select '' || count(*) {}", self.from)).await?;
        let half = counted.first().ok_or_else(|| Fail("nothing was counted".to_owned()))?.parse::<u64>()? / 2;
        if half < pages.size() {
            fail!("{name} is too short");
        }
        // The middle, or where a page begins before it.
        let skipped = match pages {
            Pages::Numbered(_) if half < WINDOW => half / PAGE * PAGE,
            Pages::Numbered(_) => half / WINDOW * WINDOW,
            Pages::After(..) => half,
        };
        let mut rows = self.read(base, pages.size() + 1, skipped - 1).await?;
        let before = rows.remove(0);
        let address = match pages {
            Pages::Numbered(part) => {
                let number = format!("{part}[number]={}", skipped / PAGE + 1);
                // In the first window the number says enough.
                let after = format!("&{part}[after][key]={}&{part}[after][id]={}", before.key, before.id);
                if skipped < WINDOW { number } else { number + &after }
            }
            Pages::After(part, _) => format!("{part}={}.{}", before.key, before.id.simple()),
        };
        let glue = if path.contains('?') { '&' } else { '?' };
        let first = self.read(base, pages.size(), 0).await?;
        let middle = self.shows(&rows, skipped / PAGE + 1);
        Ok(vec![
            Question::new(*name, path, self.who, self.shows(&first, 1))?.only(self.rows, first.len()),
            Question::new(format!("{name}, middle"), format!("{path}{glue}{address}"), self.who, middle)?.only(self.rows, rows.len()),
        ])
    }

    fn shows(&self, rows: &[Row], number: u64) -> Vec<String> {
        let mut shows: Vec<String> = rows.iter().map(|row| shown(self.field, &row.text)).collect();
        if matches!(self.pages, Pages::Numbered(_)) {
            shows.push(format!("\"number\":{number},"));
        }
        shows
    }
}

fn shown(field: &str, text: &str) -> String {
    format!("\"{field}\":\"{text}\"")
}

/// Everything, of a database with so many rows.
pub async fn all(base: &Base, rows: u64) -> Outcome<Vec<Question>> {
    let mut questions = Vec::new();
    for list in [orders(), own(base), talk(base)].concat() {
        questions.append(&mut list.questions(base).await?);
    }
    questions.append(&mut log(base, rows).await?);
    questions.append(&mut bounded(base).await?);
    questions.append(&mut on_every_page(rows)?);
    Ok(questions)
}

/// Around which the lists of orders are, as the application asks for it.
fn meals(sift: &str) -> String {
    format!("/api/meals?query[region]={REGION}{sift}")
}

/// Orders of everybody: each way to order them, and each family of filters.
fn orders() -> Vec<List> {
    let region = format!("region = {REGION}");
    let district = format!("district = {}", REGION / 1_000);
    let listed = "state <> 'cancelled' and ended = 0";
    let list = |name, sift: &str, which: &str, (key, way)| List {
        name,
        path: meals(sift),
        who: READER,
        rows: "/page/rows",
        from: format!("from parties where kind = 'meal' and {which}"),
        key,
        way,
        id: "id",
        column: "title",
        field: "title",
        pages: Pages::Numbered("query[page]"),
    };
    let (soon, new, popular) = (("soon_key", "asc"), ("created_at", "desc"), ("popularity", "desc"));
    let whole = format!("{region} and {listed}");
    vec![
        list("soon", "&query[sort]=soon", &whole, soon),
        list("new", "&query[sort]=new", &whole, new),
        list("popular", "&query[sort]=popular", &whole, popular),
        list("most seen", "&query[sort]=views", &whole, ("views", "desc")),
        list("most commented", "&query[sort]=comments", &whole, ("comments", "desc")),
        // What is closed comes last here.
        list("category", "&query[category]=korean", &format!("{whole} and category = 'korean'"), soon),
        // And first here.
        list("open", "&query[open]=true&query[sort]=new", &format!("{region} and state = 'open'"), new),
        list(
            "open, category",
            "&query[open]=true&query[category]=chicken",
            &format!("{region} and state = 'open' and category = 'chicken'"),
            soon,
        ),
        list(
            "open, rare category",
            "&query[open]=true&query[category]=cafe&query[sort]=popular",
            &format!("{region} and state = 'open' and category = 'cafe'"),
            popular,
        ),
        list("district", "&query[area]=district", &format!("{district} and {listed}"), soon),
        list(
            "district, category",
            "&query[area]=district&query[category]=korean",
            &format!("{district} and {listed} and category = 'korean'"),
            soon,
        ),
        list(
            "district, open, rare category",
            "&query[area]=district&query[open]=true&query[category]=cafe&query[sort]=popular",
            &format!("{district} and state = 'open' and category = 'cafe'"),
            popular,
        ),
        list("district, open", "&query[area]=district&query[open]=true&query[sort]=new", &format!("{district} and state = 'open'"), new),
    ]
}

/// What is one person's: the shelves of their orders, notices, whom they block; and whom a host has removed.
fn own(base: &Base) -> Vec<List> {
    let owner = base.id(Sort::Person, &OWNER.to_string());
    let list = |name, path: String, from: String, key, id| List {
        name,
        path,
        who: OWNER,
        rows: "/page/rows",
        from,
        key,
        way: "desc",
        id,
        column: "p.title",
        field: "title",
        pages: Pages::Numbered("query[page]"),
    };
    let shelf = |name, from: String, key| list(name, format!("/api/my_meals?query[shelf]={name}"), from, key, "p.id");
    let of = |table: &str, which: &str| format!("from {table} t join parties p on p.id = t.party_id where t.user_id = {owner}{which}");
    let notices = list("notices", "/api/notices".to_owned(), of("notices", ""), "t.created_at", "t.id");
    let people = |name, path: String, who, table: &str, person, which: String| List {
        who,
        column: "u.nickname",
        field: "nickname",
        ..list(name, path, format!("from {table} t join users u on u.id = {person} where {which}"), "t.created_at", person)
    };
    let order = base.id(Sort::Party, &ORDER.to_string());
    let removed = format!("/api/meal?id={}", id(Sort::Party, ORDER));
    let blocked = format!("t.user_id = {owner}");
    vec![
        shelf("hosted", of("party_members", " and p.host_id = t.user_id and p.ended = 0"), "t.joined_at"),
        shelf("joined", of("party_members", " and p.host_id <> t.user_id"), "t.joined_at"),
        shelf("past", of("party_members", " and p.ended = 1"), "t.joined_at"),
        shelf("applied", of("party_requests", " and t.kind = 'application'"), "t.created_at"),
        shelf("waiting", of("party_requests", " and t.kind = 'waitlist'"), "t.created_at"),
        shelf("kept", of("bookmarks", ""), "t.created_at"),
        List { pages: Pages::Numbered("page"), ..notices },
        List {
            pages: Pages::Numbered("page"),
            rows: "/rows",
            ..people("blocked", "/api/blocked_people".to_owned(), OWNER, "blocks", "t.blocked_id", blocked)
        },
        List {
            pages: Pages::Numbered("banned"),
            rows: "/live/circle/desk/banned/rows",
            ..people("removed", removed, HOST, "party_bans", "t.user_id", format!("t.party_id = {order}"))
        },
    ]
}

/// Comments, answers, and a person's rooms: all of them and those that a search finds.
fn talk(base: &Base) -> Vec<List> {
    let (order, first) = (base.id(Sort::Party, &ORDER.to_string()), base.id(Sort::Comment, "0"));
    let thread = List {
        name: "thread",
        path: format!("/api/comments?party={}", id(Sort::Party, ORDER)),
        who: READER,
        rows: "/comments",
        from: format!("from comments where party_id = {order} and parent_id is null"),
        key: "created_at",
        way: "desc",
        id: "id",
        column: "body",
        field: "text",
        pages: Pages::After("query[after]", COMMENTS),
    };
    let oldest = List { name: "thread, oldest", path: format!("{}&query[oldest]=true", thread.path), way: "asc", ..thread.clone() };
    let answers = List {
        name: "answers",
        path: format!("{}&query[of]={}", thread.path, id(Sort::Comment, 0)),
        from: format!("from comments where parent_id = {first}"),
        way: "asc",
        rows: "/comments/0/replies",
        ..thread.clone()
    };
    let rooms = List {
        name: "rooms",
        path: "/api/chat_rooms?search=".to_owned(),
        who: ROOMER,
        rows: "/rooms",
        from: format!(
            "from room_members m join rooms r on r.id = m.room_id join parties p on p.room_id = r.id where m.user_id = {}",
            base.id(Sort::Person, &ROOMER.to_string())
        ),
        key: "r.last_at",
        way: "desc",
        id: "r.id",
        column: "p.title",
        field: "title",
        pages: Pages::After("after", ROOMS_PAGE),
    };
    let found = List {
        name: "rooms by name",
        path: "/api/chat_rooms?search=7".to_owned(),
        from: format!("{} and p.title like '%7%'", rooms.from),
        ..rooms.clone()
    };
    vec![thread, oldest, answers, rooms, found]
}

/// The end and the middle of a room's log, by itself and as its page asks for it.
async fn log(base: &Base, rows: u64) -> Outcome<Vec<Question>> {
    let (room, of) = (base.id(Sort::Room, &ROOM.to_string()), id(Sort::Room, ROOM));
    let mut questions = Vec::new();
    for (part, before) in [("", rows + 1), (", middle", rows / 2)] {
        let sql = format!(
            "select body from (select seq, body from messages where room_id = {room} and seq < {before} order by seq desc limit {LOG}) part
             order by seq"
        );
        let shows: Vec<String> = base.texts(&sql).await?.iter().map(|text| shown("text", text)).collect();
        let history = format!("/api/chat_history?room={of}&before={before}");
        let (page, count) = (format!("/api/chat_room?room={of}&before={before}"), shows.len());
        questions.push(Question::new(format!("messages{part}"), history, READER, shows.clone())?.only("/messages", count));
        questions.push(Question::new(format!("room{part}"), page, READER, shows)?.only("/room/history/messages", count));
    }
    Ok(questions)
}

/// What shows no more than so much, however much there is: the first page, the people of a room, what completes the names of regions and
/// schools.
async fn bounded(base: &Base) -> Outcome<Vec<Question>> {
    let soonest = |of: &str, key| format!("select title from parties where {of}state = 'open' order by {key}, id limit {SOON}");
    let titles = |found: Vec<String>| found.iter().map(|title| shown("title", title)).collect::<Vec<String>>();
    let near = titles(base.texts(&soonest(&format!("region = {REGION} and "), "soon_key")).await?);
    let owner = base.id(Sort::Person, &OWNER.to_string());
    let mine = format!(
        "select p.title from party_members m join parties p on p.id = m.party_id
         where m.user_id = {owner} and m.shelf in ('hosted', 'joined') order by p.soon_key, p.id limit {MINE}"
    );
    let mine = titles(base.texts(&mine).await?);
    let anywhere = titles(base.texts(&soonest("", "deadline_at")).await?);
    let room = base.id(Sort::Room, &ROOM.to_string());
    let people = format!(
        "select u.nickname from room_members m join users u on u.id = m.user_id join parties p on p.room_id = m.room_id
         where m.room_id = {room} order by case when p.host_id = u.id then 0 else 1 end, u.nickname_key"
    );
    let people: Vec<String> = base.texts(&people).await?.iter().map(|name| shown("nickname", name)).collect();
    let (around, own, all, seated) = (near.len(), mine.len(), anywhere.len(), people.len());
    let schools = base.texts("select '' || count(*) from schools").await?.concat().parse()?;
    // It is found first of all that are called like it.
    let town = format!("{{\"code\":{REGION},{}", shown("name", "연남동"));
    let listed = vec![format!("\"found\":[{town}"), "\"number\":1,".to_owned()];
    Ok(vec![
        Question::new("first page", "/api/home", READER, near)?.only("/soon", around),
        Question::new("first page, own orders", "/api/home", OWNER, mine)?.only("/mine", own),
        Question::new("first page of a visitor", "/api/home", None, anywhere)?.only("/soon", all),
        Question::new("members", format!("/api/chat_members?room={}", id(Sort::Room, ROOM)), READER, people)?.only("/members", seated),
        Question::new("town by name", meals("&query[search]=yeonnam"), READER, listed)?,
        Question::new("regions", "/api/search_regions?query=yeonnam", READER, vec![format!("[{town}")])?,
        Question::new("schools", "/api/list_schools", READER, vec![shown("name", "서울대학교")])?.only("", schools),
    ])
}

/// What every page asks for, of those who have very many notices, messages and orders; and what they could eat, which their orders decide.
fn on_every_page(rows: u64) -> Outcome<Vec<Question>> {
    let menu = |name: &str, path: &str, shows: &str| Question::new(name, path, OWNER, vec![shows.to_owned()]);
    Ok(vec![
        Question::number("unread notices", "/api/unread_notices", OWNER, UNREAD)?,
        Question::number("unread messages", "/api/chat_unread", ROOMER, rows)?,
        menu("menus", "/api/suggest_menus", "\"menus\":[")?.only("/menus", MENUS),
        menu("today's menu", "/api/todays_menu", "\"title\":")?,
    ])
}
