//! What the page of a room shows: entries merged in order, grouped, with the rules between them.

use super::model::{Content, Message, NoticeCode};
use crate::shared::ids::{SendId, Seq, UserId};
use crate::shared::time::{Span, Timestamp};
use std::collections::BTreeMap;

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

/// Whether something is missing between a thread and an entry that follows it.
#[must_use]
pub fn is_gap(thread: &[Message], next: Seq) -> bool {
    thread.last().is_some_and(|last| next > last.seq + 1)
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

/// What tells lines apart; a line whose look changes is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineKey {
    /// A day, as a number since 1970 in Seoul.
    Day(i64),
    /// The rule.
    Read,
    /// An entry, and whether it follows another one.
    Entry(Seq, bool),
    /// A message that is not stored yet.
    Unsent(SendId),
}

impl Line {
    /// What tells it apart.
    #[must_use]
    pub fn key(&self) -> LineKey {
        match self {
            Self::Day(at) => LineKey::Day(at.seoul().date.to_days()),
            Self::Read => LineKey::Read,
            Self::Notice { seq, .. } => LineKey::Entry(*seq, false),
            Self::Said { message, next } => LineKey::Entry(message.seq, *next),
        }
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
    for message in thread {
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
        lines.push(match &message.content {
            Content::Notice { notice, subject } => Line::Notice { seq: message.seq, notice: *notice, subject: subject.clone() },
            Content::Text { author, .. } => {
                let next = !is_new_day
                    && !marks
                    && before.is_some_and(|before| {
                        matches!(&before.content, Content::Text { author: last, .. } if last.id == author.id)
                            && message.at - before.at < TOGETHER
                    });
                Line::Said { message: message.clone(), next }
            }
        });
        before = Some(message);
    }
    lines
}

/// How many of the people in a room have not read an entry, by their read positions.
#[must_use]
pub fn unread_by(reads: &BTreeMap<UserId, Seq>, seq: Seq) -> usize {
    reads.values().filter(|read| **read < seq).count()
}

/// Moves the read positions that an entry itself proves: who writes has read what stands before.
pub fn note_author(reads: &mut BTreeMap<UserId, Seq>, message: &Message) {
    if let Content::Text { author, .. } = &message.content
        && let Some(read) = reads.get_mut(&author.id)
    {
        *read = message.seq.max(*read);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::chat::model::Person;
    use proptest::prelude::*;
    use uuid::Uuid;

    const ME: UserId = UserId(Uuid::from_u128(1));

    fn said(seq: Seq, author: u128, minute: i64) -> Message {
        let author = Person { id: UserId(Uuid::from_u128(author)), nickname: author.to_string() };
        let content = Content::Text { author, send_id: SendId(Uuid::from_u128(seq as u128)), text: seq.to_string(), reply: None };
        Message { seq, said: seq, at: Timestamp(1_778_554_800_000) + Span::minutes(minute), content }
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
        let mut reads = BTreeMap::from([(ME, 0), (UserId(Uuid::from_u128(2)), 3)]);
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
