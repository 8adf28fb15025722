//! How often one person may do something at parties: most deeds are entries of a room and notices, and make phones ring.

use crate::features::accounts::auth::Member;
use crate::server::rate_limit::Limit;
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::ids::{PartyId, UserId};
use crate::shared::time::Span;

/// What one person may do at all parties: more than anybody does by hand.
pub const DEEDS: Limit = Limit { name: "deeds", attempts: 60, window: Span::minutes(10) };
/// How often one person may come, or ask to, to the same party: who comes and goes rings at everybody's there.
pub const COMINGS: Limit = Limit { name: "comings", attempts: 6, window: Span::minutes(10) };

/// Counts something that a person does at a party.
///
/// # Errors
/// [`AppError::SlowDown`]
pub fn deed(state: &AppState, member: &Member) -> Result<(), AppError> {
    state.limiter.attempt(DEEDS, &member.id().to_string(), state.now())
}

/// Counts that a person comes to a party, asks to or gets in line.
///
/// # Errors
/// [`AppError::SlowDown`]
pub fn coming(state: &AppState, member: &Member, party: PartyId) -> Result<(), AppError> {
    deed(state, member)?;
    state.limiter.attempt(COMINGS, &at(member.id(), party), state.now())
}

/// One person at one party.
#[must_use]
pub fn at(user: UserId, party: PartyId) -> String {
    format!("{user} {party}")
}
