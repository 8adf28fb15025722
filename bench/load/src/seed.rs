//! Fills a database by SQL, because signing up so many people would take longer than everything that is measured.

mod own;

pub use own::{UNREAD, bans, blocks, comments, kept, notices, requests, rooms, seats};

use crate::base::{Base, Sort};
use crate::fail::{Fail, Outcome};
use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use std::time::{SystemTime, UNIX_EPOCH};

/// Everybody's.
pub const PASSWORD: &str = "nine herons over a lake";
/// The room of the n-th of [`parties`].
pub const fn room_of(party: u64) -> u64 {
    party + 1_000
}

/// Where everything is: 연남동.
pub const REGION: u32 = 11_440_124;
/// In the same 시군구: 서교동.
pub const NEIGHBOUR: u32 = 11_440_120;
const CATEGORIES: [&str; 14] = [
    "jokbal", "stew", "japanese", "pizza", "grill", "western", "chicken", "chinese", "asian", "korean", "dosirak", "bunsik", "cafe",
    "fastfood",
];

/// Argon2id as the application uses it: 19 MiB, two passes, one lane.
pub fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("the constants are within Argon2's ranges");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The PHC string of [`PASSWORD`].
pub fn password_hash() -> Outcome<String> {
    Ok(argon2().hash_password(PASSWORD.as_bytes()).map_err(|error| Fail(error.to_string()))?.to_string())
}

/// In milliseconds.
const DAY: u128 = 86_400_000;

fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis())
}

/// So many numbers from one on; at least that one.
fn numbers(from: u64, count: u64) -> String {
    let end = from + count;
    format!("with recursive numbers(n) as (select cast({from} as bigint) union all select n + 1 from numbers where n + 1 < {end})")
}

/// People who have proved their addresses, `p0@moim.test` and so on, each signed in once.
pub async fn people(base: &Base, count: u64) -> Outcome<()> {
    let (now, hash, numbers) = (now(), password_hash()?, numbers(0, count));
    let (person, session) = (base.id(Sort::Person, "n"), base.id(Sort::Session, "n"));
    base.run(&format!(
        "insert into users (id, email, email_key, nickname, nickname_key, password_hash, birth_date, gender, region, created_at, verified_at)
         {numbers} select {person}, 'p' || n || '@moim.test', 'p' || n || '@moim.test', 'neighbour ' || n, 'neighbour ' || n, '{hash}',
             '2000-02-29', 'unsaid', {REGION}, {now}, {now} from numbers;
         insert into sessions (id, user_id, user_agent, created_at, last_seen_at)
         {numbers} select {session}, {person}, 'bench', {now}, {now} from numbers;"
    ))
    .await
}

/// A room that belongs to no party: only the log of it can be read, not its page.
pub async fn room(base: &Base, room: u64, from: u64, count: u64) -> Outcome<()> {
    let (now, id) = (now(), base.id(Sort::Room, &room.to_string()));
    base.run(&format!("insert into rooms (id, kind, last_at, created_at) values ({id}, 'party', {now}, {now})")).await?;
    members(base, room, from, count).await
}

/// Puts people into a room. A party has at most 30 seats, but who is in a room is told by this alone, so there can be more of them.
pub async fn members(base: &Base, room: u64, from: u64, count: u64) -> Outcome<()> {
    let (now, numbers) = (now(), numbers(from, count));
    let (room, person) = (base.id(Sort::Room, &room.to_string()), base.id(Sort::Person, "n"));
    base.run(&format!(
        "insert into room_members (room_id, user_id, joined_at, joined_seq, read_seq, read_said)
         {numbers} select {room}, {person}, {now}, 0, 0, 0 from numbers"
    ))
    .await
}

/// How orders stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// All are open.
    Open,
    /// The first half is closed. These have a category nearly to themselves, and every second one of the others has another, so that who
    /// looks for one of them, or for what is open, has many to pass over unless an index does. [`RARE`] of the open ones have one of which
    /// there are no others.
    HalfOpen,
    /// All are over since some days, and who sat there has left their rooms.
    Over,
}

/// How many open orders have the category "cafe", however many there are, where half are open.
const RARE: u64 = 30;

/// Orders, all in one 동. They have their numbers in their titles.
#[derive(Clone, Debug)]
pub struct Orders {
    /// The number of the first.
    pub from: u64,
    pub count: u64,
    /// The number of who leads the `n`-th, as SQL. They must be there.
    pub host: String,
    pub region: u32,
    pub stand: Stand,
}

/// Open orders of the first hundred people (who must be there), all in one 동, with a day to go. The host is in the room.
pub async fn parties(base: &Base, count: u64) -> Outcome<()> {
    orders(base, &[Orders { from: 0, count, host: "n % 100".to_owned(), region: REGION, stand: Stand::Open }]).await?;
    base.run("analyze").await
}

/// The same of other kinds. What the database knows of its tables is to be renewed afterwards.
pub async fn orders(base: &Base, lots: &[Orders]) -> Outcome<()> {
    // A million rows go in faster without the indexes of the lists; they are made again from what they were.
    let (names, again) = indexes(base).await?;
    for name in &names {
        base.run(&format!("drop index {name}")).await?;
    }
    for lot in lots {
        put_in(base, lot).await?;
    }
    for sql in &again {
        base.run(sql).await?;
    }
    Ok(())
}

async fn put_in(base: &Base, Orders { from, count, host, region, stand }: &Orders) -> Outcome<()> {
    let (now, numbers) = (now(), numbers(*from, *count));
    let (party, room, host) =
        (base.id(Sort::Party, "n"), base.id(Sort::Room, &format!("(n + {})", room_of(0))), base.id(Sort::Person, &format!("({host})")));
    // Conditions: which are closed, and which of the others are of the rare and of the frequent category.
    let (closed, rare, frequent) = match stand {
        Stand::Open => ("1 = 0".to_owned(), "1 = 0".to_owned(), "1 = 0"),
        Stand::HalfOpen => {
            let end = from + count;
            (format!("n < {}", from + count / 2), format!("n % 2 = 0 and n >= {}", end.saturating_sub(2 * RARE)), "n % 2 = 0")
        }
        Stand::Over => ("1 = 1".to_owned(), "1 = 0".to_owned(), "1 = 0"),
    };
    let (deadline, ended) = match stand {
        Stand::Over => (format!("{} - n * 1000", now - 3 * DAY), 1),
        _ => (format!("{} + n * 1000", now + DAY), 0),
    };
    let shelf = if *stand == Stand::Over { "past" } else { "hosted" };
    let comments = if *stand == Stand::HalfOpen { "(n * 31) % 700" } else { "0" };
    let category: String = CATEGORIES.iter().enumerate().map(|(i, name)| format!(" when {i} then '{name}'")).collect();
    base.run(&format!(
        "insert into rooms (id, kind, last_at, created_at) {numbers} select {room}, 'party', {now} - n, {now} from numbers;
         insert into parties (id, kind, host_id, room_id, title, body, region, district, category, seats, taken, deadline_at, state, closed_by,
             joining, views, comments, popularity, soon_key, ended, created_at, updated_at)
         {numbers} select {party}, 'meal', {host}, {room}, '칼국수 둘, 만두 하나 나눠요 ' || n, '같이 시켜요', {region}, {},
             case when {closed} then 'korean' when {rare} then 'cafe' when {frequent} then 'chicken' else case n % 14{category} end end, 4, 1 + n % 3, {deadline},
             case when {closed} then 'closed' else 'open' end, case when {closed} then 'host' end, 'direct', (n * 7919) % 5000, {comments},
             (n * 104729) % 3000, case when {closed} then 4000000000000000 - ({deadline}) else {deadline} end, {ended}, {now} - n * 100, {now}
         from numbers;
         insert into meals (party_id, shop, fee, minimum, pickup)
         {numbers} select {party}, '구름손칼국수', 3000, 20000, '연남동주민센터 정문' from numbers;
         insert into party_members (party_id, user_id, joined_at, over_at, shelf)
         {numbers} select {party}, {host}, {now} - n, {deadline}, '{shelf}' from numbers;",
        region / 1_000
    ))
    .await?;
    if *stand == Stand::Over {
        return Ok(());
    }
    base.run(&format!(
        "insert into room_members (room_id, user_id, joined_at, joined_seq, read_seq, read_said)
         {numbers} select {room}, {host}, {now}, 0, 0, 0 from numbers"
    ))
    .await
}

/// So many messages in a room, by the first of the people.
pub async fn messages(base: &Base, room: u64, count: u64) -> Outcome<()> {
    let (now, numbers) = (now(), numbers(0, count));
    let (room, person, send) = (base.id(Sort::Room, &room.to_string()), base.id(Sort::Person, "0"), base.id(Sort::Send, "n"));
    base.run(&format!(
        "insert into messages (room_id, seq, said, send_id, author_id, kind, body, created_at)
         {numbers} select {room}, n + 1, n + 1, {send}, {person}, 'text', '정문 앞에서 만나요 ' || n, {now} from numbers;
         update rooms set last_seq = {count}, last_said = {count}, last_shown = {count} where id = {room};"
    ))
    .await
}

async fn indexes(base: &Base) -> Outcome<(Vec<String>, Vec<String>)> {
    Ok(match base {
        Base::Sqlite(_) => {
            let of_lists = "from sqlite_master where type = 'index' and tbl_name = 'parties' and sql is not null order by name";
            (base.texts(&format!("select name {of_lists}")).await?, base.texts(&format!("select sql {of_lists}")).await?)
        }
        Base::Postgres(_) => {
            let of_lists = "from pg_indexes where tablename = 'parties' and indexname like 'parties_by_%' order by indexname";
            (base.texts(&format!("select indexname::text {of_lists}")).await?, base.texts(&format!("select indexdef {of_lists}")).await?)
        }
    })
}
