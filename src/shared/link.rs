//! Links that people write.

/// An address of a page on the web and nowhere else, if that is what a text is: one of these schemes, a host, nothing that hides it.
#[must_use]
pub fn read(text: &str, schemes: &[&str]) -> Option<String> {
    let text = text.trim();
    let rest = schemes.iter().find_map(|scheme| {
        let start = text.get(..scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
    })?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let has_host = !host.is_empty() && host.starts_with(char::is_alphanumeric) && !host.contains(['@', '\\']);
    let is_plain = !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '`'));
    (has_host && is_plain).then(|| text.to_owned())
}
