//! Reporting, through the router.

use super::api::{ReadReportable, Report};
use super::model::ReportForm;
use super::store::newest;
use crate::features::parties::tests::{open, order};
use crate::on_both;
use crate::shared::error::AppError;
use crate::shared::ids::PartyId;
use crate::testing::{Actor, TestApp};
use uuid::Uuid;

async fn report(actor: &Actor, party: PartyId, reason: &str, text: &str) -> Result<(), AppError> {
    actor.call(Report { form: ReportForm { party: Some(party), reason: reason.to_owned(), text: text.to_owned() } }).await
}

async fn lines(app: &TestApp) -> Vec<String> {
    let mut conn = app.state.db.read().await.expect("a connection");
    newest(&mut conn).await.expect("a list").iter().map(ToString::to_string).collect()
}

on_both! {
    async fn a_report_reaches_those_who_run_the_server_once(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, order()).await;
        assert_eq!(report(&jun, party, "spam", "광고").await, Ok(()));
        assert_eq!(report(&jun, party, "other", "두 줄\n\u{1b}[2J").await, Ok(()));
        let said = lines(&app).await;
        assert_eq!(said.len(), 1, "saying it again says it better: {said:?}");
        assert!(said[0].ends_with(&format!("party {party} \"반반 치킨 같이 시켜요\": other, by jun: 두 줄  [2J")), "{}", said[0]);
    }

    async fn only_what_others_opened_is_reported_and_not_without_end(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, order()).await;
        assert_eq!(report(&mina, party, "spam", "").await, Err(AppError::NotFound));
        assert_eq!(mina.ask(ReadReportable { party }).await.map(drop), Err(AppError::NotFound));
        assert_eq!(app.visitor().ask(ReadReportable { party }).await.map(drop), Err(AppError::SignInRequired));
        assert_eq!(jun.ask(ReadReportable { party }).await.map(|what| what.is_reported), Ok(false));
        let page = format!("/report/{party}");
        assert_eq!((mina.get(&page).await.status.as_u16(), app.visitor().get(&page).await.status.as_u16()), (404, 401));
        assert_eq!(report(&jun, PartyId(Uuid::now_v7()), "spam", "").await, Err(AppError::NotFound));
        assert_eq!(report(&app.visitor(), party, "spam", "").await, Err(AppError::SignInRequired));
        assert!(matches!(report(&jun, party, "because", "").await, Err(AppError::Invalid(_))));
        for _ in 0..19 {
            assert_eq!(report(&jun, party, "abuse", "").await, Ok(()));
        }
        assert!(matches!(report(&jun, party, "abuse", "").await, Err(AppError::SlowDown { .. })));
        assert_eq!(lines(&app).await.len(), 1);
        assert_eq!(jun.ask(ReadReportable { party }).await.map(|what| what.is_reported), Ok(true));
    }
}
