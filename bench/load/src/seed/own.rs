//! What one person has very many of, and what one order has. The orders and the people that it is about must be there.

use super::{now, numbers, room_of};
use crate::base::{Base, Sort};
use crate::fail::Outcome;

/// Seats of a person at so many orders that others lead, from one on, with a day to go.
pub async fn seats(base: &Base, person: u64, from: u64, count: u64) -> Outcome<()> {
    let (now, numbers, person) = (now(), numbers(from, count), one(base, person));
    let party = base.id(Sort::Party, "n");
    base.run(&format!(
        "insert into party_members (party_id, user_id, joined_at, over_at)
         select p.id, {person}, {now} - seat.n, p.deadline_at from ({numbers} select n, {party} as party_id from numbers) seat
         join parties p on p.id = seat.party_id"
    ))
    .await
}

/// What a person asks for at the first orders: half of it a yes, half of it a place in line, the one after the other.
pub async fn requests(base: &Base, person: u64, count: u64) -> Outcome<()> {
    let (now, numbers, person) = (now(), numbers(0, count), one(base, person));
    let party = base.id(Sort::Party, "n");
    base.run(&format!(
        "insert into party_requests (party_id, user_id, kind, created_at, over_at)
         select p.id, {person}, case asked.n % 2 when 0 then 'application' else 'waitlist' end, {now} - asked.n, p.deadline_at
         from ({numbers} select n, {party} as party_id from numbers) asked join parties p on p.id = asked.party_id"
    ))
    .await
}

/// The first orders, kept by a person.
pub async fn kept(base: &Base, person: u64, count: u64) -> Outcome<()> {
    let (now, numbers, person) = (now(), numbers(0, count), one(base, person));
    let party = base.id(Sort::Party, "n");
    base.run(&format!("insert into bookmarks (user_id, party_id, created_at) {numbers} select {person}, {party}, {now} - n from numbers"))
        .await
}

/// Of somebody's notices.
pub const UNREAD: u64 = 20;

/// Notices of a person about the first orders; the newest are unread.
pub async fn notices(base: &Base, person: u64, count: u64) -> Outcome<()> {
    let (now, numbers, person) = (now(), numbers(0, count), one(base, person));
    let (notice, party, actor) = (base.id(Sort::Notice, "n"), base.id(Sort::Party, "n"), base.id(Sort::Person, "(n % 100)"));
    base.run(&format!(
        "insert into notices (id, user_id, kind, party_id, actor_id, times, created_at, read_at)
         {numbers} select {notice}, {person}, 'joined', {party}, {actor}, 1, {now} - n * 10, case when n >= {UNREAD} then {now} end from numbers"
    ))
    .await
}

/// So many people from one on, blocked by a person.
pub async fn blocks(base: &Base, person: u64, from: u64, count: u64) -> Outcome<()> {
    let (now, numbers, person) = (now(), numbers(from, count), one(base, person));
    let blocked = base.id(Sort::Person, "n");
    base.run(&format!("insert into blocks (user_id, blocked_id, created_at) {numbers} select {person}, {blocked}, {now} - n from numbers"))
        .await
}

/// So many people from one on, removed from an order.
pub async fn bans(base: &Base, party: u64, from: u64, count: u64) -> Outcome<()> {
    let (now, numbers) = (now(), numbers(from, count));
    let (party, removed) = (base.id(Sort::Party, &party.to_string()), base.id(Sort::Person, "n"));
    base.run(&format!("insert into party_bans (party_id, user_id, created_at) {numbers} select {party}, {removed}, {now} - n from numbers"))
        .await
}

/// Comments under an order, and answers to the first of them, by the first hundred people.
pub async fn comments(base: &Base, party: u64, count: u64, answers: u64) -> Outcome<()> {
    let begun = now() - u128::from(count + answers) * 10;
    let (comment, first, party, author) = (
        base.id(Sort::Comment, "n"),
        base.id(Sort::Comment, "0"),
        base.id(Sort::Party, &party.to_string()),
        base.id(Sort::Person, "(n % 100)"),
    );
    let (alone, under) = (numbers(0, count), numbers(count, answers));
    base.run(&format!(
        "insert into comments (id, party_id, author_id, body, created_at)
         {alone} select {comment}, {party}, {author}, '나눠 먹을 사람이에요 ' || n, {begun} + n * 10 from numbers;
         insert into comments (id, party_id, parent_id, author_id, body, created_at)
         {under} select {comment}, {party}, {first}, {author}, '나눠 먹을 사람이에요 ' || n, {begun} + n * 10 from numbers;
         update comments set replies = {answers} where id = {first};
         update parties set comments = {} where id = {party};",
        count + answers
    ))
    .await
}

/// Puts a person into the rooms of the first orders.
pub async fn rooms(base: &Base, person: u64, count: u64) -> Outcome<()> {
    let (now, numbers, person) = (now(), numbers(room_of(0), count), one(base, person));
    let room = base.id(Sort::Room, "n");
    base.run(&format!(
        "insert into room_members (room_id, user_id, joined_at, joined_seq, read_seq, read_said)
         {numbers} select {room}, {person}, {now}, 0, 0, 0 from numbers"
    ))
    .await
}

fn one(base: &Base, person: u64) -> String {
    base.id(Sort::Person, &person.to_string())
}
