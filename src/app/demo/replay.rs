//! Lets the demo world happen.

use super::Summary;
use super::world::{Dish, Line, Order, Terms, World};
use crate::features::accounts::auth::Member;
use crate::features::accounts::model::{Gender, NewAccount};
use crate::features::accounts::store::{SignedIn, open_account};
use crate::features::chat;
use crate::features::chat::model::SendForm;
use crate::features::chat::store::{Outgoing, Stored};
use crate::features::meals;
use crate::features::meals::model::{DUE_AT, MealForm};
use crate::features::parties;
use crate::features::parties::model::{ApplyForm, Stage};
use crate::features::settlements;
use crate::features::settlements::model::{ItemForm, NewTerms};
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::{PartyId, RegionCode, RoomId, SendId, Seq, SessionId, UserId};
use crate::shared::images::Pictures;
use crate::shared::time::{Date, Span, Timestamp};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// How long before now everybody moved in: before anything that happens.
const MOVED_IN: Span = Span::days(30);

/// One thing that happens.
enum Step<'a> {
    Open,
    /// Takes a seat; where the host decides, asks and is accepted.
    Sit(&'a str),
    Apply(&'a Line),
    Wait(&'a str),
    Say(&'a Line),
    Enter(&'a Dish),
    Close,
    Advance(Stage),
    Terms(&'a Terms),
    /// Says that they have sent their share.
    Send(&'a str),
    /// The host has it.
    Receive(&'a str),
    Cancel(&'a str),
    /// The deadline passes.
    Expire,
}

/// Where it happens.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    /// An order, by its number.
    Order(usize),
    /// A conversation of two, by its number.
    Letters(usize),
}

struct Opened {
    party: Option<PartyId>,
    room: RoomId,
    /// When its messages were said, and their numbers.
    said: Vec<(Timestamp, Seq)>,
}

pub struct Replay<'a> {
    world: &'a World,
    now: Timestamp,
    regions: HashMap<&'a str, RegionCode>,
    members: HashMap<&'a str, Member>,
    opened: HashMap<Place, Opened>,
}

impl<'a> Replay<'a> {
    pub fn new(world: &'a World, now: Timestamp) -> Self {
        let regions = world.places.iter().map(|place| (place.name.as_str(), place.code)).collect();
        Self { world, now, regions, members: HashMap::new(), opened: HashMap::new() }
    }

    fn ago(&self, minutes: i64) -> Timestamp {
        self.now - Span::minutes(minutes)
    }

    /// Opens everybody's account, the marker's first.
    pub async fn move_in(&mut self, tx: &mut Conn, known: &str, secret: &str) -> Result<(), AppError> {
        for resident in &self.world.people {
            let region = *self.regions.get(resident.place.as_str()).ok_or(AppError::Internal)?;
            let account = NewAccount {
                email: resident.email.clone(),
                nickname: resident.nickname.clone(),
                birth_date: Date::parse(&resident.born).ok_or(AppError::Internal)?,
                gender: Gender::from_code(&resident.gender).ok_or(AppError::Internal)?,
                region,
                school: None,
            };
            let hash = if super::ACCOUNTS.contains(&resident.email.as_str()) { known } else { secret };
            let id = open_account(tx, &account, hash, true, self.now - MOVED_IN).await?;
            // They act without a device, so without a session in the database.
            let acting = SignedIn {
                session_id: SessionId(Uuid::now_v7()),
                user_id: id,
                nickname: resident.nickname.clone(),
                region: Some(region),
                lang: None,
                theme: None,
                is_verified: true,
            };
            self.members.insert(&resident.nickname, Member::from(acting));
        }
        Ok(())
    }

    /// Lets everything happen, in order, and marks what was read.
    pub async fn run(&mut self, tx: &mut Conn) -> Result<Summary, AppError> {
        for (at, place, step) in self.steps() {
            self.happen(tx, at, place, step).await?;
        }
        for (number, order) in self.world.orders.iter().enumerate() {
            if let Some(party) = self.opened.get(&Place::Order(number)).and_then(|opened| opened.party) {
                super::store::set_views(tx, party, order.views).await?;
            }
        }
        chat::store::mark_read(tx, &self.reads()).await?;
        Ok(Summary {
            people: self.members.len(),
            orders: self.world.orders.len(),
            places: self
                .world
                .orders
                .iter()
                .filter_map(|order| self.members.get(order.host.as_str())?.region())
                .collect::<BTreeSet<_>>()
                .len(),
            messages: self.opened.values().map(|opened| opened.said.len()).sum(),
        })
    }

    /// Everything that happens, the earliest first. What happens in one place in the same minute keeps this order.
    fn steps(&self) -> Vec<(Timestamp, Place, Step<'a>)> {
        let mut steps = Vec::new();
        for (number, order) in self.world.orders.iter().enumerate() {
            let mut add = |at, step| steps.push((at, Place::Order(number), step));
            add(self.ago(order.opened), Step::Open);
            for member in &order.members {
                add(self.ago(member.ago), Step::Sit(&member.who));
            }
            for waiting in &order.waitlist {
                add(self.ago(waiting.ago), Step::Wait(&waiting.who));
            }
            for application in &order.applications {
                add(self.ago(application.ago), Step::Apply(application));
            }
            for dish in &order.items {
                add(self.ago(dish.ago), Step::Enter(dish));
            }
            for line in &order.talk {
                add(self.ago(line.ago), Step::Say(line));
            }
            if let Some(ago) = order.closed {
                add(self.ago(ago), Step::Close);
            }
            if let Some(reason) = &order.cancelled {
                add(self.ago(reason.ago), Step::Cancel(&reason.says));
            }
            if order.deadline < 0 {
                add(self.ago(-order.deadline), Step::Expire);
            }
            if let Some(terms) = &order.terms {
                add(self.ago(terms.ago), Step::Terms(terms));
            }
            for moment in &order.sent {
                add(self.ago(moment.ago), Step::Send(&moment.who));
            }
            for moment in &order.received {
                add(self.ago(moment.ago), Step::Receive(&moment.who));
            }
            for (ago, stage) in [order.ordered, order.arrived, order.settled].into_iter().zip(Stage::ALL) {
                if let Some(ago) = ago {
                    add(self.ago(ago), Step::Advance(stage));
                }
            }
        }
        for (number, letters) in self.world.letters.iter().enumerate() {
            steps.extend(letters.talk.iter().map(|line| (self.ago(line.ago), Place::Letters(number), Step::Say(line))));
        }
        steps.sort_by_key(|(at, _, _)| *at);
        steps
    }

    /// Nobody is connected who would have to be told, so the news of each step is dropped.
    async fn happen(&mut self, tx: &mut Conn, at: Timestamp, place: Place, step: Step<'a>) -> Result<(), AppError> {
        match (place, step) {
            (Place::Order(number), Step::Open) => self.open(tx, at, number).await,
            (Place::Letters(number), Step::Say(line)) => {
                self.open_letters(tx, at, number).await?;
                self.say(tx, at, place, line).await
            }
            (_, Step::Say(line)) => self.say(tx, at, place, line).await,
            (Place::Order(number), step) => self.change(tx, at, number, step).await,
            (Place::Letters(_), _) => Err(AppError::Internal),
        }
    }

    async fn open(&mut self, tx: &mut Conn, at: Timestamp, number: usize) -> Result<(), AppError> {
        let order = &self.world.orders[number];
        let party = open_order(tx, self.member(&order.host)?, order, self.now + Span::minutes(order.deadline), at).await?;
        let room = super::store::room_of(tx, party).await?;
        self.opened.insert(Place::Order(number), Opened { party: Some(party), room, said: Vec::new() });
        Ok(())
    }

    async fn open_letters(&mut self, tx: &mut Conn, at: Timestamp, number: usize) -> Result<(), AppError> {
        if self.opened.contains_key(&Place::Letters(number)) {
            return Ok(());
        }
        let [one, other] = &self.world.letters[number].pair;
        let room = chat::store::open_direct(tx, self.member(one)?.id(), self.member(other)?.id(), at).await?;
        self.opened.insert(Place::Letters(number), Opened { party: None, room, said: Vec::new() });
        Ok(())
    }

    async fn change(&self, tx: &mut Conn, at: Timestamp, number: usize, step: Step<'a>) -> Result<(), AppError> {
        let party = self.opened.get(&Place::Order(number)).and_then(|opened| opened.party).ok_or(AppError::NotFound)?;
        let order = &self.world.orders[number];
        let host = self.member(&order.host)?;
        match step {
            Step::Sit(who) if order.joining == "direct" => {
                let _ = parties::store::join(tx, self.member(who)?, party, at).await?;
            }
            Step::Sit(who) => {
                let member = self.member(who)?;
                apply(tx, member, party, "", at).await?;
                let host = parties::store::host(tx, host, party, at).await?;
                let _ = parties::store::accept(tx, host, member.id(), at).await?;
            }
            Step::Apply(line) => apply(tx, self.member(&line.who)?, party, &line.says, at).await?,
            Step::Wait(who) => drop(parties::store::wait(tx, self.member(who)?, party, at).await?),
            Step::Enter(dish) => {
                let form = ItemForm {
                    party: Some(party),
                    key: Uuid::now_v7().to_string(),
                    name: dish.what.clone(),
                    price: dish.price.to_string(),
                    count: dish.count.to_string(),
                    change: String::new(),
                };
                let _ = settlements::store::put_item(tx, self.member(&dish.who)?, &form.parse()?, at).await?;
            }
            Step::Close => {
                let host = parties::store::host(tx, host, party, at).await?;
                let _ = parties::store::close(tx, host, at).await?;
            }
            Step::Terms(terms) => {
                let Terms { account, split, .. } = terms;
                let terms = NewTerms { party, fee: order.fee, split: *split, account: account.clone(), link: None, seen: None };
                let _ = settlements::store::set_terms(tx, host, &terms, at).await?;
            }
            Step::Send(who) => {
                let member = self.member(who)?;
                let share = share(tx, member, party, order.fee, at).await?;
                let _ = settlements::store::mark_sent(tx, member, party, share, true, at).await?;
            }
            Step::Receive(who) => {
                let member = self.member(who)?;
                let share = share(tx, member, party, order.fee, at).await?;
                let _ = settlements::store::mark_received(tx, host, party, member.id(), share, true, at).await?;
            }
            Step::Advance(Stage::Settled) => drop(settlements::store::settle(tx, host, party, false, at).await?),
            Step::Advance(stage) => {
                let host = parties::store::host(tx, host, party, at).await?;
                let _ = parties::store::advance(tx, host, stage, at).await?;
            }
            Step::Cancel(reason) => {
                let host = parties::store::host(tx, host, party, at).await?;
                let _ = parties::store::cancel(tx, host, reason, at).await?;
            }
            Step::Expire => {
                let _ = parties::store::close_due(tx, party, at).await?;
            }
            Step::Open | Step::Say(_) => return Err(AppError::Internal),
        }
        Ok(())
    }

    async fn say(&mut self, tx: &mut Conn, at: Timestamp, place: Place, line: &Line) -> Result<(), AppError> {
        let author = self.member(&line.who)?.id();
        let opened = self.opened.get_mut(&place).ok_or(AppError::NotFound)?;
        let form = SendForm {
            room: opened.room,
            send_id: SendId::random(),
            text: line.says.clone(),
            reply_to: None,
            pictures: Pictures::default(),
        };
        let appended = chat::store::append(tx, &[Outgoing { author, message: form.parse()? }], at).await?;
        for stored in appended.results {
            if let Stored::New(message) = stored? {
                opened.said.push((at, message.seq));
            }
        }
        Ok(())
    }

    /// How far everybody has read: to the end, or to what was last said at the moment that their entry names.
    fn reads(&self) -> Vec<(RoomId, UserId, Seq)> {
        let mut reads = Vec::new();
        let orders = self.world.orders.iter().enumerate().map(|(number, order)| {
            let people = order.members.iter().map(|member| member.who.as_str()).chain([order.host.as_str()]).collect::<Vec<_>>();
            (Place::Order(number), people, &order.read)
        });
        let letters = self
            .world
            .letters
            .iter()
            .enumerate()
            .map(|(number, letters)| (Place::Letters(number), letters.pair.iter().map(String::as_str).collect(), &letters.read));
        for (place, people, read) in orders.chain(letters) {
            let Some(opened) = self.opened.get(&place) else { continue };
            for who in people {
                let Some(member) = self.members.get(who) else { continue };
                let seq = match read.get(who) {
                    None => Some(Seq::MAX),
                    Some(ago) => opened.said.iter().rev().find(|(at, _)| *at <= self.ago(*ago)).map(|(_, seq)| *seq),
                };
                reads.extend(seq.map(|seq| (opened.room, member.id(), seq)));
            }
        }
        reads
    }

    fn member(&self, nickname: &str) -> Result<&Member, AppError> {
        self.members.get(nickname).ok_or(AppError::NotFound)
    }
}

/// Opens an order through the form that people fill in.
async fn open_order(tx: &mut Conn, host: &Member, order: &Order, deadline: Timestamp, at: Timestamp) -> Result<PartyId, AppError> {
    let form = MealForm {
        key: Uuid::now_v7().to_string(),
        title: order.title.clone(),
        category: order.category.clone(),
        shop: order.shop.clone(),
        link: order.link.clone(),
        fee: order.fee.to_string(),
        minimum: order.minimum.to_string(),
        due: DUE_AT.to_owned(),
        due_at: deadline.local(),
        seats: order.seats.to_string(),
        outside: order.outside.to_string(),
        pickup: order.pickup.clone(),
        body: order.body.clone(),
        joining: order.joining.clone(),
        pictures: Pictures::default(),
        before: Pictures::default(),
    };
    let meal = form.parse(at)?;
    let region = host.region().ok_or(AppError::Internal)?;
    let _ = meals::store::open(tx, host, region, &meal, at).await?;
    Ok(meal.id)
}

async fn apply(tx: &mut Conn, member: &Member, party: PartyId, message: &str, at: Timestamp) -> Result<(), AppError> {
    let note = ApplyForm { party: Some(party), message: message.to_owned() }.parse()?;
    parties::store::apply(tx, member, &note, at).await.map(drop)
}

/// What somebody pays, in won.
async fn share(tx: &mut Conn, member: &Member, party: PartyId, fee: i64, at: Timestamp) -> Result<i64, AppError> {
    let bill = settlements::store::bill(tx, party, member, at).await?;
    let settlement = settlements::store::settlement(tx, &bill, fee).await?.ok_or(AppError::NotFound)?;
    settlement.lines.iter().find(|line| line.person == member.id()).map(|line| line.amount).ok_or(AppError::NotFound)
}
