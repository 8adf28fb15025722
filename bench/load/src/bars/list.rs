//! The list of open orders, signed out: our page and our JSON, Django's, a template written by hand, and the same bytes from memory.

use crate::base::Kind;
use crate::django;
use crate::fail::{Fail, Outcome};
use crate::http::Client;
use crate::load::{Answers, Until, Whole, ask};
use crate::moim::Prepared;
use crate::process::{Running, start_peer};
use crate::report::{Budget, Report};
use crate::seed::{REGION, parties, people};
use crate::settings;
use std::net::SocketAddr;

const CONNECTIONS: usize = 16;
const ORDERS: usize = 10;
const CARD: &str = "<article class=\"order\"";

struct Target {
    name: &'static str,
    server: SocketAddr,
    path: &'static str,
    /// Whether each question is another one, so that no answer can have been kept.
    is_new: bool,
    whole: Whole,
}

pub async fn run() -> Outcome<Report> {
    let (rounds, window) = (settings::rounds()?, settings::window()?);
    let moim = Prepared::new(Kind::Postgres, "list").await?;
    let base = moim.base().await?;
    people(&base, 100).await?;
    parties(&base, 60).await?;
    let ours = moim.start(None).await?;
    let frame = settings::work()?.join("frame");
    let (page, json) = frame_of(&ours, &frame).await?;
    let frame_text = frame.display().to_string();
    let django = django::pages(&moim.url, &frame_text).await?;
    let template = start_peer("template", &[&moim.url, &frame_text]).await?;
    let fixed = start_peer("static", &[&frame.join("page.html").display().to_string()]).await?;

    let html = |bytes: usize| Whole { bytes, text: CARD, times: ORDERS, end: "</script>" };
    let rows = |bytes: usize| Whole { bytes, text: "\"title\"", times: ORDERS, end: "}" };
    let target = |name, server: &Running, path, is_new, whole| Target { name, server: server.addr, path, is_new, whole };
    // The cards of ours carry marks for hydration, so those of the others are a little shorter.
    let targets = [
        target("ours, uncached", &ours, "/meals", true, html(page)),
        target("ours, cached", &ours, "/meals", false, html(page)),
        target("Django", &django, "/meals", true, html(page / 2)),
        target("template", &template, "/meals", true, html(page / 2)),
        target("static", &fixed, "/meals", false, html(page)),
        target("ours, JSON", &ours, "/api/meals", true, rows(json)),
        target("Django, JSON", &django, "/api/meals", true, rows(json / 2)),
        target("template, JSON", &template, "/api/meals", true, rows(json / 2)),
    ];
    let mut report = Report::new("list", rounds);
    report.usually("seconds each", window.as_secs(), settings::SECONDS);
    for target in &targets {
        measure(target, Until::Asked(200)).await.map_err(|fail| fail.of(target.name))?;
    }
    for _ in 0..rounds {
        for target in &targets {
            let rate = measure(target, Until::Passed(window)).await.map_err(|fail| fail.of(target.name))?.rate();
            report.add("answers/s", target.name, rate);
        }
    }
    report.ratio("answers/s", "ours, uncached", "Django", Some(Budget::AtLeast(4.0)))?;
    report.ratio("answers/s", "ours, cached", "static", Some(Budget::AtLeast(0.6)))?;
    report.ratio("answers/s", "ours, uncached", "template", None)?;
    report.ratio("answers/s", "ours, cached", "ours, uncached", None)?;
    report.ratio("answers/s", "ours, JSON", "Django, JSON", None)?;
    report.ratio("answers/s", "ours, JSON", "template, JSON", None)?;
    report.note(format!(
        "a page of {ORDERS} orders; our page has {page} bytes, our JSON {json}, neither compressed; all read the same PostgreSQL"
    ));
    Ok(report)
}

async fn measure(target: &Target, until: Until) -> Outcome<Answers> {
    let Target { server, path, is_new, whole, .. } = target;
    let (path, is_new) = (*path, *is_new);
    let salt = uuid::Uuid::new_v4().simple().to_string();
    let address = move |n: u64| {
        let region =
            if path == "/api/meals" { format!("{path}?query[region]={REGION}&region={REGION}") } else { format!("{path}?region={REGION}") };
        if is_new { format!("{region}&n={salt}{n}") } else { region }
    };
    ask(*server, CONNECTIONS, until, address, whole).await
}

/// Takes what stands around the orders of our own page, so that all peers send a page of the same size; the bytes of our page and JSON.
async fn frame_of(ours: &Running, dir: &std::path::Path) -> Outcome<(usize, usize)> {
    let mut client = Client::connect(ours.addr).await?;
    client.get(&format!("/meals?region={REGION}"), "").await?;
    let page = String::from_utf8(client.body().to_vec())?;
    let no_orders = || Fail("our own page has no orders".to_owned());
    let (first, last) = (page.find(CARD).ok_or_else(no_orders)?, page.rfind("</article>").ok_or_else(no_orders)? + "</article>".len());
    std::fs::create_dir_all(dir)?;
    std::fs::write(dir.join("page.html"), &page)?;
    std::fs::write(dir.join("head.html"), &page[..first])?;
    std::fs::write(dir.join("tail.html"), &page[last..])?;
    client.get(&format!("/api/meals?query[region]={REGION}"), "").await?;
    // Numbers in it may get a digit shorter.
    Ok((page.len() - 100, client.body().len() - 100))
}
