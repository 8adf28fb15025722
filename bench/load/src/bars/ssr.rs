//! A hundred thousand pages with one, two and four threads: every one whole, none late.

use crate::base::Kind;
use crate::fail::Outcome;
use crate::load::{Until, Whole, ask};
use crate::moim::Prepared;
use crate::report::{Budget, Report};
use crate::seed::{REGION, parties, people};
use crate::settings;
use crate::stats::ends;

const PAGES: u64 = 100_000;
const CONNECTIONS: usize = 16;

pub async fn run() -> Outcome<Report> {
    let pages = settings::count(PAGES)?;
    let mut report = Report::once("ssr");
    report.usually("pages", pages, PAGES);
    for workers in [1, 2, 4] {
        let moim = Prepared::new(Kind::Sqlite, "ssr").await?;
        let base = moim.base().await?;
        people(&base, 100).await?;
        parties(&base, 60).await?;
        drop(base);
        let server = moim.start(Some(workers)).await?;
        // Another address each time, so that each is drawn.
        let path = |n: u64| format!("/meals?region={REGION}&n={n}");
        let whole = Whole { bytes: 10_000, text: "<article class=\"order\"", times: 10, end: "</script>" };
        let answers = ask(server.addr, CONNECTIONS, Until::Asked(pages), path, &whole).await?;
        let target = format!("{workers} threads");
        report.add("slowest, s", &target, ends(&answers.seconds).1);
        report.add("pages/s", &target, answers.rate());
        report.figure("slowest, s", &target, Budget::AtMost(1.0))?;
    }
    report.note(format!(
        "{pages} pages with each number of threads over {CONNECTIONS} connections; one that is cut, or not a page, had failed this"
    ));
    Ok(report)
}
