//! Reads one page of a list: which rows are on it, and the numbers around it. See `shared::paging`.
//!
//! Nothing here depends on how long the list is: a window is read from its anchor on with an index on the columns of the
//! filter, the key and the id, and the total is counted up to its bound.

use super::db::{Conn, Link};
use crate::shared::error::AppError;
use crate::shared::paging::{Anchor, COUNT_LIMIT, PAGE_SIZE, Page, PageAsk, WINDOW_PAGES, WINDOW_ROWS};
use sqlx::{AssertSqlSafe, Postgres, Sqlite};
use std::fmt::Write as _;
use uuid::Uuid;

/// Which way a list goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The smallest key first.
    Ascending,
    /// The greatest key first.
    Descending,
}

impl Order {
    const fn word(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }

    const fn past(self) -> &'static str {
        match self {
            Self::Ascending => ">",
            Self::Descending => "<",
        }
    }

    const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Value {
    Number(i64),
    Text(&'static str),
    Id(Uuid),
}

/// A list: the rows of a table that fit, ordered by a whole number and the row's `id`.
#[derive(Clone, Debug)]
pub struct Listing {
    table: &'static str,
    key: &'static str,
    order: Order,
    filter: String,
    values: Vec<Value>,
}

impl Listing {
    /// All rows for which `filter`, a condition without values, holds.
    #[must_use]
    pub fn of(table: &'static str, filter: &'static str, key: &'static str, order: Order) -> Self {
        Self { table, key, order, filter: filter.to_owned(), values: Vec::new() }
    }

    /// Of these, those for which a condition holds that ends in its value, such as `region =`.
    #[must_use]
    pub fn with_number(self, condition: &'static str, value: i64) -> Self {
        self.with(condition, Value::Number(value))
    }

    /// The same with a text.
    #[must_use]
    pub fn with_text(self, condition: &'static str, value: &'static str) -> Self {
        self.with(condition, Value::Text(value))
    }

    /// The same with an id.
    #[must_use]
    pub fn with_id(self, condition: &'static str, value: Uuid) -> Self {
        self.with(condition, Value::Id(value))
    }

    fn with(mut self, condition: &'static str, value: Value) -> Self {
        self.values.push(value);
        // Writing into a String cannot fail.
        let _ = write!(self.filter, " and {condition} ${}", self.values.len());
        self
    }

    /// Up to `limit` rows on one side of a place, nearest first.
    fn statement(&self, order: Order, past: Option<(&str, Anchor)>, limit: usize) -> (String, Vec<Value>) {
        let Self { table, key, filter, .. } = self;
        let mut values = self.values.clone();
        let mut sql = format!("select {key}, id from {table} where {filter}");
        if let Some((than, anchor)) = past {
            let _ = write!(sql, " and ({key}, id) {than} (${}, ${})", values.len() + 1, values.len() + 2);
            values.extend([Value::Number(anchor.key), Value::Id(anchor.id)]);
        }
        let direction = order.word();
        let _ = write!(sql, " order by {key} {direction}, id {direction} limit {limit}");
        (sql, values)
    }

    /// How many rows there are, up to the bound.
    fn counting(&self) -> (String, Vec<Value>) {
        let Self { table, key, filter, values, order } = self;
        let direction = order.word();
        // In their order, although it makes no difference: so the planner takes the index of the list, and not the first rows of the table
        // that fit, for which it may have to read nearly all of it.
        let sql = format!(
            "select count(*) from (select 1 from {table} where {filter} order by {key} {direction}, id {direction} limit {}) counted",
            COUNT_LIMIT + 1
        );
        (sql, values.clone())
    }
}

macro_rules! ask {
    ($conn:expr, $db:ty, $row:ty, $sql:expr, $values:expr) => {{
        let mut query = sqlx::query_as::<$db, $row>(AssertSqlSafe($sql));
        for value in $values {
            query = match value {
                Value::Number(n) => query.bind(n),
                Value::Text(text) => query.bind(text),
                Value::Id(id) => query.bind(id),
            };
        }
        query.fetch_all($conn).await?
    }};
}

async fn places(conn: &mut Conn, (sql, values): (String, Vec<Value>)) -> Result<Vec<Anchor>, AppError> {
    let rows: Vec<(i64, Uuid)> = match conn.link() {
        Link::Sqlite(c) => ask!(c, Sqlite, (i64, Uuid), sql, values),
        Link::Pg(c) => ask!(c, Postgres, (i64, Uuid), sql, values),
    };
    Ok(rows.into_iter().map(|(key, id)| Anchor { key, id }).collect())
}

async fn count(conn: &mut Conn, listing: &Listing) -> Result<i64, AppError> {
    let (sql, values) = listing.counting();
    let rows: Vec<(i64,)> = match conn.link() {
        Link::Sqlite(c) => ask!(c, Sqlite, (i64,), sql, values),
        Link::Pg(c) => ask!(c, Postgres, (i64,), sql, values),
    };
    Ok(rows.first().map_or(0, |(count,)| *count))
}

/// The ids on a page, and the numbers around it. A number past the window's end becomes its last one.
///
/// # Errors
/// When the database fails.
pub async fn page(conn: &mut Conn, listing: &Listing, ask: PageAsk) -> Result<Page<Uuid>, AppError> {
    let ask = ask.bounded();
    let order = listing.order;
    let past = ask.after.map(|anchor| (order.past(), anchor));
    let mut window = places(conn, listing.statement(order, past, WINDOW_ROWS + 1)).await?;
    let next = (window.len() > WINDOW_ROWS).then(|| window[WINDOW_ROWS - 1]);
    window.truncate(WINDOW_ROWS);
    let previous = match ask.after {
        None => None,
        Some(anchor) => {
            // The anchor is the last row of the window before; its hundred rows and one more, which is that window's anchor.
            let back = if order == Order::Ascending { "<=" } else { ">=" };
            let before = places(conn, listing.statement(order.reversed(), Some((back, anchor)), WINDOW_ROWS + 1)).await?;
            Some(before.get(WINDOW_ROWS).copied())
        }
    };
    let total = if ask.after.is_none() && next.is_none() { window.len() as i64 } else { count(conn, listing).await? };
    let pages = window.len().div_ceil(PAGE_SIZE).clamp(1, WINDOW_PAGES);
    let start = ask.window_start();
    let at = ask.in_window().min(pages - 1);
    let ids = window.iter().skip(at * PAGE_SIZE).take(PAGE_SIZE).map(|place| place.id).collect();
    Ok(Page { rows: ids, total, number: start + at as u32, after: ask.after, last: start + pages as u32 - 1, previous, next })
}

/// How the database would read the first window, the one behind an anchor, and how it would count. For tests.
#[cfg(test)]
pub async fn plans(conn: &mut Conn, listing: &Listing, after: Anchor) -> [String; 3] {
    let past = Some((listing.order.past(), after));
    let asked = [
        listing.statement(listing.order, None, WINDOW_ROWS + 1),
        listing.statement(listing.order, past, WINDOW_ROWS + 1),
        listing.counting(),
    ];
    let mut plans = asked.clone().map(|_| String::new());
    for (plan, (sql, values)) in plans.iter_mut().zip(asked) {
        *plan = explained(conn, &sql, values).await.expect("a plan");
    }
    plans
}

#[cfg(test)]
async fn explained(conn: &mut Conn, sql: &str, values: Vec<Value>) -> Result<String, AppError> {
    let lines: Vec<String> = match conn.link() {
        Link::Sqlite(c) => {
            let rows: Vec<(i64, i64, i64, String)> = ask!(c, Sqlite, (i64, i64, i64, String), format!("explain query plan {sql}"), values);
            rows.into_iter().map(|row| row.3).collect()
        }
        Link::Pg(c) => {
            let rows: Vec<(String,)> = ask!(c, Postgres, (String,), format!("explain {sql}"), values);
            rows.into_iter().map(|row| row.0).collect()
        }
    };
    Ok(lines.join("\n"))
}
