//! The short-term forecast of the Korean Meteorological Administration (기상청 단기예보, `getVilageFcst`):
//! <https://www.data.go.kr/data/15084084/openapi.do>, whose guide (기상청41_단기예보 조회서비스_오픈API활용가이드) says all that follows.

mod grid;

use super::model::{Amount, Precipitation, Sky, Source, Weather};
use super::provider::{Place, Provider, amount, humidity, temperature, wind};
use crate::shared::time::{Date, Span, Timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;
use url::Url;

/// The first forecast of a day, at this hour; the others follow every [`EVERY`] hours, the last one at 23.
const FIRST: u8 = 2;
const EVERY: u8 = 3;
const LAST: u8 = 23;
/// A forecast begins with the hour after the one that it is called after. It can be had ten minutes after that one, so whichever says
/// something of an hour can be had in all of it.
const BEGINS_AFTER: Span = Span::hours(1);
/// Seven hours: the one that it is now is at most the sixth of the forecast before the newest. Each has at most 14 values.
const ROWS: &str = "98";
/// 정상: all is well.
const NORMAL: &str = "00";
/// `NODATA_ERROR`: there is no such forecast, mostly because it is late.
const NO_DATA: &str = "03";
/// 강수없음: nothing falls.
const NOTHING: &str = "\u{ac15}\u{c218}\u{c5c6}\u{c74c}";
/// 미만: less than.
const BELOW: &str = "\u{bbf8}\u{b9cc}";
/// 이상: at least.
const AT_LEAST: &str = "\u{c774}\u{c0c1}";

/// Asks the Korean Meteorological Administration.
pub struct Kma {
    /// The address of the service.
    pub url: Url,
    /// The operator's key, not encoded.
    pub key: String,
}

#[derive(Deserialize)]
struct Answer<B> {
    response: Response<B>,
}

#[derive(Deserialize)]
struct Response<B> {
    header: Header,
    body: Option<B>,
}

#[derive(Deserialize)]
struct Header {
    #[serde(rename = "resultCode")]
    code: String,
}

#[derive(Deserialize)]
struct Body {
    items: Items,
}

#[derive(Deserialize)]
struct Items {
    item: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    category: String,
    #[serde(rename = "fcstDate")]
    date: String,
    #[serde(rename = "fcstTime")]
    time: String,
    #[serde(rename = "fcstValue")]
    value: String,
}

impl Provider for Kma {
    fn source(&self) -> Source {
        Source::Kma
    }

    fn address(&self, place: Place, now: Timestamp) -> Option<Url> {
        self.address_of(place, newest(now))
    }

    fn instead(&self, place: Place, now: Timestamp, answer: &[u8]) -> Option<Url> {
        let Answer { response } = serde_json::from_slice::<Answer<IgnoredAny>>(answer).ok()?;
        let before = newest(now - Span::hours(EVERY.into()));
        (response.header.code == NO_DATA).then(|| self.address_of(place, before))?
    }

    fn read(&self, answer: &[u8], now: Timestamp) -> Option<Weather> {
        // Refusals, of a wrong key for example, come with the status of success, and mostly as XML.
        let Answer { response } = serde_json::from_slice::<Answer<Body>>(answer).ok()?;
        let items = response.body.filter(|_| response.header.code == NORMAL)?.items.item;
        // A forecast of an hour that is said in part is not made whole by another hour's.
        let at = if says_something(&items, now) { now } else { now + Span::hours(1) };
        weather_at(&items, at)
    }
}

impl Kma {
    /// The address of a day's forecast of an hour.
    fn address_of(&self, place: Place, (date, hour): (Date, u8)) -> Option<Url> {
        let (x, y) = grid::cell(place.latitude(), place.longitude())?;
        let mut url = self.url.join("getVilageFcst").ok()?;
        url.query_pairs_mut()
            .append_pair("serviceKey", &self.key)
            .append_pair("dataType", "JSON")
            .append_pair("pageNo", "1")
            .append_pair("numOfRows", ROWS)
            .append_pair("base_date", &digits(date))
            .append_pair("base_time", &format!("{hour:02}00"))
            .append_pair("nx", &x.to_string())
            .append_pair("ny", &y.to_string());
        Some(url)
    }
}

/// The day and hour of the newest forecast that can be had and says something of the hour of a moment. The next one, which comes out in
/// the middle of an hour, says nothing of that.
fn newest(now: Timestamp) -> (Date, u8) {
    let latest = (now - BEGINS_AFTER).seoul();
    match latest.hour.checked_sub(FIRST) {
        Some(since) => (latest.date, FIRST + since / EVERY * EVERY),
        None => (Date::from_days(latest.date.to_days() - 1), LAST),
    }
}

/// The day and the hour of a moment, as forecasts write them.
fn hour_of(at: Timestamp) -> (String, String) {
    let at = at.seoul();
    (digits(at.date), format!("{:02}00", at.hour))
}

/// Whether anything is said of the hour of a moment.
fn says_something(items: &[Item], at: Timestamp) -> bool {
    let (date, time) = hour_of(at);
    items.iter().any(|item| item.date == date && item.time == time)
}

/// `20260512`
fn digits(date: Date) -> String {
    date.iso().replace('-', "")
}

/// What is said of the hour of a moment, if all of it is.
fn weather_at(items: &[Item], at: Timestamp) -> Option<Weather> {
    let (date, time) = hour_of(at);
    let value = |category: &str| {
        let item = items.iter().find(|item| item.category == category && item.date == date && item.time == time)?;
        Some(item.value.trim())
    };
    let number = |category: &str| value(category)?.parse::<f64>().ok();
    let precipitation = match value("PTY")? {
        "0" => Precipitation::None,
        "1" => Precipitation::Rain,
        "2" => Precipitation::Sleet,
        "3" => Precipitation::Snow,
        "4" => Precipitation::Shower,
        _ => return None,
    };
    let amount = match precipitation {
        Precipitation::None => Amount::None,
        _ => amount_of(value("PCP")?)?,
    };
    Some(Weather {
        temperature: temperature(number("TMP")?)?,
        wind: wind(number("WSD")?)?,
        sky: match value("SKY")? {
            "1" => Sky::Clear,
            "3" => Sky::Cloudy,
            "4" => Sky::Overcast,
            _ => return None,
        },
        precipitation,
        amount,
        humidity: humidity(number("REH")?)?,
        source: Source::Kma,
    })
}

/// What `PCP` says: `강수없음`, `1mm 미만`, `6.2mm`, `30.0~50.0mm`, `50.0mm 이상`; `-`, `null` and `0` for nothing.
fn amount_of(text: &str) -> Option<Amount> {
    let number = |text: &str| amount(text.trim().trim_end_matches("mm").trim_end().parse().ok()?);
    Some(match text {
        NOTHING | "" | "-" | "null" | "0" => Amount::None,
        _ => match (text.strip_suffix(BELOW), text.strip_suffix(AT_LEAST), text.split_once('~')) {
            (Some(bound), ..) => Amount::Below(number(bound)?),
            (_, Some(bound), _) => Amount::AtLeast(number(bound)?),
            (.., Some((least, most))) => Amount::Between(number(least)?, number(most)?),
            _ => Amount::About(number(text)?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kma() -> Kma {
        Kma { url: Url::parse("https://kma.example/service/").expect("an address"), key: "a+b/c==".to_owned() }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_local(text).expect("a moment")
    }

    #[test]
    fn the_newest_forecast_that_says_something_of_this_hour_is_asked_for() {
        for (now, date, hour) in [
            ("2026-05-12T00:00", "20260511", 23),
            ("2026-05-12T02:10", "20260511", 23),
            // That of 2 o'clock is out and begins with the next hour.
            ("2026-05-12T02:59", "20260511", 23),
            ("2026-05-12T03:00", "20260512", 2),
            ("2026-05-12T05:59", "20260512", 2),
            ("2026-05-12T06:00", "20260512", 5),
            ("2026-05-12T12:00", "20260512", 11),
            ("2026-05-12T23:59", "20260512", 20),
            ("2026-01-01T00:05", "20251231", 23),
            ("2024-03-01T01:59", "20240229", 23),
        ] {
            let (day, base) = newest(at(now));
            assert_eq!((digits(day).as_str(), base), (date, hour), "{now}");
        }
    }

    #[test]
    fn the_address_says_when_and_where() {
        let url = kma().address(Place::at(37.5636, 126.98), at("2026-05-12T00:30")).expect("in Korea");
        assert_eq!(
            url.as_str(),
            "https://kma.example/service/getVilageFcst?serviceKey=a%2Bb%2Fc%3D%3D&dataType=JSON&pageNo=1&numOfRows=98\
             &base_date=20260511&base_time=2300&nx=60&ny=127"
        );
        assert_eq!(kma().address(Place::at(48.86, 2.35), at("2026-05-12T00:30")), None, "Paris is not in the grid");
    }

    #[test]
    fn amounts_are_read_as_they_are_written() {
        for (text, amount) in [
            ("강수없음", Amount::None),
            ("-", Amount::None),
            ("0", Amount::None),
            ("1mm 미만", Amount::Below(10)),
            ("1.0mm 미만", Amount::Below(10)),
            ("6.2mm", Amount::About(62)),
            ("30.0~50.0mm", Amount::Between(300, 500)),
            ("30.0mm~50.0mm", Amount::Between(300, 500)),
            ("50.0mm 이상", Amount::AtLeast(500)),
        ] {
            assert_eq!(amount_of(text), Some(amount), "{text}");
        }
        for text in ["많음", "mm", "~", "NaNmm", "infmm", "-3mm", "1e9mm", "미만"] {
            assert_eq!(amount_of(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_amount_is_too_strange(text in "\\PC{0,20}|[0-9.~m]{0,8}( ?(미만|이상))?") {
            let _ = amount_of(&text);
        }

        #[test]
        fn a_forecast_is_out_and_says_something_of_now(minutes in 0i64..50_000_000) {
            let now = Timestamp(minutes * 60_000);
            let age = |(date, hour): (Date, u8)| now - Timestamp::from_seoul(date, hour, 0);
            prop_assert!((BEGINS_AFTER..Span::hours(4)).contains(&age(newest(now))), "{:?}", age(newest(now)));
            let before = newest(now - Span::hours(EVERY.into()));
            prop_assert_eq!(age(before).0, age(newest(now)).0 + Span::hours(EVERY.into()).0);
            // The hours from its first to this one, and the next.
            let hours = age(before).0 / Span::hours(1).0 + 1;
            prop_assert!(hours * 14 <= ROWS.parse::<i64>().expect("a number"), "{hours}");
        }
    }
}
