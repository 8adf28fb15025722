//! `/meals/:id/bill.csv`: the bill of an order as a table, for those who sit there.

use super::{api, broken, export};
use crate::features::accounts::auth::Visit;
use crate::features::meals::model::BillView;
use crate::features::meals::store;
use crate::features::settlements::model::{Payment, Tab};
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::money::group;
use crate::shared::names::is_closed;
use crate::shared::text::{Lang, t_args_in, t_in};
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

/// Answers with the table.
pub async fn download(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let lang = visit.preferences.lang;
    match table(&state, &visit, &id, lang).await {
        Ok(table) => (export::head("text/csv; charset=utf-8", "bill.csv"), table).into_response(),
        Err(error) if api::accepts_html(&headers) => broken::refusal(&state, lang, &error),
        Err(error) => api::refuse(&error),
    }
}

async fn table(state: &AppState, visit: &Visit, id: &str, lang: Lang) -> Result<Vec<u8>, AppError> {
    if let Some(trouble) = &visit.trouble {
        return Err(trouble.clone());
    }
    let member = visit.member.as_ref().ok_or(AppError::SignInRequired)?;
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    let view = store::bill(&mut state.db.read().await?, id, member, state.now()).await?;
    written(&view, lang).map_err(|error| {
        tracing::error!(%error, "a bill could not be written as a table");
        AppError::Internal
    })
}

/// What begins a formula in some spreadsheet, also as East Asian keyboards write it:
/// <https://owasp.org/www-community/attacks/CSV_Injection>.
const FORMULAS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A text as a cell that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    if text.starts_with(FORMULAS) { format!("'{text}") } else { text.to_owned() }
}

/// What everybody orders, what is shared, and what each pays. Begins with the mark by which spreadsheets know UTF-8.
fn written(view: &BillView, lang: Lang) -> csv::Result<Vec<u8>> {
    let BillView { fee, bill, settlement, .. } = view;
    let say = |key: &str| t_in(lang, key);
    let name_of = |tab: &Tab| if is_closed(&tab.person.nickname) { say("accounts.closed") } else { tab.person.nickname.clone() };
    let mut table = csv::WriterBuilder::new().flexible(true).from_writer("\u{feff}".as_bytes().to_vec());
    let heads = ["settlements.csv.person", "settlements.csv.what", "settlements.csv.price", "settlements.csv.count", "settlements.csv.sum"];
    table.write_record(heads.map(say))?;
    for tab in &bill.tabs {
        for item in &tab.items {
            let numbers = [item.price, item.count, item.sum()].map(|number| number.to_string());
            table.write_record([cell(&name_of(tab)), cell(&item.name)].into_iter().chain(numbers))?;
        }
    }
    let all = say("settlements.whom.all");
    let won = |amount: i64| t_args_in(lang, "settlements.won", &[("won", group(amount))]);
    let mut shared = |whom: &str, what: &str, sum: i64| table.write_record([&cell(whom), &cell(what), "", "", &sum.to_string()]);
    if bill.released > 0 {
        let host = bill.tabs.iter().find(|tab| tab.person.id == bill.host).map(&name_of).unwrap_or_default();
        shared(&host, &say("settlements.released"), bill.released)?;
    }
    let Some(settlement) = settlement else {
        shared(&all, &say("settlements.fee"), *fee)?;
        shared(&all, &say("settlements.sum"), bill.sum() + fee)?;
        return Ok(table.into_inner().map_err(csv::IntoInnerError::into_error)?);
    };
    shared(&all, &say("settlements.fee"), settlement.terms.as_ref().map_or(*fee, |terms| terms.fee))?;
    for extra in &settlement.extras {
        let whom = bill.tabs.iter().find(|tab| Some(tab.person.id) == extra.whom).map_or_else(|| all.clone(), &name_of);
        shared(&whom, &extra.label, extra.amount)?;
    }
    shared(&all, &say("settlements.receipt"), settlement.receipt)?;
    table.write_record([""])?;
    // Before the host has said how to settle, it is an estimate, and nobody owes anything.
    let is_expected = settlement.terms.is_none();
    let share = if is_expected { "settlements.csv.expected" } else { "settlements.csv.share" };
    table.write_record(["settlements.csv.person", share, "settlements.csv.state"].map(say))?;
    for tab in &bill.tabs {
        let Some(line) = settlement.of(tab.person.id) else { continue };
        let state = match line.payment {
            _ if is_expected => String::new(),
            Payment::Nothing => String::new(),
            Payment::Owed => say("settlements.payment.owed"),
            Payment::Differs(before) => t_args_in(lang, "settlements.payment.differs", &[("before", won(before))]),
            Payment::Elsewhere(before) => t_args_in(lang, "settlements.payment.elsewhere", &[("before", won(before))]),
            Payment::Sent => say("settlements.payment.sent"),
            Payment::Received => say("settlements.payment.received"),
        };
        table.write_record([cell(&name_of(tab)), line.amount.to_string(), state])?;
    }
    Ok(table.into_inner().map_err(csv::IntoInnerError::into_error)?)
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_text_is_a_formula() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("+82", "'+82"),
            ("-3", "'-3"),
            ("@sum", "'@sum"),
            ("\t=1", "'\t=1"),
            ("＝1", "'＝1"),
            ("콜라=1", "콜라=1"),
            ("", ""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
