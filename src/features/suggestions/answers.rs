//! Reading what a model has answered. It is text from outside: it is shown as text, and of what looks like a menu at most a link is made.

use super::menus::{find, href};
use super::model::Suggested;
use crate::features::meals::model::Wish;
use crate::shared::text::lang;

/// Menus that are taken from one answer.
const MOST: usize = 10;

/// What a model said without what cannot be seen: control characters, and those that turn the direction of writing.
#[must_use]
pub fn clean(words: &str) -> String {
    let is_hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    words.chars().filter(|c| matches!(c, '\n' | '\t') || !(c.is_control() || is_hidden(*c))).collect()
}

/// The menus of an answer, and what it says besides.
#[must_use]
pub fn read(answer: &str) -> (String, Vec<Suggested>) {
    let (mut text, mut menus) = (Vec::new(), Vec::new());
    for line in answer.lines() {
        match menu_of(line).filter(|_| menus.len() < MOST) {
            Some(menu) => menus.push(menu),
            None => text.push(line.trim_end()),
        }
    }
    (text.join("\n").trim().to_owned(), menus)
}

/// The menu that a line names: `1. name — reason`, with a number or a dot before it; or, of one that we know, without these or the
/// reason. A sentence with a dash in it names none.
fn menu_of(line: &str) -> Option<Suggested> {
    let line = line.replace("**", "");
    let (is_listed, line) = unlisted(&line);
    let is_dash = |(_, c): &(usize, char)| matches!(c, '—' | '–');
    let dash = line.char_indices().find(is_dash).map(|(at, dash)| (at, dash.len_utf8())).or_else(|| line.find(" - ").map(|at| (at, 3)));
    let (name, reason, is_told) = match (dash, line.split_once(':')) {
        (Some((at, length)), _) => (&line[..at], &line[at + length..], is_listed),
        (None, Some((name, reason))) => (name, reason, false),
        (None, None) => (line, "", false),
    };
    let name = Wish::read(|part| (part == "menu").then(|| name.to_owned())).menu?;
    let known = find(&name);
    if !is_told && known.is_none() {
        return None;
    }
    let category = known.map(|menu| menu.category);
    let name = known.map_or(name, |menu| menu.name(lang()).to_owned());
    Some(Suggested { href: href(&name, category), name, category, reason: reason.trim().to_owned() })
}

/// Whether a line is one of a list, `- …`, `2) …` or `3. …`, and what it says without the sign of that. A year is none.
fn unlisted(line: &str) -> (bool, &str) {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || c == '#');
    let rest = match line.trim_start_matches(|c: char| c.is_ascii_digit()) {
        rest if (1..=2).contains(&(line.len() - rest.len())) => rest.strip_prefix(['.', ')']),
        _ => line.strip_prefix(['-', '*', '•']),
    };
    rest.map_or((false, line), |rest| (true, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::meals::model::Category;

    #[test]
    fn lines_that_name_a_menu_become_menus() {
        let answer = "비 오는 날이네요!\n1. **김치찌개** — 뜨끈해요\n- 칼국수 - 국물이 좋아요\n순두부찌개: 부드러워요\n2) 할머니 손두부 – 고소해요\n짬뽕\n\n맛있게 드세요.";
        let (text, menus) = read(answer);
        assert_eq!(text, "비 오는 날이네요!\n\n맛있게 드세요.");
        let names: Vec<_> = menus.iter().map(|menu| (menu.name.as_str(), menu.category, menu.reason.as_str())).collect();
        assert_eq!(
            names,
            [
                ("김치찌개", Some(Category::Stew), "뜨끈해요"),
                ("칼국수", Some(Category::Korean), "국물이 좋아요"),
                ("순두부찌개", Some(Category::Stew), "부드러워요"),
                ("할머니 손두부", None, "고소해요"),
                ("짬뽕", Some(Category::Chinese), ""),
            ]
        );
        assert_eq!(menus[0].href, "/meals/new?menu=%EA%B9%80%EC%B9%98%EC%B0%8C%EA%B0%9C&category=stew");
        assert!(menus[3].href.ends_with("%ED%95%A0%EB%A8%B8%EB%8B%88%20%EC%86%90%EB%91%90%EB%B6%80"), "{}", menus[3].href);
    }

    #[test]
    fn what_is_no_menu_stays_text() {
        for line in [
            "참고로: 밤에는 닫아요",
            "그냥 말이에요.",
            "— 이유만",
            "- 이유만",
            "비가 오네요 — 따뜻한 게 좋겠어요",
            "한 가지 더 - 물을 챙기세요",
            "2026년은 덥네요 — 시원한 걸로",
            "3명이면 — 넉넉해요",
            &format!("- {} — 긴 이름", "가".repeat(41)),
        ] {
            let (text, menus) = read(line);
            assert_eq!((text.as_str(), menus.len()), (line, 0));
        }
        assert_eq!(read(&"- 피자 — 맛있어요\n".repeat(30)).1.len(), MOST);
        let (_, menus) = read("- <script>alert(1)</script> — \"><img>");
        assert_eq!(menus[0].href, "/meals/new?menu=%3Cscript%3Ealert%281%29%3C%2Fscript%3E");
    }

    #[test]
    fn what_cannot_be_seen_is_left_out() {
        assert_eq!(clean("가\u{202e}나\u{0}\n\t\u{200b}다"), "가나\n\t다");
    }
}
