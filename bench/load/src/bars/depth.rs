//! Lists of a thousand, a hundred thousand and a million rows: the first page of each and one in its middle, on both databases. (That
//! their queries use their indexes is asserted by the application's own tests.)

use crate::base::{Base, Kind, Sort, id};
use crate::fail;
use crate::fail::{Fail, Outcome};
use crate::http::Client;
use crate::moim::{Prepared, cookie};
use crate::process::Running;
use crate::report::{Budget, Report};
use crate::seed::{REGION, messages, parties, people, room};
use crate::settings;
use crate::stats::median;
use tokio::time::Instant;

const MOST: u64 = 1_000_000;
/// Answers of a round to each question.
const EACH: usize = 60;
/// The room with as many messages as there are orders.
const ROOM: u64 = 1;
/// Who asks: the first who leads none of the orders, for whoever leads a hundredth of them has more of their own than anybody will.
const READER: u64 = 100;

/// What is asked, and where.
struct Question {
    name: &'static str,
    path: String,
}

struct Target {
    rows: u64,
    server: Running,
    questions: Vec<Question>,
}

pub async fn run() -> Outcome<Report> {
    let (rounds, most) = (settings::rounds()?, settings::count(MOST)?.clamp(10_000, MOST));
    let mut report = Report::new("depth", rounds);
    for kind in Kind::BOTH {
        let mut targets = Vec::new();
        for rows in [1_000, most / 10, most] {
            println!("filling {} with {rows} orders and {rows} messages", kind.name());
            targets.push(prepare(kind, rows).await?);
        }
        for target in &targets {
            measure(target).await?;
        }
        for _ in 0..rounds {
            for target in &targets {
                for (name, millis) in measure(target).await? {
                    report.add(&format!("{}, {name}, ms", kind.name()), &target.rows.to_string(), millis);
                }
            }
        }
        for question in &targets[0].questions {
            for target in &targets[1..] {
                let metric = format!("{}, {}, ms", kind.name(), question.name);
                report.ratio(&metric, &target.rows.to_string(), &targets[0].rows.to_string(), Some(Budget::AtMost(1.5)))?;
            }
        }
    }
    report.note("median of sequential answers as JSON; middle: the page after the row in the middle");
    Ok(report)
}

async fn prepare(kind: Kind, rows: u64) -> Outcome<Target> {
    let moim = Prepared::new(kind, &format!("depth_{rows}")).await?;
    let base = moim.base().await?;
    people(&base, READER + 30).await?;
    room(&base, ROOM, READER, 30).await?;
    messages(&base, ROOM, rows).await?;
    parties(&base, rows).await?;
    let mut questions = Vec::new();
    for (name, deep, sort, key, order) in
        [("soon", "soon, middle", "soon", "soon_key", "asc"), ("most seen", "most seen, middle", "views", "views", "desc")]
    {
        let first = format!("/api/meals?query[region]={REGION}&query[sort]={sort}");
        let after = middle(&base, rows, key, order).await?;
        questions.push(Question { name, path: first.clone() });
        questions.push(Question { name: deep, path: format!("{first}&query[page][number]={}&{after}", rows / 20 + 1) });
    }
    let history = format!("/api/chat_history?room={}", id(Sort::Room, ROOM));
    questions.push(Question { name: "messages", path: format!("{history}&before={}", rows + 1) });
    questions.push(Question { name: "messages, middle", path: format!("{history}&before={}", rows / 2) });
    questions.push(Question { name: "first page", path: "/api/home".to_owned() });
    drop(base);
    Ok(Target { rows, server: moim.start(None).await?, questions })
}

/// The place of the row in the middle, as the list is asked for what follows it.
async fn middle(base: &Base, rows: u64, key: &str, order: &str) -> Outcome<String> {
    let hex = if matches!(base, Base::Sqlite(_)) { "hex(id)" } else { "replace(id::text, '-', '')" };
    let sql = format!("select {key} || ' ' || {hex} from parties order by {key} {order}, id {order} limit 1 offset {}", rows / 2);
    let found = base.texts(&sql).await?;
    let (key, id) = found.first().and_then(|text| text.split_once(' ')).ok_or_else(|| Fail("there is no middle".to_owned()))?;
    let id: uuid::Uuid = id.parse()?;
    Ok(format!("query[page][after][key]={key}&query[page][after][id]={id}"))
}

/// Milliseconds that an answer takes, for each question.
async fn measure(target: &Target) -> Outcome<Vec<(&'static str, f64)>> {
    let (mut client, headers) = (Client::connect(target.server.addr).await?, cookie(READER));
    let mut medians = Vec::new();
    for Question { name, path } in &target.questions {
        let mut millis = Vec::new();
        for _ in 0..EACH {
            let before = Instant::now();
            let status = client.get(path, &headers).await?;
            millis.push(before.elapsed().as_secs_f64() * 1_000.0);
            if status != 200 || client.body().len() < 1_000 {
                fail!("{path} was answered with {status}: {}", String::from_utf8_lossy(client.body()));
            }
        }
        medians.push((*name, median(&millis)));
    }
    Ok(medians)
}
