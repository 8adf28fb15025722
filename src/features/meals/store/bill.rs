//! The bill of an order.

use crate::features::accounts::auth::Member;
use crate::features::meals::model::BillView;
use crate::features::settlements;
use crate::fetch_optional;
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::PartyId;
use crate::shared::time::Timestamp;

/// The bill of an order, for somebody who sits there.
///
/// # Errors
/// As [`settlements::store::bill`].
pub async fn bill(conn: &mut Conn, id: PartyId, member: &Member, now: Timestamp) -> Result<BillView, AppError> {
    let bill = settlements::store::bill(conn, id, member, now).await?;
    let costs: Option<(i64, i64)> = fetch_optional!(conn, (i64, i64), "select minimum, fee from meals where party_id = $1", id)?;
    let (minimum, fee) = costs.ok_or(AppError::NotFound)?;
    let settlement = settlements::store::settlement(conn, &bill, fee).await?;
    Ok(BillView { now, minimum, fee, bill, settlement })
}
