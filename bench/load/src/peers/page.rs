//! The list page, written by hand: one question for the number, one for the rows, a template that only joins text. And the same bytes
//! without any question.

use crate::fail::Outcome;
use crate::seed::REGION;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use axum::{Router, body::Bytes};
use serde::Serialize;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use uuid::Uuid;

/// After its deadline an order stays in the list for so long, in milliseconds.
const AFTER_DEADLINE: i64 = 12 * 3_600_000;

struct Peer {
    pool: PgPool,
    /// What stands before the orders of our own page, and after them.
    head: String,
    tail: String,
}

#[derive(Serialize, sqlx::FromRow)]
struct Order {
    id: Uuid,
    title: String,
    category: String,
    shop: String,
    pickup: String,
    state: String,
    deadline: i64,
    seats: i32,
    taken: i32,
    fee: i64,
}

#[derive(Serialize)]
struct List {
    now: i64,
    region: u32,
    total: i64,
    rows: Vec<Order>,
}

/// Serves the list from our own tables.
pub async fn template(addr: SocketAddr, url: &str, frame: &str) -> Outcome<()> {
    let read = |name: &str| std::fs::read_to_string(Path::new(frame).join(name));
    let pool = PgPoolOptions::new().max_connections(10).connect(url).await?;
    let peer = Arc::new(Peer { pool, head: read("head.html")?, tail: read("tail.html")? });
    serve(addr, Router::new().route("/meals", get(page)).route("/api/meals", get(json)).with_state(peer)).await
}

/// Serves one file, from memory.
pub async fn fixed(addr: SocketAddr, file: &str) -> Outcome<()> {
    let page = Bytes::from(std::fs::read(file)?);
    serve(
        addr,
        Router::new().route("/meals", get(move || std::future::ready(([(CONTENT_TYPE, "text/html; charset=utf-8")], page.clone())))),
    )
    .await
}

async fn serve(addr: SocketAddr, router: Router) -> Outcome<()> {
    let listener = TcpListener::bind(addr).await?.tap_io(|stream| drop(stream.set_nodelay(true)));
    Ok(axum::serve(listener, router.route("/ready", get(|| async { "ready" }))).await?)
}

async fn read(peer: &Peer) -> Result<List, sqlx::Error> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as i64);
    let mut conn = peer.pool.acquire().await?;
    let listed = "kind = 'meal' and region = $1 and state <> 'cancelled' and ended = 0 and deadline_at > $2";
    let count = format!("select count(*) from (select 1 from parties where {listed} limit 1001) counted");
    let (total,): (i64,) =
        sqlx::query_as(sqlx::AssertSqlSafe(count)).bind(i64::from(REGION)).bind(now - AFTER_DEADLINE).fetch_one(&mut *conn).await?;
    let page = format!(
        "select p.id, p.title, p.category, m.shop, m.pickup, p.state, p.deadline_at as deadline, p.seats, p.taken, m.fee
         from (select * from parties where {listed} order by soon_key, id limit 10) p join meals m on m.party_id = p.id order by p.soon_key, p.id"
    );
    let rows = sqlx::query_as(sqlx::AssertSqlSafe(page)).bind(i64::from(REGION)).bind(now - AFTER_DEADLINE).fetch_all(&mut *conn).await?;
    Ok(List { now, region: REGION, total, rows })
}

async fn json(State(peer): State<Arc<Peer>>) -> Response {
    read(&peer).await.map_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), |list| Json(list).into_response())
}

async fn page(State(peer): State<Arc<Peer>>) -> Response {
    read(&peer).await.map_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), |list| Html(draw(&peer, &list)).into_response())
}

fn draw(peer: &Peer, list: &List) -> String {
    let mut html = String::with_capacity(peer.head.len() + peer.tail.len() + 16 * 1024);
    html.push_str(&peer.head);
    for order in &list.rows {
        card(&mut html, order);
    }
    html.push_str(&peer.tail);
    html
}

// Writing into a String cannot fail.
fn card(html: &mut String, order: &Order) {
    let Order { id, title, category, shop, pickup, deadline, seats, taken, fee, .. } = order;
    let minutes = deadline / 60_000 % 1_440;
    let _ = write!(
        html,
        "<article class=\"order\"><div class=\"row\"><span class=\"badge badge--open\">모집 중</span><span class=\"due\">\
         <svg aria-hidden=\"true\" class=\"icon icon--s\"><use href=\"/icons.svg#i-clock\"></use></svg>\
         <time>내일 {}:{:02} 마감</time></span></div><div class=\"order__head\"><span class=\"tile\">\
         <svg aria-hidden=\"true\" class=\"icon\"><use href=\"/icons.svg#i-{category}\"></use></svg></span><div class=\"grow\">\
         <h3><a href=\"/meals/{id}\" class=\"cover\">",
        minutes / 60,
        minutes % 60
    );
    escape(html, title);
    let _ = write!(html, "</a></h3><p class=\"meta\"><span class=\"hush\">{} · </span><span class=\"order__bit\">", called(category));
    escape(html, shop);
    html.push_str("</span> · <span class=\"order__bit\">");
    escape(html, pickup);
    html.push_str("</span></p></div></div><div class=\"order__foot\"><span><span aria-hidden=\"true\" class=\"seats\">");
    for seat in 0..*seats {
        let class = if seat < *taken {
            "in"
        } else if seat == *taken {
            "you"
        } else {
            ""
        };
        let _ = write!(html, "<i class=\"{class}\"></i>");
    }
    let (now, full) = (fee / i64::from((*taken).max(1)), fee / i64::from((*seats).max(1)));
    let _ = write!(
        html,
        "</span> <b>{taken}/{seats}명</b></span><span class=\"fee\">1인 <span class=\"hush\">배달비 지금 </span>{now}원 → \
         <b><span class=\"hush\">다 차면 </span>{full}원</b></span></div></article>"
    );
}

fn escape(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
}

fn called(category: &str) -> &'static str {
    match category {
        "jokbal" => "족발,보쌈",
        "stew" => "찜,탕,찌개",
        "japanese" => "돈까스,회,일식",
        "pizza" => "피자",
        "grill" => "고기구이",
        "western" => "양식",
        "chicken" => "치킨",
        "chinese" => "중식",
        "asian" => "아시안",
        "korean" => "백반,죽,국수",
        "dosirak" => "도시락",
        "bunsik" => "분식",
        "cafe" => "카페,디저트",
        _ => "패스트푸드",
    }
}
