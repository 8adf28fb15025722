//! The path of a page, such as `chat/:room`.

use leptos_router::{PartialPathMatch, PathSegment, PossibleRouteMatch};

/// A path of fixed words and of parameters, which begin with a colon. The router's own `path!` makes a type of each path, and
/// with it a copy of everything that matches and lists routes.
#[derive(Clone, Copy, Debug)]
pub struct Pattern(pub &'static str);

impl Pattern {
    fn segments(&self) -> impl Iterator<Item = &'static str> {
        self.0.split('/').filter(|segment| !segment.is_empty())
    }
}

impl PossibleRouteMatch for Pattern {
    fn optional(&self) -> bool {
        false
    }

    fn test<'a>(&self, path: &'a str) -> Option<PartialPathMatch<'a>> {
        let mut rest = path;
        let mut params = Vec::new();
        for segment in self.segments() {
            let tail = rest.strip_prefix('/').unwrap_or(rest);
            let end = tail.find('/').unwrap_or(tail.len());
            let (value, after) = tail.split_at(end);
            match segment.strip_prefix(':') {
                Some(name) if !value.is_empty() => params.push((name.into(), value.to_owned())),
                None if segment == value => {}
                _ => return None,
            }
            rest = after;
        }
        Some(PartialPathMatch::new(rest, params, &path[..path.len() - rest.len()]))
    }

    fn generate_path(&self, path: &mut Vec<PathSegment>) {
        path.extend(self.segments().map(|segment| match segment.strip_prefix(':') {
            Some(name) => PathSegment::Param(name.into()),
            None => PathSegment::Static(segment.into()),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of the path, what matched, and the parameters.
    type Found<'a> = (&'a str, &'a str, Vec<(String, String)>);

    fn test<'a>(pattern: &'static str, path: &'a str) -> Option<Found<'a>> {
        let found = Pattern(pattern).test(path)?;
        let (remaining, matched) = (found.remaining(), found.matched());
        Some((remaining, matched, found.params().into_iter().map(|(name, value)| (name.to_string(), value)).collect()))
    }

    #[test]
    fn words_match_whole_segments() {
        assert_eq!(test("chat", "/chat"), Some(("", "/chat", vec![])));
        assert_eq!(test("chat", "/chat/"), Some(("/", "/chat", vec![])));
        assert_eq!(test("chat", "/chat/7"), Some(("/7", "/chat", vec![])));
        assert_eq!(test("chat", "/chats"), None);
        assert_eq!(test("chat", "/"), None);
        assert_eq!(test("me/parties", "/me/parties"), Some(("", "/me/parties", vec![])));
        assert_eq!(test("me/parties", "/me"), None);
    }

    #[test]
    fn a_parameter_takes_one_segment_that_is_not_empty() {
        let room = |value: &str| vec![("room".to_owned(), value.to_owned())];
        assert_eq!(test("chat/:room", "/chat/한글"), Some(("", "/chat/한글", room("한글"))));
        assert_eq!(test("chat/:room", "/chat/7/9"), Some(("/9", "/chat/7", room("7"))));
        assert_eq!(test("chat/:room", "/chat"), None);
        assert_eq!(test("chat/:room", "/chat/"), None);
        assert_eq!(test("chat/:room", "/chat//9"), None);
    }

    #[test]
    fn nothing_matches_without_taking_anything() {
        assert_eq!(test("", "/"), Some(("/", "", vec![])));
        assert_eq!(test("", "/chat"), Some(("/chat", "", vec![])));
    }

    #[test]
    fn the_server_lists_the_same_segments() {
        let mut path = Vec::new();
        Pattern("meals/:id/edit").generate_path(&mut path);
        assert_eq!(path, [PathSegment::Static("meals".into()), PathSegment::Param("id".into()), PathSegment::Static("edit".into())]);
    }
}
