//! What a host does with a party as a whole. What becomes of it by itself (it is full, a seat is freed, its deadline passes) is
//! settled with its seats.

use super::{ClosedBy, Stage, State};
use crate::features::chat::model::NoticeCode;
use crate::features::notices::model::NoticeKind;
use crate::shared::error::Conflict;
use State::{Cancelled, Closed, Ended, Open, UnderWay};

/// What the host does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Takes no more people.
    Close,
    /// Takes people again.
    Reopen,
    /// Has ordered.
    Order,
    /// Says that it has arrived.
    Arrive,
    /// Says that everybody has paid.
    Settle,
    /// Calls it off.
    Cancel,
}

/// A line of [`RULES`].
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What the host does.
    pub step: Step,
    /// In which states.
    pub from: &'static [State],
    /// What the party is then; `None`: what its seats and its deadline make of it.
    pub to: Option<State>,
    /// What its room hears; `None`: the room is closed.
    pub says: Option<NoticeCode>,
    /// What those at the table are told, wherever they are.
    pub tells: NoticeKind,
    /// What those who wait or have asked are told: they do so no longer. `None`: they go on.
    pub turns_away: Option<NoticeKind>,
}

// What its deadline alone has ended is closed: its host can say on the next day that it was ordered.
const GATHERING: &[State] = &[Open, Closed(ClosedBy::Full), Closed(ClosedBy::Deadline), Closed(ClosedBy::Host), Ended];
const CLOSED: &[State] = &[Closed(ClosedBy::Full), Closed(ClosedBy::Deadline), Closed(ClosedBy::Host), Ended];

/// All that a host does with a party as a whole: from where, to where, and who hears what. Nobody else does any of it.
#[rustfmt::skip]
pub const RULES: [Rule; 6] = [
    Rule { step: Step::Close, from: GATHERING, to: Some(Closed(ClosedBy::Host)),
           says: Some(NoticeCode::Closed), tells: NoticeKind::Closed, turns_away: None },
    Rule { step: Step::Reopen, from: GATHERING, to: None,
           says: Some(NoticeCode::Reopened), tells: NoticeKind::Reopened, turns_away: None },
    Rule { step: Step::Order, from: CLOSED, to: Some(UnderWay(Stage::Ordered)),
           says: Some(NoticeCode::Ordered), tells: NoticeKind::Ordered, turns_away: Some(NoticeKind::Closed) },
    Rule { step: Step::Arrive, from: &[UnderWay(Stage::Ordered)], to: Some(UnderWay(Stage::Arrived)),
           says: Some(NoticeCode::Arrived), tells: NoticeKind::Arrived, turns_away: None },
    Rule { step: Step::Settle, from: &[UnderWay(Stage::Arrived)], to: Some(UnderWay(Stage::Settled)),
           says: Some(NoticeCode::Settled), tells: NoticeKind::Settled, turns_away: None },
    Rule { step: Step::Cancel, from: GATHERING, to: Some(Cancelled),
           says: None, tells: NoticeKind::Cancelled, turns_away: Some(NoticeKind::Cancelled) },
];

/// How far a party is; what was called off is nowhere.
fn rank(state: State) -> usize {
    match state {
        Open | Cancelled => 0,
        Closed(_) | Ended => 1,
        UnderWay(stage) => 2 + stage as usize,
    }
}

impl Step {
    /// What holds for it.
    #[must_use]
    pub fn rule(self) -> &'static Rule {
        RULES.iter().find(|rule| rule.step == self).expect("every step has a rule")
    }

    /// The one that leads to a stage.
    #[must_use]
    pub const fn to(stage: Stage) -> Self {
        match stage {
            Stage::Ordered => Self::Order,
            Stage::Arrived => Self::Arrive,
            Stage::Settled => Self::Settle,
        }
    }

    /// Why it cannot be done in a state, if it cannot. Done twice it is done once.
    #[must_use]
    pub fn refusal(self, state: State) -> Option<Conflict> {
        let Rule { from, to, .. } = self.rule();
        if from.contains(&state) || *to == Some(state) {
            return None;
        }
        let is_early = state != Cancelled && from.iter().all(|from| rank(state) < rank(*from));
        Some(if is_early { Conflict::NotYet } else { state.ended().unwrap_or(Conflict::NotYet) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line: the state, and what each step is answered with, in the order of the rules. `-` is done.
    const ANSWERS: [(State, [&str; 6]); 9] = [
        (Open, ["-", "-", "not_yet", "not_yet", "not_yet", "-"]),
        (Closed(ClosedBy::Full), ["-", "-", "-", "not_yet", "not_yet", "-"]),
        (Closed(ClosedBy::Deadline), ["-", "-", "-", "not_yet", "not_yet", "-"]),
        (Closed(ClosedBy::Host), ["-", "-", "-", "not_yet", "not_yet", "-"]),
        (Ended, ["-", "-", "-", "not_yet", "not_yet", "-"]),
        (UnderWay(Stage::Ordered), ["ordered", "ordered", "-", "-", "not_yet", "ordered"]),
        (UnderWay(Stage::Arrived), ["ordered", "ordered", "ordered", "-", "-", "ordered"]),
        (UnderWay(Stage::Settled), ["settled", "settled", "settled", "settled", "-", "settled"]),
        (Cancelled, ["closed", "closed", "closed", "closed", "closed", "-"]),
    ];

    #[test]
    fn every_step_is_done_or_refused_in_every_state() {
        for (state, answers) in ANSWERS {
            let got = RULES.map(|rule| match rule.step.refusal(state) {
                None => "-",
                Some(Conflict::NotYet) => "not_yet",
                Some(Conflict::Ordered) => "ordered",
                Some(Conflict::Settled) => "settled",
                Some(Conflict::Closed) => "closed",
                Some(_) => "?",
            });
            assert_eq!(got, answers, "{state:?}");
        }
    }

    #[test]
    fn every_stage_is_stored_under_a_name_of_its_own() {
        for stage in Stage::ALL {
            assert_eq!(State::from_codes(stage.code(), None), Some(UnderWay(stage)));
            assert_eq!(Step::to(stage).rule().to, Some(UnderWay(stage)));
        }
        assert_eq!(State::from_codes("done", None), None);
    }
}
