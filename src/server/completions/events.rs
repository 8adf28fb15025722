//! What comes from a model: server-sent events, each a line of JSON, in pieces that begin and end anywhere.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// Longest line, in bytes.
const MAX_LINE: usize = 64 * 1024;

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// More of the answer.
    Words(String),
    /// The answer is whole.
    Whole,
    /// The model stopped before its end.
    Cut,
    /// It is none that can be understood, or one that says what went wrong.
    Nonsense,
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
}

/// Bytes that have come and are no whole line yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    waiting: Vec<u8>,
    /// How much of that was looked through for an end.
    seen: usize,
    /// What the line that was read last says besides.
    then: Option<Event>,
}

impl Lines {
    /// Takes in what has come; `false` when no line may be so long.
    pub(super) fn push(&mut self, bytes: &[u8]) -> bool {
        self.waiting.extend_from_slice(bytes);
        self.waiting.len() <= MAX_LINE || self.waiting.contains(&b'\n')
    }

    /// What the next lines say that say anything, until one is not whole yet.
    pub(super) fn next(&mut self) -> Option<Event> {
        if let Some(event) = self.then.take() {
            return Some(event);
        }
        loop {
            let Some(end) = self.waiting[self.seen..].iter().position(|byte| *byte == b'\n').map(|end| self.seen + end) else {
                self.seen = self.waiting.len();
                return None;
            };
            let line: Vec<u8> = self.waiting.drain(..=end).collect();
            self.seen = 0;
            let (event, then) = read(&line);
            self.then = then;
            if event.is_some() {
                return event;
            }
        }
    }
}

/// What a line says, if it says anything: comments, names of events and blank lines do not. Some models say their last words and that
/// they have ended in one line.
fn read(line: &[u8]) -> (Option<Event>, Option<Event>) {
    let Ok(line) = std::str::from_utf8(line) else { return (Some(Event::Nonsense), None) };
    let Some(data) = line.trim_end_matches(['\n', '\r']).strip_prefix("data:").map(str::trim) else { return (None, None) };
    if data == "[DONE]" {
        return (Some(Event::Whole), None);
    }
    let Some(chunk) = serde_json::from_str::<Chunk>(data).ok().filter(|chunk| chunk.error.is_none()) else {
        return (Some(Event::Nonsense), None);
    };
    // One answer was asked for. The last event may have none: it says what it cost.
    let Some(choice) = chunk.choices.into_iter().next() else { return (None, None) };
    let words = choice.delta.and_then(|delta| delta.content).filter(|words| !words.is_empty()).map(Event::Words);
    // Empty: some servers say so as long as it goes on.
    let end = choice.finish_reason.filter(|reason| !reason.is_empty());
    let end = end.map(|reason| if reason == "stop" { Event::Whole } else { Event::Cut });
    if words.is_some() { (words, end) } else { (end, None) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(pieces: &[&[u8]]) -> Vec<Event> {
        let mut lines = Lines::default();
        let mut events = Vec::new();
        for piece in pieces {
            assert!(lines.push(piece));
            events.extend(std::iter::from_fn(|| lines.next()));
        }
        events
    }

    const ANSWER: &str = ": hello\r\n\r\nevent: x\ndata: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"김치\"},\"finish_reason\":null}]}\n\ndata:{\"choices\":[{\"delta\":{\"content\":\"찌개\"}}]}\r\n\r\n\
        data: {\"choices\":[],\"usage\":{}}\n\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    fn said() -> Vec<Event> {
        vec![Event::Words("김치".to_owned()), Event::Words("찌개".to_owned()), Event::Whole, Event::Whole]
    }

    proptest! {
        #[test]
        fn pieces_may_begin_and_end_anywhere(cuts in prop::collection::vec(0..ANSWER.len(), 0..40)) {
            let mut cuts = cuts;
            cuts.extend([0, ANSWER.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &ANSWER.as_bytes()[cut[0]..cut[1]]).collect();
            prop_assert_eq!(all(&pieces), said());
        }

        #[test]
        fn anything_is_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut lines = Lines::default();
            prop_assert!(lines.push(&bytes));
            while lines.next().is_some() {}
        }
    }

    #[test]
    fn what_cannot_be_understood_is_nonsense() {
        for line in ["data: {\n", "data: <html>\n", "data: {\"error\":{\"message\":\"no\"}}\n", "data: {\"choices\":3}\n"] {
            assert_eq!(all(&[line.as_bytes()]), [Event::Nonsense], "{line}");
        }
        assert_eq!(all(&[b"data: \xff\xfe\n"]), [Event::Nonsense]);
        assert_eq!(all(&[b"data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n"]), [Event::Cut]);
        assert!(!Lines::default().push(&vec![b'a'; MAX_LINE + 1]));
    }

    #[test]
    fn last_words_and_the_end_may_come_together() {
        let line = |end: &str| format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"끝\"}},\"finish_reason\":\"{end}\"}}]}}\n");
        let words = || Event::Words("끝".to_owned());
        assert_eq!(all(&[line("stop").as_bytes()]), [words(), Event::Whole]);
        assert_eq!(all(&[line("length").as_bytes(), b"data: [DONE]\n"]), [words(), Event::Cut, Event::Whole]);
        assert_eq!(all(&[line("").as_bytes()]), [words()]);
    }
}
