//! The rules of the house, checked. What each rule is for stands in `ARCHITECTURE.md` and `CONTRIBUTING.md`.

use crate::app::texts;
use crate::shared::text::Lang;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Files that may be longer than [`MAX_LINES`]. Only ever gets shorter.
const LONG_FILES: &[&str] = &[];
const MAX_LINES: usize = 500;
/// Classes that are made from a number: hues, table sizes, seats, widths.
const NUMBERED_CLASSES: &[char] = &['h', 'n', 'i', 'w'];

struct Source {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(dir: &str, extension: &str) -> Vec<Source> {
    fn walk(dir: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).expect("a directory").flatten() {
            let path = entry.path();
            if path.is_dir() {
                if path.file_name().is_none_or(|name| name != "node_modules") {
                    walk(&path, extension, found);
                }
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(dir), extension, &mut found);
    found.sort();
    found
        .into_iter()
        .map(|path| Source {
            text: fs::read_to_string(&path).expect("text"),
            path: path.strip_prefix(root()).expect("inside").to_string_lossy().into_owned(),
        })
        .collect()
}

fn is_test(path: &str) -> bool {
    path.contains("/testing/")
        || path.ends_with("tidy.rs")
        || path.contains("/tests/")
        || path.ends_with("tests.rs")
        || path.contains("_tests")
}

/// The code without its comments and without the tests at its end, line by line with numbers.
fn code(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    source
        .text
        .lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .map(|(number, line)| (number + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// String literals of a line, without their escapes resolved.
fn literals(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = None;
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match (c, start) {
            ('\\', Some(_)) if !escaped => {
                escaped = true;
                continue;
            }
            ('"', None) => start = Some(at + 1),
            ('"', Some(from)) if !escaped => {
                found.push(&line[from..at]);
                start = None;
            }
            _ => {}
        }
        escaped = false;
    }
    found
}

fn none(broken: Vec<String>) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

/// The room a file lies in.
fn room(path: &str) -> &'static str {
    let name = path.trim_start_matches("src/");
    let part = |word: &str| name.contains(&format!("/{word}/")) || name.ends_with(&format!("/{word}.rs"));
    if name.starts_with("shared/") {
        "shared"
    } else if name.starts_with("ui/") {
        "ui"
    } else if name.starts_with("device/") {
        "device"
    } else if name.starts_with("server/") {
        "server"
    } else if name.starts_with("live/") {
        "live"
    } else if name.starts_with("features/") {
        match () {
            () if part("model") => "model",
            () if part("pages") || part("components") => "view",
            () if part("api") => "api",
            () => "store",
        }
    } else {
        "app"
    }
}

#[test]
fn rooms_only_know_those_they_may() {
    let mut broken = Vec::new();
    for source in read("src", "rs").iter().filter(|source| !is_test(&source.path)) {
        let forbidden: &[&str] = match room(&source.path) {
            "shared" => &["crate::ui", "crate::server", "crate::live", "crate::features", "crate::app", "crate::device", "crate::testing"],
            "ui" => &["crate::server", "crate::live", "crate::features", "crate::app", "crate::testing"],
            "model" => &["crate::ui", "crate::server", "crate::live", "crate::app", "::api::", "::store::", "::pages::", "::components::"],
            "server" => &["crate::ui", "crate::features", "crate::app", "crate::testing"],
            "store" | "api" => &["crate::ui", "crate::app", "crate::testing", "::pages", "::components"],
            "view" => &["crate::server", "crate::app", "crate::testing", "::store::", "auth::"],
            "live" | "device" => &["crate::app", "crate::testing", "::pages", "::components"],
            _ => &[],
        };
        for (number, line) in code(source) {
            broken.extend(
                forbidden
                    .iter()
                    .filter(|word| line.contains(**word))
                    .map(|word| format!("{}:{number}: {} may not know {word}", source.path, room(&source.path))),
            );
        }
    }
    none(broken);
}

#[test]
fn features_only_use_those_above_them() {
    let list = fs::read_to_string(root().join("src/features/mod.rs")).expect("text");
    let order: Vec<&str> = list.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let mut broken = Vec::new();
    for source in read("src/features", "rs").iter().filter(|source| !is_test(&source.path)) {
        let own = source.path.trim_start_matches("src/features/").split('/').next().unwrap_or_default();
        let Some(position) = order.iter().position(|name| *name == own) else { continue };
        for (number, line) in code(source) {
            broken.extend(
                order[position + 1..]
                    .iter()
                    .filter(|lower| line.contains(&format!("features::{lower}::")))
                    .map(|lower| format!("{}:{number}: {own} stands above {lower} and may not use it", source.path)),
            );
        }
    }
    none(broken);
}

#[test]
fn sql_stays_in_stores() {
    let words = ["fetch_all!", "fetch_one!", "fetch_optional!", "execute!(", "sqlx::"];
    let mut broken = Vec::new();
    for source in read("src", "rs").iter().filter(|source| !is_test(&source.path)) {
        let name = &source.path;
        let may = name.starts_with("src/server/")
            || name.ends_with("/auth.rs")
            || name.ends_with("/store.rs")
            || name.contains("/store/")
            || name.ends_with("writer.rs");
        if !may {
            broken.extend(
                code(source)
                    .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
                    .map(|(number, line)| format!("{name}:{number}: {line}")),
            );
        }
    }
    none(broken);
}

/// Whether server functions may stand in a file.
fn is_api(path: &str) -> bool {
    path.contains("features/") && (path.ends_with("/api.rs") || path.contains("/api/"))
}

#[test]
fn conditions_stand_on_module_lines_only() {
    let mut broken = Vec::new();
    for source in read("src", "rs").iter().filter(|source| !is_test(&source.path)) {
        let lines: Vec<&str> = source.text.lines().collect();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.trim_start().starts_with("#[cfg(") && line.contains("feature")) {
            let next = lines[at + 1..].iter().find(|line| !line.trim_start().starts_with("#[")).copied().unwrap_or_default();
            let is_module = next.starts_with("pub mod ") || next.starts_with("mod ");
            let is_use = is_api(&source.path) && next.starts_with("use ");
            let is_entry = source.path == "src/lib.rs" && next.starts_with("pub fn hydrate");
            if !is_module && !is_use && !is_entry {
                broken.push(format!("{}:{}: {line}", source.path, at + 1));
            }
        }
    }
    none(broken);
}

#[test]
fn files_stay_small() {
    let long = |source: &&Source| source.text.lines().count() > MAX_LINES && !LONG_FILES.contains(&source.path.as_str());
    none(
        read("src", "rs").iter().filter(long).map(|source| format!("{} has {} lines", source.path, source.text.lines().count())).collect(),
    );
}

#[test]
fn every_server_function_is_named_in_a_test() {
    let sources = read("src", "rs");
    let tests: String = sources.iter().filter(|source| is_test(&source.path)).map(|source| source.text.as_str()).collect();
    let mut broken = Vec::new();
    for source in sources.iter().filter(|source| is_api(&source.path)) {
        let mut is_next = false;
        for (_, line) in code(source) {
            is_next |= line.starts_with("#[server");
            if let Some(name) = line.strip_prefix("pub async fn ").filter(|_| is_next) {
                is_next = false;
                let name = name.split('(').next().unwrap_or_default();
                let camel: String = name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
                if !tests.contains(&camel) {
                    broken.push(format!("{}: {name} ({camel}) is not tested", source.path));
                }
            }
        }
    }
    none(broken);
}

#[test]
fn every_page_is_visited_by_a_browser() {
    let routes = fs::read_to_string(root().join("src/app/routes.rs")).expect("text");
    // `"name" => a_page(),` behind `me/:page`.
    let mine = fs::read_to_string(root().join("src/app/pages/mine.rs")).expect("text");
    let mine = mine.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" => ")).map(|(name, _)| format!("me/{name}"));
    let specs: String = read("end2end/tests", "ts").into_iter().map(|source| source.text).collect();
    let mut broken = Vec::new();
    let paths = routes.split("path!(\"").skip(1).filter_map(|rest| rest.split('"').next()).filter(|path| !path.is_empty());
    for path in paths.map(str::to_owned).chain(mine) {
        let fixed = path.split("/:").next().unwrap_or_default();
        if !specs.contains(&format!("/{fixed}")) {
            broken.push(format!("/{path} is visited by no spec"));
        }
    }
    none(broken);
}

#[test]
fn both_languages_say_everything() {
    let entries = [Lang::Ko, Lang::En].map(texts::entries);
    let mut broken = Vec::new();
    let maps = entries.map(|list| {
        let mut map = BTreeMap::new();
        for (key, text) in list {
            if map.insert(key, text).is_some() {
                broken.push(format!("{key} stands twice"));
            }
            if text.is_empty() {
                broken.push(format!("{key} is empty"));
            }
        }
        map
    });
    let gaps =
        |text: &str| -> BTreeSet<String> { text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).map(str::to_owned).collect() };
    for (key, text) in &maps[0] {
        match maps[1].get(key) {
            None => broken.push(format!("{key} is not in English")),
            Some(english) if gaps(text) != gaps(english) => broken.push(format!("{key} mentions different things in Korean and English")),
            Some(_) => {}
        }
    }
    broken.extend(maps[1].keys().filter(|key| !maps[0].contains_key(**key)).map(|key| format!("{key} is not in Korean")));
    none(broken);
}

#[test]
fn every_sentence_is_used_and_every_used_one_exists() {
    let known: BTreeSet<&str> = texts::entries(Lang::Ko).into_iter().map(|(key, _)| key).collect();
    let sources = read("src", "rs");
    let mut used = BTreeSet::new();
    let mut prefixes = BTreeSet::new();
    let mut broken = Vec::new();
    for source in sources.iter().filter(|source| !is_test(&source.path)) {
        for (number, line) in code(source) {
            for literal in literals(line) {
                used.insert(literal);
                // A key that ends in a number or a part's name is made from its beginning: `ui.time.month.{n}`.
                if let Some((prefix, _)) = literal.split_once('{') {
                    prefixes.insert(prefix);
                }
            }
            for (at, _) in line.match_indices("t!(\"").filter(|(at, _)| !line[..*at].ends_with(|c: char| c.is_ascii_alphanumeric())) {
                let key = line[at + 4..].split('"').next().unwrap_or_default();
                if !known.contains(key) {
                    broken.push(format!("{}:{number}: there is no sentence {key}", source.path));
                }
            }
        }
    }
    let made = |key: &str| {
        prefixes.iter().any(|prefix| prefix.contains('.') && !prefix.is_empty() && key.starts_with(prefix))
            || key.strip_suffix("_text").is_some_and(|stem| used.contains(stem))
    };
    broken.extend(known.iter().filter(|key| !used.contains(**key) && !made(key)).map(|key| format!("the sentence {key} is used nowhere")));
    none(broken);
}

#[test]
fn who_fetches_no_more_than_what_every_page_says_says_no_more() {
    // What `scripts/parts.mjs` says of lazy functions, with the code of each.
    const BRIEF: &[(&str, &str)] = &[
        ("begin", "src/live/"),
        ("chat_message_view", "src/features/chat/"),
        ("chat_room_view", "src/features/chat/"),
        ("chat_with_view", "src/features/chat/"),
        ("chats_view", "src/features/chat/"),
        ("follow", "src/features/chat/"),
        ("notices_page_view", "src/features/notices/"),
    ];
    const AROUND: &[&str] = &[
        "src/app/hydrate.rs",
        "src/app/layout.rs",
        "src/app/pages/not_found.rs",
        "src/app/routes.rs",
        "src/device/",
        "src/features/accounts/components/named.rs",
        "src/features/accounts/components/narrow.rs",
        "src/features/accounts/components/refusal.rs",
        "src/features/accounts/components/switches.rs",
        "src/features/images/",
        "src/shared/",
        "src/ui/",
    ];
    let parts = read("scripts", "mjs").into_iter().find(|source| source.path.ends_with("/parts.mjs")).expect("the loader");
    let list = parts.text.split_once("const BRIEF = [").and_then(|(_, rest)| rest.split_once(']')).expect("a list").0;
    let listed: Vec<_> = list.split('\'').skip(1).step_by(2).collect();
    assert_eq!(listed, BRIEF.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    let [first, more] = texts::browsers(Lang::Ko);
    let english = texts::browsers(Lang::En);
    assert!(first.keys().eq(english[0].keys()) && more.keys().eq(english[1].keys()), "a sentence is in another file in English");
    let is_brief = |path: &str| BRIEF.iter().map(|(_, place)| place).chain(AROUND).any(|place| path.starts_with(place));
    let mut broken = Vec::new();
    for source in read("src", "rs").iter().filter(|source| is_brief(&source.path) && !is_test(&source.path)) {
        for (number, line) in code(source) {
            let says = |literal: &&str| match literal.split_once('{') {
                Some((prefix, _)) => prefix.contains('.') && more.keys().any(|key| key.starts_with(prefix)),
                None => more.contains_key(literal),
            };
            broken.extend(
                literals(line).into_iter().filter(says).map(|key| format!("{}:{number}: {key} is not said by every page", source.path)),
            );
        }
    }
    none(broken);
}

#[test]
fn no_sentence_stands_in_code() {
    let is_hangul = |c: char| matches!(c, '\u{ac00}'..='\u{d7a3}');
    let mut broken = Vec::new();
    for source in read("src", "rs").iter().filter(|source| !is_test(&source.path) && !source.path.contains("/atlas")) {
        broken.extend(
            code(source)
                .filter(|(_, line)| literals(line).iter().any(|literal| literal.contains(is_hangul)))
                .map(|(number, line)| format!("{}:{number}: {}", source.path, line.trim())),
        );
    }
    none(broken);
}

#[test]
fn classes_are_defined_and_used() {
    let mut defined = BTreeSet::new();
    for source in read("style", "css") {
        let text = strip_css_comments(&source.text);
        let bytes: Vec<char> = text.chars().collect();
        for (at, _) in bytes.iter().enumerate().filter(|(_, c)| **c == '.') {
            let name: String = bytes[at + 1..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '-' || **c == '_').collect();
            if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                defined.insert(name);
            }
        }
    }
    let numbered = |name: &str| name.starts_with(NUMBERED_CLASSES) && name.len() > 1 && name[1..].chars().all(|c| c.is_ascii_digit());
    let mut words = BTreeSet::new();
    let mut broken = Vec::new();
    for source in read("src", "rs").iter().filter(|source| !is_test(&source.path)) {
        for (number, line) in code(source) {
            for literal in literals(line) {
                // `avatar{} h{hue}` uses the class `avatar`.
                words.extend(literal.split(|c: char| c.is_whitespace() || c == '{').map(str::to_owned));
            }
            let named = line
                .split("class:")
                .skip(1)
                .filter_map(|rest| rest.split(['=', ' ', '>']).next())
                .filter(|name| !name.starts_with(':') && !name.is_empty());
            let quoted = line.split("class=\"").skip(1).filter_map(|rest| rest.split('"').next()).flat_map(str::split_whitespace);
            for name in named.chain(quoted) {
                words.insert(name.to_owned());
                if !defined.contains(name) && !numbered(name) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
                    broken.push(format!("{}:{number}: the class {name} is not defined", source.path));
                }
            }
        }
    }
    broken.extend(
        defined.iter().filter(|name| !words.contains(*name) && !numbered(name)).map(|name| format!("the class {name} is used nowhere")),
    );
    none(broken);
}

fn strip_css_comments(text: &str) -> String {
    text.split("/*").enumerate().map(|(at, part)| if at == 0 { part } else { part.split_once("*/").map_or("", |(_, rest)| rest) }).collect()
}
