//! Links inside messages, found without a parser of addresses: what is not plainly a link stays text.

/// A piece of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Plain text.
    Text(&'a str),
    /// An `http` or `https` address, exactly as typed; safe as an `href`.
    Link(&'a str),
}

/// Cuts a text into plain text and links. The pieces together are the text.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut plain = 0;
    let mut at = 0;
    while let Some(start) = next_scheme(text, at) {
        let end = start + length(&text[start..]);
        if is_link(&text[start..end]) {
            if plain < start {
                found.push(Piece::Text(&text[plain..start]));
            }
            found.push(Piece::Link(&text[start..end]));
            plain = end;
            at = end;
        } else {
            // `h` is one byte, so the next character begins right after it.
            at = start + 1;
        }
    }
    if plain < text.len() {
        found.push(Piece::Text(&text[plain..]));
    }
    found
}

/// The next `http://` or `https://` that does not continue a word.
fn next_scheme(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    (from..bytes.len()).find(|at| {
        let is_start = *at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        is_start && scheme_length(&bytes[*at..]).is_some()
    })
}

fn scheme_length(bytes: &[u8]) -> Option<usize> {
    ["https://", "http://"]
        .into_iter()
        .map(str::as_bytes)
        .find(|scheme| bytes.len() > scheme.len() && bytes[..scheme.len()].eq_ignore_ascii_case(scheme))
        .map(<[u8]>::len)
}

/// How far the address goes: Korean particles follow it without a space, so only visible ASCII belongs to it; the
/// sentence's own punctuation at its end does not.
fn length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut end = bytes
        .iter()
        .position(|b| !b.is_ascii_graphic() || matches!(b, b'"' | b'<' | b'>' | b'`' | b'\\' | b'^' | b'{' | b'|' | b'}'))
        .unwrap_or(bytes.len());
    while let Some(last) = end.checked_sub(1).map(|last| bytes[last]) {
        let opens = |open: u8, close: u8| {
            bytes[..end].iter().filter(|b| **b == open).count() < bytes[..end].iter().filter(|b| **b == close).count()
        };
        let trailing = match last {
            b'.' | b',' | b'!' | b'?' | b':' | b';' | b'\'' | b'*' | b'_' | b'~' => true,
            b')' => opens(b'(', b')'),
            b']' => opens(b'[', b']'),
            _ => false,
        };
        if !trailing {
            break;
        }
        end -= 1;
    }
    end
}

/// A host and nothing in front of it: `https://our.bank@evil.example` only looks like our bank.
fn is_link(text: &str) -> bool {
    let Some(scheme) = scheme_length(text.as_bytes()) else { return false };
    let authority = text[scheme..].split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.split(':').next().unwrap_or_default();
    let port = authority.split(':').skip(1).collect::<Vec<_>>();
    !host.is_empty()
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        && host.bytes().any(|b| b.is_ascii_alphanumeric())
        && port.len() <= 1
        && port.iter().all(|port| port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn links(text: &str) -> Vec<&str> {
        pieces(text).into_iter().filter_map(|piece| if let Piece::Link(link) = piece { Some(link) } else { None }).collect()
    }

    #[test]
    fn links_end_where_people_end_them() {
        for (text, link) in [
            ("보세요 https://moim.example/meals?page=2#top 네", "https://moim.example/meals?page=2#top"),
            ("https://a.b/c를 보세요", "https://a.b/c"),
            ("(https://a.b/c)", "https://a.b/c"),
            ("https://a.b/c_(d)", "https://a.b/c_(d)"),
            ("HTTPS://A.B/.", "HTTPS://A.B/"),
            ("http://localhost:3000/x,", "http://localhost:3000/x"),
            ("가https://a.b", "https://a.b"),
        ] {
            assert_eq!(links(text), [link], "{text}");
        }
        assert_eq!(links("https://a.b https://c.d"), ["https://a.b", "https://c.d"]);
    }

    #[test]
    fn what_only_looks_like_a_link_stays_text() {
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "http://.",
            "https://our.bank@evil.example",
            "xhttps://a.b",
            "https://a:b@c",
            "https://a.b:99999999",
            "http://\u{202e}evil",
            "ftp://a.b",
            "https:///x",
            "//a.b",
            "https://-",
            "mailto:a@b.c",
        ] {
            assert!(links(text).is_empty(), "{text}: {:?}", links(text));
        }
    }

    #[test]
    fn a_link_cannot_leave_its_attribute() {
        for text in ["https://a.b/\"onclick=alert(1)", "https://a.b/<script>", "https://a.b/`x`", "https://a.b/\n\"", "https://a.b/\u{0}\""]
        {
            assert!(links(text).iter().all(|link| !link.contains(['"', '<', '>', '`', '\n', '\u{0}'])), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text(text in "(?s)(.|https?://|[a-z./:@]){0,40}") {
            let whole: String = pieces(&text).into_iter().map(|piece| match piece { Piece::Text(t) | Piece::Link(t) => t }).collect();
            prop_assert_eq!(whole, text);
        }
    }
}
