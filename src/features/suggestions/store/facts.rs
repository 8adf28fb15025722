//! What speaks for a menu.

use crate::features::accounts::store::is_secret_for;
use crate::features::meals::model::Category;
use crate::features::suggestions::scorer::{Facts, Near, Weather};
use crate::fetch_all;
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::{RegionCode, UserId};
use crate::shared::time::Timestamp;

/// Seats that count for what somebody likes: the newest.
const SEATS: i64 = 50;
/// Open orders that are looked at: those that close next.
const ORDERS: i64 = 100;

/// What speaks for a menu for somebody who lives there, now, with the weather around them where it is known.
///
/// # Errors
/// When the database fails.
pub async fn facts(
    conn: &mut Conn,
    user: UserId,
    region: Option<RegionCode>,
    weather: Option<Weather>,
    now: Timestamp,
) -> Result<Facts, AppError> {
    let clock = now.seoul();
    let near = match region {
        Some(region) => near(conn, region, user, now).await?,
        None => Vec::new(),
    };
    Ok(Facts { hour: clock.hour, month: clock.date.month, weather, past: past(conn, user).await?, near })
}

/// The kinds of food at the orders where somebody sat last, the most frequent first.
async fn past(conn: &mut Conn, user: UserId) -> Result<Vec<(Category, u32)>, AppError> {
    let rows: Vec<(String, i64)> = fetch_all!(
        conn,
        (String, i64),
        "select p.category, count(*) from
             (select party_id from party_members where user_id = $1 order by joined_at desc limit $2) m join parties p on p.id = m.party_id
         where p.kind = 'meal' and p.category is not null and p.state <> 'cancelled'
         group by p.category order by count(*) desc, p.category",
        user,
        SEATS
    )?;
    Ok(rows.into_iter().filter_map(|(code, count)| Some((Category::from_code(&code)?, u32::try_from(count).ok()?))).collect())
}

/// The open orders in a 동 at which somebody does not sit; the words of those that are kept from them say nothing for a menu.
async fn near(conn: &mut Conn, region: RegionCode, user: UserId, now: Timestamp) -> Result<Vec<Near>, AppError> {
    let rows: Vec<(String, String, String, bool)> = fetch_all!(
        conn,
        (String, String, String, bool),
        concat!(
            "select p.category, p.title, m.shop, ",
            is_secret_for!("$3"),
            " from parties p join meals m on m.party_id = p.id
         where p.kind = 'meal' and p.region = $1 and p.state = 'open' and p.soon_key > $2 and p.category is not null
           and not exists (select 1 from party_members pm where pm.party_id = p.id and pm.user_id = $3)
         order by p.soon_key, p.id limit $4"
        ),
        region,
        now,
        user,
        ORDERS
    )?;
    let one = |(code, title, shop, is_secret): (String, String, String, bool)| {
        let words = if is_secret { String::new() } else { format!("{title} {shop}") };
        Some(Near { category: Category::from_code(&code)?, words })
    };
    Ok(rows.into_iter().filter_map(one).collect())
}
