//! Asking the model, and passing on what it says: to the pages of whoever asked as it comes, and into the database now and then, so that
//! a page that is opened meanwhile shows what there is.

use super::answers::clean;
use super::menus::all;
use super::scorer::{Facts, Falls};
use super::store::{self, End};
use crate::features::meals::model::Category;
use crate::server::completions::{Patience, Role, Trouble, Turn};
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::ids::{QuestionId, UserId};
use crate::shared::text::lang;
use crate::shared::time::{Span, Timestamp};
use crate::t;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Longest answer, in characters.
const MAX_ANSWER: usize = 4_000;
/// Pages are told this often at most.
const TELL_EVERY: Duration = Duration::from_millis(250);
/// What has come is kept this often at most, and even if nothing has come after [`SIGN_EVERY`], as a sign that it is still waited for.
const KEEP_EVERY: Duration = Duration::from_secs(1);
const SIGN_EVERY: Duration = Duration::from_secs(5);
/// What a slow database may add before a question counts as broken off.
const SLACK: Span = Span::seconds(10);

/// Until when a question that is asked now may wait without a sign.
#[must_use]
pub fn until(patience: Patience, now: Timestamp) -> Timestamp {
    let longest = patience.first.as_millis().max(SIGN_EVERY.as_millis());
    now + Span(i64::try_from(longest).unwrap_or(i64::MAX / 2)) + SLACK
}

/// What the model is told: how things are, which menus there are, what was said before, and the question. Nothing of it says who asks,
/// or where.
#[must_use]
pub fn turns(facts: &Facts, before: Vec<(String, String)>, question: &str) -> Vec<Turn> {
    let mut turns = vec![Turn { role: Role::System, content: briefing(facts) }];
    for (question, answer) in before {
        turns.push(Turn { role: Role::User, content: question });
        turns.push(Turn { role: Role::Assistant, content: answer });
    }
    turns.push(Turn { role: Role::User, content: question.to_owned() });
    turns
}

fn briefing(facts: &Facts) -> String {
    let mut lines = vec![t!("suggestions.model.task"), t!("suggestions.model.now", month = facts.month, hour = facts.hour)];
    let weather = facts.weather.unwrap_or_default();
    lines.extend(weather.temperature.map(|degrees| t!("suggestions.model.temperature", degrees = degrees.round())));
    lines.extend(weather.falls.map(|falls| match falls {
        Falls::Rain => t!("suggestions.model.rain"),
        Falls::Sleet => t!("suggestions.model.sleet"),
        Falls::Snow => t!("suggestions.model.snow"),
        Falls::Shower => t!("suggestions.model.shower"),
    }));
    lines.extend(weather.wind.map(|wind| t!("suggestions.model.wind", speed = wind.round())));
    let kinds = |kinds: Vec<(Category, usize)>| {
        kinds.into_iter().map(|(category, count)| format!("{} {count}", category.label())).collect::<Vec<_>>().join(", ")
    };
    let past: Vec<_> = facts.past.iter().map(|(category, count)| (*category, *count as usize)).collect();
    if !past.is_empty() {
        lines.push(t!("suggestions.model.past", kinds = kinds(past)));
    }
    let open = |category: &Category| facts.near.iter().filter(|near| near.category == *category).count();
    let near: Vec<_> = Category::ALL.into_iter().map(|category| (category, open(&category))).filter(|(_, count)| *count > 0).collect();
    if !near.is_empty() {
        lines.push(t!("suggestions.model.near", kinds = kinds(near)));
    }
    lines.push(t!("suggestions.model.menus"));
    for category in Category::ALL {
        let names: Vec<&str> = all().iter().filter(|menu| menu.category == category).map(|menu| menu.name(lang())).collect();
        lines.push(format!("{}: {}", category.label(), names.join(", ")));
    }
    lines.join("\n")
}

/// Asks, and passes on what comes, to its end or until nobody wants it any more.
pub async fn answer(state: AppState, user: UserId, question: QuestionId, turns: Vec<Turn>) {
    let mut text = String::new();
    let outcome = pass_on(&state, user, question, &turns, &mut text).await;
    let is_blank = text.trim().is_empty();
    let end = match outcome {
        // It was forgotten meanwhile: there is nothing to write down.
        Ok(false) => return state.hub.suggested(user, question, String::new(), true),
        // Whoever asked has nothing of it, such as of thoughts that came to its bound before they were said.
        Ok(true) | Err(Failure::Model(Trouble::Cut)) if is_blank => End::Failed,
        Ok(true) => End::Whole,
        Err(Failure::Model(Trouble::Cut)) => End::Cut,
        Err(Failure::Model(_) | Failure::Database) => End::Failed,
    };
    if is_blank {
        text.clear();
    }
    if let Err(error) = finish(&state, question, &text, end).await {
        // Its time runs out, and it counts as broken off.
        tracing::warn!(%error, "how an answer to a question about menus has ended could not be written down");
    }
    state.hub.suggested(user, question, text, true);
}

enum Failure {
    Model(Trouble),
    /// Its cause is in the log.
    Database,
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Model(trouble)
    }
}

impl From<AppError> for Failure {
    fn from(_: AppError) -> Self {
        Self::Database
    }
}

/// Whether the answer is whole; `false` when it was forgotten meanwhile.
async fn pass_on(state: &AppState, user: UserId, question: QuestionId, turns: &[Turn], text: &mut String) -> Result<bool, Failure> {
    let model = state.completions.as_ref().ok_or(Trouble::LeftAlone)?;
    let mut answer = model.ask(turns, state.clock.clone()).await?;
    let mut ticks = interval(TELL_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // What comes first is kept at once, and before it is told: whoever has heard of it finds it.
    let (mut told, mut kept, mut kept_at) = (0, 0, Instant::now());
    loop {
        tokio::select! {
            words = answer.next() => {
                let Some(words) = words? else { return Ok(true) };
                text.push_str(&clean(&words));
                if let Some((end, _)) = text.char_indices().nth(MAX_ANSWER) {
                    text.truncate(end);
                    return Err(Trouble::Cut.into());
                }
            }
            _ = ticks.tick() => {
                let due = match kept {
                    _ if text.len() == kept => SIGN_EVERY,
                    0 => Duration::ZERO,
                    _ => KEEP_EVERY,
                };
                if kept_at.elapsed() >= due {
                    (kept, kept_at) = (text.len(), Instant::now());
                    let mut tx = state.db.begin().await?;
                    let is_wanted = store::keep(&mut tx, question, text, until(model.patience(), state.now())).await?;
                    tx.commit_unseen().await?;
                    if !is_wanted {
                        return Ok(false);
                    }
                }
                if text.len() > told {
                    told = text.len();
                    state.hub.suggested(user, question, text.clone(), false);
                }
            }
        }
    }
}

async fn finish(state: &AppState, question: QuestionId, text: &str, end: End) -> Result<(), AppError> {
    let mut tx = state.db.begin().await?;
    store::end(&mut tx, question, text, end).await?;
    tx.commit_unseen().await
}
