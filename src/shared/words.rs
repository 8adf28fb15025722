//! What people type: in one line, and with Hangul in one piece.

/// One line of what was typed: no spaces at its ends or doubled inside, Hangul that came as single letters put together.
#[must_use]
pub fn line(text: &str) -> String {
    compose(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Puts conjoining Hangul letters together into syllables, as some keyboards send them apart.
/// Source: The Unicode Standard, 3.12 "Conjoining Jamo Behavior".
#[must_use]
pub fn compose(text: &str) -> String {
    const SYLLABLE: u32 = 0xac00;
    let (lead, vowel, tail) = (0x1100..=0x1112, 0x1161..=0x1175, 0x11a8..=0x11c2);
    let mut composed = String::with_capacity(text.len());
    for c in text.chars() {
        let code = u32::from(c);
        let last = composed.chars().next_back().map(u32::from);
        let joined = match last {
            Some(before) if lead.contains(&before) && vowel.contains(&code) => {
                Some(SYLLABLE + ((before - 0x1100) * 21 + (code - 0x1161)) * 28)
            }
            Some(before) if (SYLLABLE..=0xd7a3).contains(&before) && (before - SYLLABLE).is_multiple_of(28) && tail.contains(&code) => {
                Some(before + code - 0x11a7)
            }
            _ => None,
        };
        match joined.and_then(char::from_u32) {
            Some(syllable) => {
                composed.pop();
                composed.push(syllable);
            }
            None => composed.push(c),
        }
    }
    composed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_was_meant() {
        assert_eq!(line("  온동네 \n\t 치킨 "), "온동네 치킨");
        assert_eq!(line("\u{1112}\u{1161}\u{1105}\u{1175}\u{11ab} \u{1100}\u{1161}"), "하린 가");
        assert_eq!(line(" \n "), "");
    }
}
