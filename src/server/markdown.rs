//! The small Markdown of party texts: paragraphs, lists, emphasis, links. Rendered, then sanitised, on the server only.

use pulldown_cmark::{Event, Parser, Tag, TagEnd, html};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(HashSet::from(["p", "ul", "ol", "li", "em", "strong", "a", "br"]))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
        .url_schemes(HashSet::from(["http", "https"]))
        .link_rel(Some("noopener noreferrer nofollow ugc"));
    builder
});

/// Safe HTML of a text that a person wrote. Line breaks stay line breaks, as people expect of a message.
#[must_use]
pub fn to_html(source: &str) -> String {
    let events = Parser::new(source).filter_map(|event| match event {
        Event::SoftBreak => Some(Event::HardBreak),
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Heading { .. }) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::Heading(_)) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        other => Some(other),
    });
    let mut rendered = String::with_capacity(source.len() * 3 / 2);
    html::push_html(&mut rendered, events);
    CLEANER.clean(&rendered).to_string()
}

#[cfg(test)]
mod tests {
    use super::to_html;

    #[test]
    fn paragraphs_lists_emphasis_and_links_are_kept() {
        let html = to_html("하나 **둘**\n셋\n\n- 넷\n- [다섯](https://example.com)");
        assert!(html.contains("<p>하나 <strong>둘</strong><br>"), "{html}");
        assert!(html.contains("<li>넷</li>"), "{html}");
        assert!(html.contains(r#"<a href="https://example.com" rel="noopener noreferrer nofollow ugc">다섯</a>"#), "{html}");
    }

    #[test]
    fn script_never_survives() {
        for attempt in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "![x](https://e.com/x.png)",
            "<a href=\"data:text/html,x\">x</a>",
            "<svg/onload=alert(1)>",
            "[x](<javascript:alert(1)>)",
            "<p style=\"x\">y</p>",
        ] {
            let html = to_html(attempt);
            for danger in ["<script", "<img", "<a href=\"javascript", "<a href=\"data", "<svg", "<p style"] {
                assert!(!html.contains(danger), "{attempt} became {html}");
            }
        }
    }
}
