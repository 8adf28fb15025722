//! Who pays what: whole won, and always exactly what was paid to the shop.
//!
//! Each pays for their own things, a part of the fee, and what the host has added or taken off for them or for all. Nobody pays
//! less than nothing: what somebody could not use of a discount is shared equally by the others. What is then less than a won is
//! collected: whoever comes nearest to the next won pays it, the host first among equals, then the others in the order in which they
//! sat down. All of it is counted in fractions with one denominator, so nothing depends on the order in which things are entered.

use crate::shared::ids::UserId;
use serde::{Deserialize, Serialize};

/// How the fee is split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Everybody at the table the same; for people whom the host brought, the host pays.
    #[default]
    Equal,
    /// By what each orders; equally where nobody orders anything.
    ByItems,
}

impl Split {
    /// How it is stored and written in forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::ByItems => "by_items",
        }
    }

    /// The inverse of [`Split::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Equal, Self::ByItems].into_iter().find(|split| split.code() == code)
    }
}

/// Somebody who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payer {
    /// Who.
    pub id: UserId,
    /// Their place among equals: the host has 0, the others follow in the order of sitting down.
    pub place: usize,
    /// For how many people they pay a part of what is shared: one, and those they brought along.
    pub heads: i64,
    /// What their own things cost, in won.
    pub items: i64,
}

/// Something that the host has added (a tip) or taken off (a coupon, below zero), in won.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extra {
    /// For whom; for all where nobody is named.
    pub whom: Option<UserId>,
    /// How much.
    pub amount: i64,
}

/// What somebody pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Who.
    pub id: UserId,
    /// Won, never below 0.
    pub amount: i64,
    /// Whether it has a won in it that could not be split.
    pub is_rounded_up: bool,
}

/// Those who pay, from those who sit there, in the order of sitting down, with what their own things cost. People from outside are
/// paid for by whoever brought them along, as long as they sit there, and by the host otherwise.
#[must_use]
pub fn payers(people: &[(UserId, i64)], host: UserId, outside: i32, outside_of: Option<UserId>) -> Vec<Payer> {
    let with = outside_of.filter(|with| people.iter().any(|(id, _)| id == with)).unwrap_or(host);
    (1..)
        .zip(people)
        .map(|(place, (id, items))| Payer {
            id: *id,
            place: if *id == host { 0 } else { place },
            heads: 1 + if *id == with { i64::from(outside) } else { 0 },
            items: *items,
        })
        .collect()
}

/// What was paid to the shop: all things, the fee and all extras, in won. Extras of people who are not at the table are nobody's.
#[must_use]
pub fn receipt(payers: &[Payer], fee: i64, extras: &[Extra]) -> i64 {
    payers.iter().map(|payer| payer.items).sum::<i64>() + fee + ours(payers, extras).map(|extra| extra.amount).sum::<i64>()
}

fn ours(payers: &[Payer], extras: &[Extra]) -> impl Iterator<Item = Extra> {
    extras.iter().copied().filter(|extra| extra.whom.is_none_or(|whom| payers.iter().any(|payer| payer.id == whom)))
}

/// What each pays, in the order of their places. The amounts add up to [`receipt`]. `None` when that is less than nothing, or when
/// there is nobody.
#[must_use]
pub fn shares(payers: &[Payer], fee: i64, split: Split, extras: &[Extra]) -> Option<Vec<Share>> {
    let total = i128::from(receipt(payers, fee, extras));
    if payers.is_empty() || total < 0 {
        return None;
    }
    let mut payers = payers.to_vec();
    payers.sort_by_key(|payer| payer.place);
    let heads: i128 = payers.iter().map(|payer| i128::from(payer.heads)).sum();
    let items: i128 = payers.iter().map(|payer| i128::from(payer.items)).sum();
    let by_items = split == Split::ByItems && items > 0;
    let for_all = i128::from(extras.iter().filter(|extra| extra.whom.is_none()).map(|extra| extra.amount).sum::<i64>());
    // One denominator for all fractions.
    let unit = heads * items.max(1);
    let owed: Vec<i128> = payers
        .iter()
        .map(|payer| {
            let own: i64 = extras.iter().filter(|extra| extra.whom == Some(payer.id)).map(|extra| extra.amount).sum();
            let (fee_by_items, equally) = if by_items { (i128::from(fee), for_all) } else { (0, for_all + i128::from(fee)) };
            (i128::from(payer.items) + i128::from(own)) * unit
                + fee_by_items * i128::from(payer.items) * heads
                + equally * i128::from(payer.heads) * (unit / heads)
        })
        .collect();
    let (level, payers_left) = level(&owed, total * unit);
    // What each pays in `unit * payers_left`ths of a won.
    let whole = unit * payers_left;
    let parts: Vec<i128> = owed.iter().map(|owed| (owed * payers_left - level).max(0)).collect();
    let mut rest = total - parts.iter().map(|part| part / whole).sum::<i128>();
    let mut nearest: Vec<usize> = (0..parts.len()).collect();
    nearest.sort_by_key(|at| (-(parts[*at] % whole), *at));
    let mut shares: Vec<Share> = payers
        .iter()
        .zip(&parts)
        .map(|(payer, part)| Share { id: payer.id, amount: i64::try_from(part / whole).unwrap_or(i64::MAX), is_rounded_up: false })
        .collect();
    for at in nearest {
        if rest == 0 {
            break;
        }
        shares[at].amount += 1;
        shares[at].is_rounded_up = true;
        rest -= 1;
    }
    Some(shares)
}

/// How much is taken off everybody so that those below zero pay nothing and all the same it adds up to `total`: the amount,
/// multiplied by how many pay something, and that number.
fn level(owed: &[i128], total: i128) -> (i128, i128) {
    let mut most_first = owed.to_vec();
    most_first.sort_by_key(|owed| -owed);
    let (mut sum, mut found) = (0, (0, 1));
    for (n, owed) in (1..).zip(most_first) {
        sum += owed;
        // Whoever is at or below the level pays nothing, and neither do those after them.
        if n > 1 && owed * n <= sum - total {
            break;
        }
        found = (sum - total, n);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::payers as payers_of;
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn id(n: usize) -> UserId {
        UserId(Uuid::from_u128(n as u128 + 1))
    }

    fn payers(items: &[i64]) -> Vec<Payer> {
        items.iter().enumerate().map(|(n, items)| Payer { id: id(n), place: n, heads: 1, items: *items }).collect()
    }

    fn amounts(shares: &[Share]) -> Vec<i64> {
        shares.iter().map(|share| share.amount).collect()
    }

    fn extra(whom: Option<usize>, amount: i64) -> Extra {
        Extra { whom: whom.map(id), amount }
    }

    #[test]
    fn a_fee_that_cannot_be_split_is_carried_by_the_host() {
        let shares = shares(&payers(&[10_000, 8_000, 6_000]), 3_500, Split::Equal, &[]).expect("shares");
        assert_eq!(amounts(&shares), [11_167, 9_167, 7_166]);
        assert_eq!(shares.iter().map(|share| share.is_rounded_up).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn a_fee_by_items_is_carried_by_whoever_is_nearest() {
        let shares = shares(&payers(&[1_000, 1_000, 4_000]), 1_000, Split::ByItems, &[]).expect("shares");
        // 166⅔, 166⅔ and 666⅔: the host and the next among equals.
        assert_eq!(amounts(&shares), [1_167, 1_167, 4_666]);
        assert_eq!(
            amounts(&super::shares(&payers(&[0, 0]), 1_001, Split::ByItems, &[]).expect("shares")),
            [501, 500],
            "nothing was ordered"
        );
    }

    #[test]
    fn the_host_pays_for_those_who_came_along() {
        let mut payers = payers(&[5_000, 5_000]);
        payers[0].heads = 3;
        assert_eq!(amounts(&shares(&payers, 4_000, Split::Equal, &[]).expect("shares")), [8_000, 6_000]);
    }

    #[test]
    fn guests_are_paid_for_by_who_brought_them() {
        let people = [(id(0), 5_000), (id(1), 5_000), (id(2), 0)];
        let heads =
            |of: Option<UserId>| payers_of(&people, id(1), 2, of).iter().map(|payer| (payer.place, payer.heads)).collect::<Vec<_>>();
        assert_eq!(heads(None), [(1, 1), (0, 3), (3, 1)], "they are the host's");
        assert_eq!(heads(Some(id(0))), [(1, 3), (0, 1), (3, 1)], "they are somebody's who was the host before");
        assert_eq!(heads(Some(id(9))), heads(None), "who has brought them is not there any more");
    }

    #[test]
    fn extras_are_shared_or_somebodys() {
        let extras = [extra(None, -3_000), extra(Some(1), 500), extra(Some(9), -9_999)];
        let all = payers(&[10_000, 10_000, 10_000]);
        assert_eq!(receipt(&all, 3_000, &extras), 30_500, "nobody's extra counts for nobody");
        assert_eq!(amounts(&shares(&all, 3_000, Split::Equal, &extras).expect("shares")), [10_000, 10_500, 10_000]);
    }

    #[test]
    fn what_somebody_cannot_use_of_a_discount_is_the_others() {
        let all = payers(&[10_000, 1_000, 5_000]);
        assert_eq!(amounts(&shares(&all, 0, Split::Equal, &[extra(Some(1), -3_000)]).expect("shares")), [9_000, 0, 4_000]);
        // It reaches the next one as well.
        let all = payers(&[10_000, 0, 500]);
        assert_eq!(amounts(&shares(&all, 0, Split::Equal, &[extra(Some(1), -3_000)]).expect("shares")), [7_500, 0, 0]);
        assert_eq!(amounts(&shares(&payers(&[100, 0]), 0, Split::Equal, &[extra(None, -100)]).expect("shares")), [0, 0]);
        assert_eq!(shares(&payers(&[100, 0]), 0, Split::Equal, &[extra(None, -101)]), None, "a shop pays nobody");
        assert_eq!(shares(&[], 100, Split::Equal, &[]), None);
    }

    prop_compose! {
        fn tables()(people in 1usize..=30)(
            items in proptest::collection::vec(prop_oneof![Just(0i64), 0i64..=1_000, 0i64..=50_000, Just(30 * 99 * 1_000_000)], people..=people),
            outside in 0i64..=5,
            fee in prop_oneof![Just(0i64), 0i64..=10, 0i64..=1_000_000],
            by_items in any::<bool>(),
            extras in proptest::collection::vec((proptest::option::of(0..people + 1), -20_000i64..=20_000), 0..=20),
        ) -> (Vec<Payer>, i64, Split, Vec<Extra>) {
            let mut payers = payers(&items);
            payers[0].heads += outside;
            let extras = extras.into_iter().map(|(whom, amount)| extra(whom, amount)).collect();
            (payers, fee, if by_items { Split::ByItems } else { Split::Equal }, extras)
        }
    }

    proptest! {
        #[test]
        fn shares_add_up_to_the_receipt_to_the_won((payers, fee, split, extras) in tables()) {
            let total = receipt(&payers, fee, &extras);
            match shares(&payers, fee, split, &extras) {
                Some(shares) => prop_assert_eq!(shares.iter().map(|share| share.amount).sum::<i64>(), total),
                None => prop_assert!(total < 0),
            }
        }

        #[test]
        fn nobody_pays_less_than_nothing((payers, fee, split, extras) in tables()) {
            for share in shares(&payers, fee, split, &extras).into_iter().flatten() {
                prop_assert!(share.amount >= 0);
            }
        }

        #[test]
        fn nothing_depends_on_the_order_of_entering(
            (((payers, fee, split, extras), other), more) in tables().prop_flat_map(|table| {
                let (payers, extras) = (table.0.clone(), table.3.clone());
                ((Just(table), Just(payers).prop_shuffle()), Just(extras).prop_shuffle())
            })
        ) {
            prop_assert_eq!(shares(&other, fee, split, &more), shares(&payers, fee, split, &extras));
        }

        #[test]
        fn equals_pay_the_same_but_for_a_won((payers, fee, split, extras) in tables()) {
            let shares = shares(&payers, fee, split, &extras).unwrap_or_default();
            let own = |at: usize| extras.iter().filter(|extra| extra.whom == Some(payers[at].id)).map(|extra| extra.amount).sum::<i64>();
            for (a, one) in shares.iter().enumerate().skip(1) {
                for (b, other) in shares.iter().enumerate().skip(a + 1) {
                    if payers[a].items == payers[b].items && own(a) == own(b) {
                        prop_assert!((0..=1).contains(&(one.amount - other.amount)), "the first among equals carries it");
                    }
                }
            }
        }
    }
}
