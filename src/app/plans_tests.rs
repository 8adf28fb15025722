//! What the databases are asked, whatever anybody does: every statement finds its rows by an index, so that none is slower for what
//! it does not show. The statements are those that were heard while every server function, page and schedule did its work once.

use super::rights_tests::{World, ask, lines};
use crate::app::work::{run_due, sweep};
use crate::features::{images, parties};
use crate::server::db::{Conn, Link};
use crate::shared::time::Span;
use crate::{execute, on_both};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tracing::field::{Field, Visit};
use tracing::span;

/// Every statement that this process has run.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<BTreeSet<String>>>);

impl tracing::Subscriber for Statements {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut heard = Heard::default();
        event.record(&mut heard);
        let sql = if heard.statement.trim().is_empty() { heard.summary } else { heard.statement };
        let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(sql);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// One statement as sqlx tells it: the whole of it, if it has more than a few words.
#[derive(Default)]
struct Heard {
    summary: String,
    statement: String,
}

impl Visit for Heard {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.statement),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// How many values a statement is asked with.
fn gaps(sql: &str) -> usize {
    sql.split('$').skip(1).filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()).max().unwrap_or(0)
}

/// Statements that read a whole table, and why they may.
const MAY: [(&str, &str); 3] = [
    (
        "select coalesce(sum(case when dead_at is null then 1 else 0 end), 0)",
        "counts for those who watch; jobs that are done are no rows any more",
    ),
    ("select name, english from schools order by id limit", "all schools are what is asked for"),
    ("select recipient, lang, letter, state, created_at from mails where state = 'kept'", "in the order of an index that has only these"),
];

/// What may be sorted before it is cut off, by a part of its statement, and why that is little.
const SORTS: [(&str, &str); 11] = [
    ("from room_members me join rooms", "the rooms of one person, or the people of one room"),
    ("from room_members m join rooms r on r.id = m.room_id where m.user_id = $1", "the rooms of one person"),
    ("join room_members m on m.user_id = ", "the rooms of a few people"),
    ("from notices where user_id = $1 and read_at is null order by", "what one person has not read of three months"),
    ("from party_members pm join parties p on p.id = pm.party_id where pm.user_id = $1", "what one person has going on"),
    ("from party_members where user_id = $1 order by joined_at desc limit", "the kinds of food at one person's latest tables"),
    ("from identities where user_id = $1", "the ways in of one person"),
    ("from sessions where user_id = $1", "the devices of one person"),
    (".party_id = $1", "people and things of one table; comments have no such name before them"),
    ("deadline_at <= $1", "in the order of an index, but for those of one moment"),
    ("as chosen order by", "a page of what was chosen"),
];

/// Ranges of an index that are also filtered, by a part of their statement, and why the filter leaves nearly all of it.
const RANGES: [(&str, &str); 8] = [
    (" from jobs where dead_at is null and run_at <= $1", "what is due, in an index of what is not done; a few are in hands"),
    ("and (deadline_at, id) > (", "the filter is the row to begin after"),
    ("where state = 'open' and deadline_at > $1 and kind || ''", "in an index of what is open; one kind of two"),
    (" from parties where ended = 0 and deadline_at <= $1", "in an index of what has not ended"),
    (" where shelf <> 'past' and over_at <= $1", "in an index of what is on no shelf of the past"),
    (" where is_over = false and over_at <= $1", "in an index of what is not over"),
    (" from settlements where (account <> '' or link is not null)", "in an index of what says where to pay"),
    (" from users where closed_at <= $2 and erased_at is null", "in an index of who has left and is not erased"),
];

/// Whether a name stands for a table in a statement, and not for rows that it has chosen before or was given.
fn is_table(tables: &[String], name: &str, sql: &str) -> bool {
    tables.iter().any(|table| table == name || sql.contains(&format!("{table} {name} ")) || sql.contains(&format!("{table} as {name} ")))
}

/// Whether what it sorts is known to be little.
fn is_little(sql: &str) -> bool {
    SORTS.iter().any(|(known, _)| sql.contains(known))
}

/// What a statement reads as a whole.
async fn wholes(conn: &mut Conn, tables: &[String], sql: &str) -> Vec<String> {
    match conn.link() {
        Link::Sqlite(c) => {
            let mut rows: Vec<(i64, i64, i64, String)> = Vec::new();
            // Some are asked together.
            for one in sql.split(';').filter(|one| !one.trim().is_empty()) {
                let plan = format!("explain query plan {one}");
                rows.extend(sqlx::query_as::<_, (i64, i64, i64, String)>(AssertSqlSafe(plan)).fetch_all(&mut *c).await.expect("a plan"));
            }
            let scanned = |step: &str| step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next()).map(str::to_owned);
            let is_sort = |step: &str| {
                !is_little(sql) && sql.contains(" limit ") && step.starts_with("USE TEMP B-TREE FOR") && step.ends_with("ORDER BY")
            };
            let is_whole = |step: &str| is_sort(step) || scanned(step).is_some_and(|name| is_table(tables, &name, sql));
            rows.into_iter().map(|row| row.3).filter(|step| is_whole(step)).collect()
        }
        Link::Pg(c) => {
            sqlx::query(AssertSqlSafe(format!("prepare asked as {sql}"))).execute(&mut *c).await.expect("a statement");
            let values = vec!["null"; gaps(sql)].join(", ");
            let values = if values.is_empty() { String::new() } else { format!("({values})") };
            let plan = format!("explain (format json, costs off) execute asked{values}");
            let (plan,): (Value,) = sqlx::query_as(AssertSqlSafe(plan)).fetch_one(&mut *c).await.expect("a plan");
            sqlx::query("deallocate asked").execute(c).await.expect("forgotten");
            let mut found = Vec::new();
            let is_known = RANGES.iter().any(|(known, _)| sql.contains(known));
            steps(
                &plan,
                Rules { is_cut: sql.contains(" limit ") && !is_little(sql), is_range_known: is_known, is_filtered: false },
                &mut found,
            );
            found
        }
    }
}

/// What depends on the statement.
#[derive(Clone, Copy)]
struct Rules {
    /// What it sorts is cut off, and may be much.
    is_cut: bool,
    /// The range that it reads is known to have little else in it.
    is_range_known: bool,
    /// What the index finds is filtered by the step around it.
    is_filtered: bool,
}

/// Whether a condition of an index begins with a comparison: what the columns behind it are equal to does not make the range shorter.
fn is_range(condition: &str) -> bool {
    condition.split(" AND ").next().is_some_and(|first| !first.contains(" = ") && first.contains(['<', '>']))
}

/// The steps of a plan of PostgreSQL that read all there is, or more than one index has of it, or sort it before it is cut off.
fn steps(plan: &Value, rules: Rules, found: &mut Vec<String>) {
    match plan {
        Value::Array(all) => all.iter().for_each(|one| steps(one, rules, found)),
        Value::Object(step) => {
            let text = |name: &str| step.get(name).and_then(Value::as_str).unwrap_or_default();
            let is_filtered = step.contains_key("Filter") || rules.is_filtered;
            let is_whole = match text("Node Type") {
                "Seq Scan" => true,
                "Sort" | "Incremental Sort" => rules.is_cut,
                // One of the two indexes has what is asked, and the other far more, all of which is read: its conditions are filters.
                "BitmapAnd" => true,
                // A room as a whole, for one message of it.
                "Index Scan" if text("Relation Name") == "messages" && text("Filter").contains("send_id") => true,
                // All of the range is read, however little the filter leaves of it.
                "Index Scan" | "Index Only Scan" | "Bitmap Index Scan" => {
                    !step.contains_key("Index Cond") || (is_filtered && !rules.is_range_known && is_range(text("Index Cond")))
                }
                _ => false,
            };
            if is_whole {
                found.push(format!("{} of {} {} {}", text("Node Type"), text("Relation Name"), text("Index Name"), text("Index Cond")));
            }
            // A bitmap's own filter stands in the step that reads the table.
            let within = Rules { is_filtered: text("Node Type") == "Bitmap Heap Scan" && is_filtered, ..rules };
            step.values().for_each(|value| steps(value, within, found));
        }
        _ => {}
    }
}

#[test]
fn each_kind_of_step_that_reads_too_much_is_seen() {
    let rules = Rules { is_cut: true, is_range_known: false, is_filtered: false };
    let seen = |plan: Value, rules: Rules| {
        let mut found = Vec::new();
        steps(&json!([{ "Plan": plan }]), rules, &mut found);
        found.len()
    };
    let index = |condition: &str| json!({ "Node Type": "Index Scan", "Index Cond": condition, "Filter": "(state = 'open'::text)" });
    let bitmap = |condition: &str, filter: Option<&str>| {
        let found = json!([{ "Node Type": "Bitmap Index Scan", "Index Cond": condition }]);
        let mut plan = json!({ "Node Type": "Bitmap Heap Scan", "Plans": found });
        if let Some(filter) = filter {
            plan["Filter"] = filter.into();
        }
        plan
    };
    let nested = json!({ "Node Type": "Nested Loop", "Plans": [{ "Node Type": "Seq Scan", "Relation Name": "rooms" }] });
    let in_a_room =
        json!({ "Node Type": "Index Scan", "Relation Name": "messages", "Index Cond": "(room_id = $1)", "Filter": "(send_id = $2)" });
    for (too_much, plan) in [
        (1, nested),
        (1, json!({ "Node Type": "Sort" })),
        (1, json!({ "Node Type": "BitmapAnd" })),
        (1, json!({ "Node Type": "Index Only Scan" })),
        (1, in_a_room),
        (1, index("(deadline_at > $1)")),
        (1, index("((deadline_at > $1) AND (kind = $2))")),
        (0, index("((kind = $2) AND (deadline_at > $1))")),
        (0, json!({ "Node Type": "Index Scan", "Index Cond": "(deadline_at > $1)" })),
        (1, bitmap("(deadline_at > $1)", Some("(kind = 'meal'::text)"))),
        (0, bitmap("(deadline_at > $1)", None)),
        (0, bitmap("(id = $1)", Some("(kind = 'meal'::text)"))),
    ] {
        assert_eq!(seen(plan.clone(), rules), too_much, "{plan}");
    }
    assert_eq!(seen(index("(deadline_at > $1)"), Rules { is_range_known: true, ..rules }), 0);
    assert_eq!(seen(json!({ "Node Type": "Sort" }), Rules { is_cut: false, ..rules }), 0);
}

on_both! {
    async fn every_statement_finds_its_rows_by_an_index(app: TestApp) {
        let statements = Statements::default();
        tracing::subscriber::set_global_default(statements.clone()).expect("the only one of this process");
        let app = app.offering("http://127.0.0.1:9", Duration::ZERO);
        let world = World::new(&app, 1_000).await;
        for (method, function, question, _) in lines() {
            for asker in [0, 3, 7, 8] {
                ask(&world.people[asker], method, function, &world.question(asker, question)).await;
            }
        }
        let pages = [
            "/", "/meals?area=district&category=chicken&open=1&sort=new", "/meals?region=11440124&sort=soon&page=2", "/meals?q=연남", "/meals/{party}", "/meals/{party}/comments",
            "/me/parties", "/me/parties?shelf=kept", "/me/parties?shelf=past", "/me/notices", "/me/notices?page=2", "/me/export", "/me/export.zip", "/chat", "/chat?q=치킨",
            "/chat/{room}", "/users/{name}", "/me/blocks", "/meals/suggestions", "/metrics",
        ];
        for asker in [0, 3, 7, 8] {
            for page in pages {
                world.people[asker].get(&world.question(asker, page)).await;
            }
        }
        run_due(&app.state).await.expect("worked");
        // What happens when time passes: things are put away, end, are forgotten, and who has left is erased.
        for passed in [Span::minutes(0), Span::hours(13), Span::days(40)] {
            app.advance(passed);
            parties::jobs::run_once(&app.state).await.expect("put away");
            sweep(&app.state).await.expect("swept");
        }
        images::jobs::collect(&app.state).await.expect("collected");
        let heard = statements.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut conn = app.state.db.begin().await.expect("a connection");
        // Whatever the values are, and as if there were a million rows in each table that has any: planners go by what they were told.
        // They stand in one page, so that what counts is how many rows are read: of what the columns have, nothing is told, and the guess
        // at it (that a two-hundredth is equal) would make passing over all of them look cheaper. `depth` asks with real columns.
        let told = match conn.link() {
            Link::Sqlite(_) => &["analyze", "delete from sqlite_stat1", "analyze sqlite_schema"][..],
            Link::Pg(_) => &[
                "update pg_class set reltuples = 1000000, relpages = 1
                 where relnamespace = current_schema()::regnamespace and relkind in ('r', 'i') and pg_relation_size(oid) > 0",
            ],
        };
        for statement in told {
            execute!(conn, *statement).expect("told");
        }
        let tables: Vec<(String,)> = match conn.link() {
            Link::Sqlite(c) => sqlx::query_as("select name from sqlite_master where type = 'table'").fetch_all(c).await,
            Link::Pg(_) => Ok(Vec::new()),
        }.expect("names");
        let tables: Vec<String> = tables.into_iter().map(|(name,)| name).collect();
        let (mut found, mut asked) = (Vec::new(), 0);
        for sql in &heard {
            let begins = |word: &str| sql.to_ascii_lowercase().starts_with(word);
            let may = MAY.iter().any(|(known, _)| sql.starts_with(known));
            if !may && ["select", "insert", "update", "delete", "with"].into_iter().any(begins) {
                asked += 1;
                found.extend(wholes(&mut conn, &tables, sql).await.into_iter().map(|step| format!("{step}\n    {sql}")));
            }
        }
        assert!(asked > 150, "{asked} of {}", heard.len());
        for known in ["update party_members set shelf = 'past'", "update party_requests set is_over", "update parties set ended = 1", "delete from bookmarks"] {
            assert!(heard.iter().any(|sql| sql.starts_with(known)), "{known}: time has passed");
        }
        assert!(MAY.iter().all(|(known, _)| heard.iter().any(|sql| sql.starts_with(known))), "none is excused that is not asked");
        assert!(RANGES.iter().all(|(known, _)| heard.iter().any(|sql| sql.contains(known))), "nor of a range");
        let is_sqlite = !tables.is_empty();
        assert!(!is_sqlite || SORTS.iter().all(|(known, _)| heard.iter().any(|sql| sql.contains(known))), "nor here");
        assert!(found.is_empty(), "{} of {asked}:\n{}", found.len(), found.join("\n"));
    }
}
