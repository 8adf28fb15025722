//! Every list and every search over a thousand, a hundred thousand and a million rows: the first page of each and one in its middle, on
//! both databases. (That their queries use their indexes is asserted by the application's own tests.)

mod questions;

use crate::base::Kind;
use crate::fail::Outcome;
use crate::http::Client;
use crate::moim::{Prepared, cookie};
use crate::process::Running;
use crate::report::{Budget, Report};
use crate::seed::{
    NEIGHBOUR, Orders, REGION, Stand, bans, blocks, comments, kept, members, messages, notices, orders, people, requests, room_of, rooms,
    seats,
};
use crate::settings;
use crate::stats::median;
use questions::Question;
use tokio::time::Instant;

const MOST: u64 = 1_000_000;
const LEAST: u64 = 1_000;
/// Answers of a round to each question.
const EACH: usize = 30;
/// Where there are fewer orders than this, a list with filters has fewer rows than are counted, and would be asked for with less.
const LEAST_ORDERS: u64 = 5_000;
/// And of what is one person's: nobody has a million of anything, so it is a tenth.
const LEAST_OWN: u64 = 1_250;
/// What goes on of one person at a time.
const GOES_ON: u64 = 60;
/// Rooms in one person's list.
const ROOMS: u64 = 1_000;
/// The order with as many comments as there are rows, in whose room are as many messages. The first of the people leads it.
const ORDER: u64 = 0;
const ROOM: u64 = room_of(ORDER);
const HOST: u64 = 0;
/// Who asks for what is everybody's: the first who leads none of the orders. They and those after them sit in the room.
const READER: u64 = 100;
const LISTENERS: u64 = 30;
/// Who has very many of everything that is their own, and who has many rooms.
const OWNER: u64 = 140;
const ROOMER: u64 = 141;
/// The first of those whom they block, and who were removed from the order.
const OUTCAST: u64 = 200;

struct Target {
    rows: u64,
    server: Running,
    questions: Vec<Question>,
}

pub async fn run() -> Outcome<Report> {
    let (rounds, most) = (settings::rounds()?, settings::count(MOST)?.clamp(50_000, MOST));
    let mut report = Report::new("depth", rounds);
    report.usually("rows", most, MOST);
    for kind in Kind::BOTH {
        let mut targets = Vec::new();
        for rows in [LEAST, most / 10, most] {
            println!("filling {} with {rows} rows", kind.name());
            targets.push(prepare(kind, rows).await?);
        }
        for target in &targets {
            measure(target, EACH).await?;
        }
        for _ in 0..rounds {
            for target in &targets {
                for (question, millis) in target.questions.iter().zip(measure(target, EACH).await?) {
                    report.add(&metric(kind, question), &target.rows.to_string(), millis);
                }
            }
        }
        for question in &targets[0].questions {
            for target in &targets[1..] {
                let (of, to) = (target.rows.to_string(), targets[0].rows.to_string());
                report.ratio(&metric(kind, question), &of, &to, Some(Budget::AtMost(1.5)))?;
            }
        }
    }
    report.note(
        "median of sequential answers as JSON, each with exactly the rows that belong there; middle: what follows the row in the middle",
    );
    Ok(report)
}

fn metric(kind: Kind, question: &Question) -> String {
    format!("{}, {}, ms", kind.name(), question.name)
}

async fn prepare(kind: Kind, rows: u64) -> Outcome<Target> {
    let moim = Prepared::new(kind, &format!("depth_{rows}")).await?;
    let base = moim.base().await?;
    let (all, own) = (rows.max(LEAST_ORDERS), (rows / 10).max(LEAST_OWN));
    let theirs = |from, count, stand| Orders { from, count, host: OWNER.to_string(), region: NEIGHBOUR, stand };
    let everybodys = Orders { from: 0, count: all, host: "n % 100".to_owned(), region: REGION, stand: Stand::HalfOpen };
    people(&base, OUTCAST + own).await?;
    orders(&base, &[everybodys, theirs(all, GOES_ON, Stand::Open), theirs(all + GOES_ON, own, Stand::Over)]).await?;
    members(&base, ROOM, READER, LISTENERS).await?;
    messages(&base, ROOM, rows).await?;
    comments(&base, ORDER, rows, own).await?;
    bans(&base, ORDER, OUTCAST, own).await?;
    seats(&base, OWNER, all / 2, GOES_ON).await?;
    requests(&base, OWNER, 2 * own).await?;
    kept(&base, OWNER, own).await?;
    notices(&base, OWNER, own).await?;
    blocks(&base, OWNER, OUTCAST, own).await?;
    rooms(&base, ROOMER, ROOMS).await?;
    if kind == Kind::Postgres {
        // As it does by itself within a minute. SQLite plans without.
        base.run("analyze").await?;
    }
    let questions = questions::all(&base, rows).await?;
    drop(base);
    Ok(Target { rows, server: moim.start(None).await?, questions })
}

/// Asks everything once on both databases, of the fewest rows, and measures nothing: whether what the databases are filled with and what
/// has to be answered still are what the application's are.
pub async fn check() -> Outcome<()> {
    for kind in Kind::BOTH {
        let target = prepare(kind, LEAST).await?;
        println!("{}: {} answers are right", kind.name(), measure(&target, 1).await?.len());
    }
    Ok(())
}

/// Milliseconds that an answer takes, for each question, of so many answers.
async fn measure(target: &Target, each: usize) -> Outcome<Vec<f64>> {
    let mut client = Client::connect(target.server.addr).await?;
    let mut medians = Vec::new();
    for question in &target.questions {
        let (headers, mut millis) = (question.who.map(cookie).unwrap_or_default(), Vec::new());
        for _ in 0..each {
            let before = Instant::now();
            let status = client.get(&question.path, &headers).await?;
            millis.push(before.elapsed().as_secs_f64() * 1_000.0);
            question.check(status, client.body())?;
        }
        medians.push(median(&millis));
    }
    Ok(medians)
}
