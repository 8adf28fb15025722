//! Time: stored in UTC, shown in Asia/Seoul (UTC+9, no daylight saving since 1988).

use serde::{Deserialize, Serialize};
use std::ops::{Add, Sub};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub i64);

impl Span {
    /// So many seconds.
    #[must_use]
    pub const fn seconds(n: i64) -> Self {
        Self(n * 1_000)
    }
    /// So many minutes.
    #[must_use]
    pub const fn minutes(n: i64) -> Self {
        Self::seconds(n * 60)
    }
    /// So many hours.
    #[must_use]
    pub const fn hours(n: i64) -> Self {
        Self::minutes(n * 60)
    }
    /// So many days of 24 hours.
    #[must_use]
    pub const fn days(n: i64) -> Self {
        Self::hours(n * 24)
    }
}

impl Add<Span> for Timestamp {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Sub for Timestamp {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Date {
    /// Year, 1–9999.
    pub year: i32,
    /// Month, 1–12.
    pub month: u8,
    /// Day of the month, 1–31.
    pub day: u8,
}

/// A moment as a clock in Seoul shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seoul {
    /// The day.
    pub date: Date,
    /// 0–23.
    pub hour: u8,
    /// 0–59.
    pub minute: u8,
    /// 0 for Sunday to 6 for Saturday.
    pub weekday: u8,
}

const SEOUL_OFFSET: Span = Span::hours(9);

impl Timestamp {
    /// As a clock in Seoul shows it.
    #[must_use]
    pub const fn seoul(self) -> Seoul {
        let minutes = (self.0.saturating_add(SEOUL_OFFSET.0)).div_euclid(60_000);
        let days = minutes.div_euclid(1_440);
        let of_day = minutes.rem_euclid(1_440);
        Seoul {
            date: Date::from_days(days),
            hour: (of_day / 60) as u8,
            minute: (of_day % 60) as u8,
            weekday: (days + 4).rem_euclid(7) as u8,
        }
    }

    /// For `<time datetime>`: ISO 8601 in Seoul's offset, to the minute.
    #[must_use]
    pub fn iso(self) -> String {
        let at = self.seoul();
        format!("{}T{:02}:{:02}+09:00", at.date.iso(), at.hour, at.minute)
    }

    /// The moment at which Seoul's clock shows this.
    #[must_use]
    pub const fn from_seoul(date: Date, hour: u8, minute: u8) -> Self {
        let minutes = date.to_days() * 1_440 + hour as i64 * 60 + minute as i64;
        Self(minutes * 60_000 - SEOUL_OFFSET.0)
    }

    /// Reads the value of `<input type="datetime-local">` (`2026-05-12T18:30`, seconds allowed) as Seoul's time.
    #[must_use]
    pub fn parse_local(text: &str) -> Option<Self> {
        let (date, time) = text.trim().split_once('T')?;
        let date = Date::parse(date)?;
        let mut parts = time.split(':');
        let hour: u8 = parts.next()?.parse().ok().filter(|h| *h < 24)?;
        let minute: u8 = parts.next()?.parse().ok().filter(|m| *m < 60)?;
        Some(Self::from_seoul(date, hour, minute))
    }

    /// The value for `<input type="datetime-local">` in Seoul's time.
    #[must_use]
    pub fn local(self) -> String {
        let at = self.seoul();
        format!("{}T{:02}:{:02}", at.date.iso(), at.hour, at.minute)
    }
}

impl Date {
    /// Reads `YYYY-MM-DD`; `None` for a day that does not exist.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().splitn(3, '-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if year.len() != 4 {
            return None;
        }
        let date = Self { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
        // Only a real day survives the way to a day number and back.
        let real =
            date.year >= 1 && (1..=12).contains(&date.month) && (1..=31).contains(&date.day) && Self::from_days(date.to_days()) == date;
        real.then_some(date)
    }

    /// `YYYY-MM-DD`.
    #[must_use]
    pub fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// Full years from this day to `today`, as Korean law counts an international age.
    #[must_use]
    pub const fn years_until(self, today: Self) -> i32 {
        let before = today.month < self.month || (today.month == self.month && today.day < self.day);
        today.year - self.year - before as i32
    }

    /// Days since 1970-01-01. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
    #[must_use]
    pub const fn to_days(self) -> i64 {
        let year = self.year as i64 - (self.month <= 2) as i64;
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let shifted = (self.month as i64 + 9) % 12;
        let of_year = (153 * shifted + 2) / 5 + self.day as i64 - 1;
        let of_era_days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        era * 146_097 + of_era_days - 719_468
    }

    /// The inverse of [`Date::to_days`]. Source: the same, `civil_from_days`.
    #[must_use]
    pub const fn from_days(days: i64) -> Self {
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = (of_year - (153 * shifted + 2) / 5 + 1) as u8;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 } as u8;
        let year = year_of_era + era * 400 + (month <= 2) as i64;
        Self { year: year as i32, month, day }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_day_number_and_its_date_agree(days in -700_000i64..2_900_000) {
            prop_assert_eq!(Date::from_days(days).to_days(), days);
        }

        #[test]
        fn local_text_survives_the_way_out_and_back(minutes in 0i64..4_000_000_000 / 60) {
            let at = Timestamp(minutes * 60_000);
            prop_assert_eq!(Timestamp::parse_local(&at.local()), Some(at));
        }
    }

    #[test]
    fn a_known_moment_reads_right_in_seoul() {
        let at = Timestamp(1_778_578_200_000).seoul();
        assert_eq!((at.date.iso().as_str(), at.hour, at.minute, at.weekday), ("2026-05-12", 18, 30, 2));
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in ["2026-02-29", "2026-13-01", "2026-00-10", "26-01-01", "", "x", "2026-1-", "-001-01-01"] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert!(Date::parse("2024-02-29").is_some());
    }

    #[test]
    fn an_age_grows_on_the_birthday() {
        let born = Date { year: 2012, month: 11, day: 20 };
        assert_eq!(born.years_until(Date { year: 2026, month: 11, day: 19 }), 13);
        assert_eq!(born.years_until(Date { year: 2026, month: 11, day: 20 }), 14);
    }
}
