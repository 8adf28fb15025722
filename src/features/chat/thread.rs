//! What the page of a room shows: entries merged in order, grouped, with the rules between them.

use super::model::{Content, Message, NoticeCode, excerpt};
use crate::shared::ids::{SendId, Seq, UserId};
use crate::shared::time::{Span, Timestamp};

/// Messages of one person this close to each other stand under one face.
const TOGETHER: Span = Span::minutes(5);

/// Puts entries into a thread, each once, in order.
pub fn merge(thread: &mut Vec<Message>, more: impl IntoIterator<Item = Message>) {
    for message in more {
        match thread.last() {
            Some(last) if message.seq <= last.seq => {
                if let Err(place) = thread.binary_search_by_key(&message.seq, |known| known.seq) {
                    thread.insert(place, message);
                }
            }
            _ => thread.push(message),
        }
    }
}

/// Entries that stay in a thread whose end is looked at. With each more, the next one would be slower to show.
const KEPT: usize = 150;

/// Whether a thread has grown to twice what is kept of it.
#[must_use]
pub const fn is_long(thread: &[Message]) -> bool {
    thread.len() > 2 * KEPT
}

/// Takes the beginning out of a thread.
pub fn shorten(thread: &mut Vec<Message>) {
    thread.drain(..thread.len().saturating_sub(KEPT));
}

/// Whether something is missing between a thread and an entry that follows it.
#[must_use]
pub fn is_gap(thread: &[Message], next: Seq) -> bool {
    thread.last().is_some_and(|last| next > last.seq + 1)
}

/// Notes that a reader blocks somebody, or no more.
pub fn note_block(blocked: &mut Vec<UserId>, person: UserId, is_blocked: bool) {
    blocked.retain(|known| *known != person);
    blocked.extend(is_blocked.then_some(person));
}

/// One line of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A new day.
    Day(Timestamp),
    /// "You have read up to here."
    Read,
    /// Something happened.
    Notice {
        /// Its number.
        seq: Seq,
        /// What.
        notice: NoticeCode,
        /// To whom or what.
        subject: String,
    },
    /// Something was said.
    Said {
        /// The entry.
        message: Message,
        /// It follows something of the same person.
        next: bool,
    },
}

/// What somebody is called now.
pub type Name = (UserId, String);

/// Calls the people of an entry what they are called now; the last name of somebody stands.
pub fn call(message: &mut Message, names: &[Name]) {
    let renew = |who: UserId, name: &mut String| {
        if let Some((_, new)) = names.iter().rev().find(|(known, _)| *known == who) {
            name.clone_from(new);
        }
    };
    match &mut message.content {
        Content::Text { author, reply, .. } => {
            renew(author.id, &mut author.nickname);
            if let Some(quote) = reply {
                renew(quote.author, &mut quote.nickname);
            }
        }
        Content::Notice { subject, person: Some(person), .. } => renew(*person, subject),
        Content::Notice { .. } | Content::Change { .. } => {}
    }
}

/// What tells lines apart; a line whose look changes is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineKey {
    /// A day, as a number since 1970 in Seoul.
    Day(i64),
    /// The rule.
    Read,
    /// An entry, whether it follows another one, and the number of the last change that it shows.
    Entry(Seq, bool, Seq),
    /// A message that is not stored yet.
    Unsent(SendId),
}

impl Line {
    /// The names that it shows: it looks otherwise when they change.
    #[must_use]
    pub fn names(&self) -> String {
        match self {
            Self::Notice { subject, .. } => subject.clone(),
            Self::Said { message: Message { content: Content::Text { author, reply, .. }, .. }, .. } => {
                let quoted = reply.as_ref().map_or("", |quote| quote.nickname.as_str());
                format!("{} {quoted}", author.nickname)
            }
            _ => String::new(),
        }
    }

    /// What tells it apart.
    #[must_use]
    pub fn key(&self) -> LineKey {
        match self {
            Self::Day(at) => LineKey::Day(at.seoul().date.to_days()),
            Self::Read => LineKey::Read,
            Self::Notice { seq, .. } => LineKey::Entry(*seq, false, 0),
            Self::Said { message, next } => LineKey::Entry(message.seq, *next, shown_change(&message.content)),
        }
    }
}

/// What of a line is folded for somebody who blocks these people: what was said, and what it answers.
#[must_use]
pub fn folds(line: &Line, blocked: &[UserId]) -> (bool, bool) {
    let Line::Said { message: Message { content: Content::Text { author, reply, .. }, .. }, .. } = line else { return (false, false) };
    (blocked.contains(&author.id), reply.as_ref().is_some_and(|quote| blocked.contains(&quote.author)))
}

/// What the changes in a thread made of the entries they are about, as far as those do not show it already.
///
/// Changes stay in the thread for this: an entry that was read before them may come after them.
fn changed(thread: &[Message]) -> Changes<'_> {
    let mut changes: Changes = Vec::new();
    for message in thread {
        if let Content::Change { target, text } = &message.content {
            let change = (*target, message.seq, text.as_str());
            match changes.binary_search_by_key(target, |(target, ..)| *target) {
                // The thread is in order: the last one stays.
                Ok(place) => changes[place] = change,
                Err(place) => changes.insert(place, change),
            }
        }
    }
    changes
}

/// In the order of what they are about: the number of that entry, the change's own, and what it says now.
type Changes<'a> = Vec<(Seq, Seq, &'a str)>;

/// What became of an entry after the change that it shows already.
fn change_of<'a>(changes: &Changes<'a>, target: Seq, shown: Seq) -> Option<(Seq, &'a str)> {
    let place = changes.binary_search_by_key(&target, |(target, ..)| *target).ok()?;
    let (_, seq, text) = changes[place];
    (seq > shown).then_some((seq, text))
}

/// An entry as it is now.
fn renewed(message: &Message, changes: &Changes) -> Message {
    let mut message = message.clone();
    if let Content::Text { text, pictures, reply, changed, .. } = &mut message.content {
        if let Some((seq, new)) = change_of(changes, message.seq, *changed) {
            (*text, *changed) = (new.to_owned(), seq);
            if text.is_empty() {
                pictures.0.clear();
            }
        }
        if let Some(quote) = reply
            && let Some((seq, new)) = change_of(changes, quote.seq, quote.changed)
        {
            (quote.text, quote.changed) = (excerpt(new), seq);
        }
    }
    message
}

/// Shows in a thread what a change that does not stand in it made of an entry.
pub fn renew(thread: &mut [Message], target: Seq, seq: Seq, text: &str) {
    let changes = vec![(target, seq, text)];
    thread.iter_mut().for_each(|message| *message = renewed(message, &changes));
}

/// The last change that an entry shows: its own, or that of what it answers.
fn shown_change(content: &Content) -> Seq {
    match content {
        Content::Text { reply, changed, .. } => reply.as_ref().map_or(0, |quote| quote.changed).max(*changed),
        _ => 0,
    }
}

/// The lines of a thread for somebody who had read it up to `read` when they opened it.
#[must_use]
pub fn lines(thread: &[Message], me: UserId, read: Seq) -> Vec<Line> {
    let mut lines = Vec::with_capacity(thread.len() + 4);
    let mut before: Option<&Message> = None;
    let is_new = |message: &Message| matches!(&message.content, Content::Text { author, .. } if author.id != me) && message.seq > read;
    // Nothing above it is shown, so there is nothing to end with the rule.
    let mut is_marked = read == 0 || thread.first().is_none_or(|first| first.seq > read);
    let changes = changed(thread);
    for message in thread.iter().filter(|message| !matches!(message.content, Content::Change { .. })) {
        let day = message.at.seoul().date;
        let is_new_day = before.is_none_or(|before| before.at.seoul().date != day);
        if is_new_day {
            lines.push(Line::Day(message.at));
        }
        let marks = !is_marked && is_new(message);
        if marks {
            lines.push(Line::Read);
            is_marked = true;
        }
        match &message.content {
            Content::Change { .. } => {}
            Content::Notice { notice, subject, .. } => {
                lines.push(Line::Notice { seq: message.seq, notice: *notice, subject: subject.clone() });
            }
            Content::Text { author, .. } => {
                let next = !is_new_day
                    && !marks
                    && before.is_some_and(|before| {
                        matches!(&before.content, Content::Text { author: last, .. } if last.id == author.id)
                            && message.at - before.at < TOGETHER
                    });
                lines.push(Line::Said { message: renewed(message, &changes), next });
            }
        }
        before = Some(message);
    }
    lines
}

/// How far each of the people in a room has read. They are few enough to be looked through.
pub type Reads = Vec<(UserId, Seq)>;

/// How many of the people in a room have not read an entry.
#[must_use]
pub fn unread_by(reads: &Reads, seq: Seq) -> usize {
    reads.iter().filter(|(_, read)| *read < seq).count()
}

/// Somebody who is in the room has read up to here.
pub fn raise(reads: &mut Reads, user: UserId, seq: Seq) {
    if let Some((_, read)) = reads.iter_mut().find(|(known, _)| *known == user) {
        *read = seq.max(*read);
    }
}

/// Moves the read positions that an entry itself proves: who writes has read what stands before.
pub fn note_author(reads: &mut Reads, message: &Message) {
    if let Content::Text { author, .. } = &message.content {
        raise(reads, author.id, message.seq);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::chat::model::{Author, Quote};
    use crate::shared::images::Pictures;
    use proptest::prelude::*;
    use uuid::Uuid;

    const ME: UserId = UserId(Uuid::from_u128(1));

    fn said(seq: Seq, author: u128, minute: i64) -> Message {
        let author = Author { id: UserId(Uuid::from_u128(author)), nickname: author.to_string() };
        let content = Content::Text {
            author,
            send_id: SendId(Uuid::from_u128(seq as u128)),
            text: seq.to_string(),
            pictures: Pictures::default(),
            reply: None,
            changed: 0,
        };
        Message { seq, said: seq, at: Timestamp(1_778_554_800_000) + Span::minutes(minute), content }
    }

    #[test]
    fn a_long_thread_keeps_its_end() {
        let mut thread = Vec::new();
        for seq in 1..=1_000 {
            merge(&mut thread, [said(seq, 1, seq)]);
            let before = thread.len();
            if is_long(&thread) {
                shorten(&mut thread);
                assert_eq!((before, thread.len()), (2 * KEPT + 1, KEPT));
            }
            assert!(thread.len() <= 2 * KEPT && thread.last().is_some_and(|last| last.seq == seq));
            assert!(thread.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1));
        }
    }

    #[test]
    fn people_are_called_what_they_are_called_now_wherever_they_stand() {
        let (one, other) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let mut answer = said(2, 1, 1);
        if let Content::Text { reply, .. } = &mut answer.content {
            *reply = Some(Quote { seq: 1, author: other, nickname: "2".to_owned(), text: "1".to_owned(), changed: 0 });
        }
        let notice =
            |person| Message { content: Content::Notice { notice: NoticeCode::Left, subject: "2".to_owned(), person }, ..said(3, 0, 2) };
        let mut thread = vec![said(1, 2, 0), answer, notice(Some(other)), notice(None)];
        let names = [(other, "before".to_owned()), (other, "heron".to_owned())];
        let keys = |thread: &[Message]| lines(thread, one, 0).iter().map(Line::names).collect::<Vec<_>>();
        assert_eq!(keys(&thread), ["", "2 ", "1 2", "2", "2"]);
        thread.iter_mut().for_each(|message| call(message, &names));
        assert_eq!(keys(&thread), ["", "heron ", "1 heron", "heron", "2"]);
    }

    fn look(lines: &[Line]) -> String {
        lines
            .iter()
            .map(|line| match line {
                Line::Day(_) => "d".to_owned(),
                Line::Read => "r".to_owned(),
                Line::Notice { .. } => "n".to_owned(),
                Line::Said { message, next } => format!("{}{}", message.seq, if *next { "+" } else { "" }),
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn change(seq: Seq, target: Seq, text: &str) -> Message {
        Message { seq, said: target, at: Timestamp(1_778_554_800_000), content: Content::Change { target, text: text.to_owned() } }
    }

    #[test]
    fn changes_are_no_lines_and_are_seen_where_they_belong() {
        let mut answer = said(3, 2, 2);
        if let Content::Text { reply, .. } = &mut answer.content {
            *reply = Some(Quote { seq: 1, author: ME, nickname: "1".to_owned(), text: "1".to_owned(), changed: 0 });
        }
        // One that knows of a later change already is left as it is.
        let mut known = said(2, 2, 1);
        if let Content::Text { changed, .. } = &mut known.content {
            *changed = 9;
        }
        let thread = [said(1, 2, 0), known, answer, change(4, 1, "하나"), change(5, 2, "둘"), change(6, 1, "")];
        let lines = lines(&thread, ME, 0);
        assert_eq!(look(&lines), "d 1 2+ 3+");
        let shown: Vec<_> = lines
            .iter()
            .filter_map(|line| match line {
                Line::Said { message: Message { content: Content::Text { text, reply, changed, .. }, .. }, .. } => {
                    Some((text.as_str(), *changed, reply.as_ref().map(|quote| (quote.text.as_str(), quote.changed))))
                }
                _ => None,
            })
            .collect();
        assert_eq!(shown, [("", 6, None), ("2", 9, None), ("3", 0, Some(("", 6)))]);
        assert_eq!(
            lines.iter().map(Line::key).skip(1).collect::<Vec<_>>(),
            [LineKey::Entry(1, false, 6), LineKey::Entry(2, true, 9), LineKey::Entry(3, true, 6)]
        );
    }

    #[test]
    fn a_change_is_seen_also_where_the_thread_does_not_reach_to_it() {
        let mut answer = said(3, 2, 2);
        if let Content::Text { reply, .. } = &mut answer.content {
            *reply = Some(Quote { seq: 1, author: ME, nickname: "1".to_owned(), text: "1".to_owned(), changed: 0 });
        }
        let mut thread = vec![said(1, 2, 0), said(2, 2, 1), answer];
        renew(&mut thread, 1, 200, "하나");
        renew(&mut thread, 1, 150, "늦게 온 것");
        assert_eq!(thread.last().map(|last| last.seq), Some(3), "it goes on where it ended");
        assert_eq!(
            lines(&thread, ME, 0).iter().map(Line::key).skip(1).collect::<Vec<_>>(),
            [LineKey::Entry(1, false, 200), LineKey::Entry(2, true, 0), LineKey::Entry(3, true, 200)]
        );
        let Content::Text { text, .. } = &thread[0].content else { panic!("it was said") };
        assert_eq!(text, "하나");
    }

    #[test]
    fn lines_are_grouped_by_person_time_and_day() {
        let thread = [said(1, 2, 0), said(2, 2, 1), said(3, 1, 2), said(4, 2, 3), said(5, 2, 30), said(6, 2, 60 * 13)];
        assert_eq!(look(&lines(&thread, ME, 6)), "d 1 2+ 3 4 5 d 6");
    }

    #[test]
    fn the_rule_stands_before_the_first_unread_message_of_others() {
        let thread = [said(4, 2, 0), said(5, 1, 1), said(6, 2, 2), said(7, 2, 3)];
        assert_eq!(look(&lines(&thread, ME, 4)), "d 4 5 r 6 7+");
        assert_eq!(look(&lines(&thread, ME, 7)), "d 4 5 6 7+");
        // Never opened before, or everything shown is new.
        assert_eq!(look(&lines(&thread, ME, 0)), "d 4 5 6 7+");
        assert_eq!(look(&lines(&thread, ME, 3)), "d 4 5 6 7+");
    }

    #[test]
    fn unread_counts_down_and_authors_have_read() {
        let mut reads = vec![(ME, 0), (UserId(Uuid::from_u128(2)), 3)];
        assert_eq!((unread_by(&reads, 3), unread_by(&reads, 4)), (1, 2));
        note_author(&mut reads, &said(4, 1, 0));
        assert_eq!((unread_by(&reads, 3), unread_by(&reads, 4)), (0, 1));
    }

    proptest! {
        #[test]
        fn merging_in_any_order_with_repeats_gives_the_log(order in proptest::collection::vec(1_i64..40, 0..120)) {
            let mut thread = Vec::new();
            for seq in &order {
                merge(&mut thread, [said(*seq, 2, *seq)]);
            }
            let mut expected = order;
            expected.sort_unstable();
            expected.dedup();
            prop_assert_eq!(thread.iter().map(|message| message.seq).collect::<Vec<_>>(), expected);
        }
    }
}
