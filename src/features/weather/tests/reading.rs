//! What providers are asked, and what is believed of what they say.

use super::peer::{KMA, KMA_REFUSAL, OPEN_METEO};
use crate::features::weather::kma::Kma;
use crate::features::weather::model::{Amount, Precipitation, Sky, Source, Weather};
use crate::features::weather::open_meteo::OpenMeteo;
use crate::features::weather::provider::{Place, Provider};
use crate::shared::time::Timestamp;
use crate::testing::YEONNAM;
use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

fn open_meteo() -> OpenMeteo {
    OpenMeteo { url: Url::parse("https://open-meteo.example/").expect("an address") }
}

fn kma() -> Kma {
    Kma { url: Url::parse("https://kma.example/").expect("an address"), key: "key".to_owned() }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_local(text).expect("a moment")
}

/// Open-Meteo's answer with other values.
fn changed(changes: &[(&str, Value)]) -> Option<Weather> {
    let mut answer: Value = serde_json::from_str(OPEN_METEO).expect("JSON");
    for (name, value) in changes {
        answer["current"][*name] = value.clone();
    }
    open_meteo().read(answer.to_string().as_bytes(), Timestamp(0))
}

#[test]
fn only_the_rounded_middle_of_a_region_is_told() {
    let url = open_meteo().address(Place::of(YEONNAM).expect("it exists"), Timestamp(0)).expect("everywhere");
    let asked: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let told = |name: &str| asked.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!((url.path(), told("latitude"), told("longitude")), ("/v1/forecast", Some("37.56"), Some("126.92")));
    assert_eq!(told("wind_speed_unit"), Some("ms"));
    assert_eq!(asked.len(), 4);
}

#[test]
fn open_meteo_tells_what_it_is_like_now() {
    let expected = Weather {
        temperature: 174,
        wind: 23,
        sky: Sky::Overcast,
        precipitation: Precipitation::Rain,
        // 0.3 mm in a quarter of an hour.
        amount: Amount::About(12),
        humidity: 86,
        source: Source::OpenMeteo,
    };
    assert_eq!(open_meteo().read(OPEN_METEO.as_bytes(), Timestamp(0)), Some(expected));
    let hourly = changed(&[("interval", json!(3600))]).expect("weather");
    assert_eq!(hourly.amount, Amount::About(3));
}

#[test]
fn codes_of_the_weather_become_what_falls() {
    let falls = |code: u8, more: &[(&str, Value)]| {
        let changes = [&[("weather_code", json!(code)), ("rain", json!(0.0))][..], more].concat();
        changed(&changes).map(|weather| weather.precipitation)
    };
    for (code, precipitation) in [
        (0, Precipitation::None),
        (3, Precipitation::None),
        (45, Precipitation::None),
        (51, Precipitation::Rain),
        (67, Precipitation::Rain),
        (73, Precipitation::Snow),
        (86, Precipitation::Snow),
        (80, Precipitation::Shower),
        (95, Precipitation::Shower),
    ] {
        assert_eq!(falls(code, &[]), Some(precipitation), "{code}");
    }
    assert_eq!(falls(71, &[("rain", json!(0.2)), ("snowfall", json!(0.1))]), Some(Precipitation::Sleet));
    assert_eq!(falls(4, &[]), None);
}

#[test]
fn amounts_fit_what_falls() {
    let amount = |changes: &[(&str, Value)]| changed(changes).expect("weather").amount;
    assert_eq!(amount(&[("precipitation", json!(0))]), Amount::Below(1));
    assert_eq!(amount(&[("weather_code", json!(2))]), Amount::None);
    assert_eq!(amount(&[("precipitation", Value::Null), ("showers", Value::Null)]), Amount::Below(1));
}

#[test]
fn the_sky_is_told_by_how_much_of_it_is_covered() {
    for (cover, sky) in [(0, Sky::Clear), (54, Sky::Clear), (55, Sky::Cloudy), (84, Sky::Cloudy), (85, Sky::Overcast), (100, Sky::Overcast)]
    {
        assert_eq!(changed(&[("cloud_cover", json!(cover))]).map(|weather| weather.sky), Some(sky), "{cover}");
    }
}

#[test]
fn what_cannot_be_is_not_believed() {
    for (name, value) in [
        ("temperature_2m", json!(17_400)),
        ("temperature_2m", Value::Null),
        ("temperature_2m", json!("warm")),
        ("wind_speed_10m", json!(-1)),
        ("relative_humidity_2m", json!(300)),
        ("cloud_cover", json!(101)),
        ("precipitation", json!(1e300)),
        ("weather_code", json!(1_000)),
        ("interval", json!(-900)),
    ] {
        assert_eq!(changed(&[(name, value.clone())]), None, "{name} {value}");
    }
    for garbage in ["", "{}", "null", "[]", "<html>", "{\"current\":{}}", "{\"error\":true,\"reason\":\"Too many requests\"}"] {
        assert_eq!(open_meteo().read(garbage.as_bytes(), Timestamp(0)), None, "{garbage}");
        assert_eq!(kma().read(garbage.as_bytes(), Timestamp(0)), None, "{garbage}");
    }
    let cut = |text: &'static str| text.as_bytes()[..text.len() / 2].to_vec();
    assert_eq!(open_meteo().read(&cut(OPEN_METEO), Timestamp(0)), None);
    assert_eq!(kma().read(&cut(KMA), at("2026-05-12T12:00")), None);
}

#[test]
fn the_hour_that_it_is_now_is_taken_from_a_forecast() {
    let noon = Weather {
        temperature: 170,
        wind: 15,
        sky: Sky::Overcast,
        precipitation: Precipitation::Rain,
        amount: Amount::Below(10),
        humidity: 85,
        source: Source::Kma,
    };
    let told = |now: &str| kma().read(KMA.as_bytes(), at(now));
    assert_eq!(told("2026-05-12T12:00"), Some(noon));
    assert_eq!(told("2026-05-12T12:59"), Some(noon));
    // It begins with the next hour.
    assert_eq!(told("2026-05-12T11:10"), Some(noon));
    let later = told("2026-05-12T13:00").expect("weather");
    assert_eq!((later.precipitation, later.amount, later.wind), (Precipitation::Shower, Amount::About(62), 24));
    let dry = told("2026-05-12T14:30").expect("weather");
    assert_eq!((dry.precipitation, dry.amount, dry.sky), (Precipitation::None, Amount::None, Sky::Cloudy));
    // It says nothing of these.
    assert_eq!(told("2026-05-12T16:00"), None);
    assert_eq!(told("2026-05-13T12:00"), None);
}

#[test]
fn refusals_and_gaps_of_a_forecast_are_no_weather() {
    let noon = at("2026-05-12T12:00");
    assert_eq!(kma().read(KMA_REFUSAL.as_bytes(), noon), None);
    let no_data = r#"{"response":{"header":{"resultCode":"03","resultMsg":"NO_DATA"}}}"#;
    assert_eq!(kma().read(no_data.as_bytes(), noon), None);
    for (from, to) in [
        ("\"resultCode\":\"00\"", "\"resultCode\":\"01\""),
        // Missing values.
        ("\"fcstValue\":\"17\"", "\"fcstValue\":\"-999\""),
        ("\"fcstValue\":\"85\"", "\"fcstValue\":\"-\""),
        ("\"fcstValue\":\"1mm 미만\"", "\"fcstValue\":\"조금\""),
    ] {
        let answer = KMA.replacen(from, to, 1);
        assert_ne!(answer, KMA);
        let told = kma().read(answer.as_bytes(), noon);
        assert_eq!(told, None, "{to}: the next hour is complete and another one");
    }
}

#[test]
fn a_forecast_that_is_late_leads_to_the_one_before() {
    let no_data = br#"{"response":{"header":{"resultCode":"03","resultMsg":"NO_DATA"}}}"#;
    let place = Place::of(YEONNAM).expect("it exists");
    let base = |url: Option<Url>| {
        let asked: Vec<(String, String)> = url.expect("an address").query_pairs().into_owned().collect();
        ["base_date", "base_time"].map(|name| asked.iter().find(|(known, _)| known == name).expect("it is said").1.clone())
    };
    for (now, date, hour) in [("2026-05-12T12:00", "20260512", "0800"), ("2026-05-12T03:30", "20260511", "2300")] {
        assert_eq!(base(kma().instead(place, at(now), no_data)), [date, hour], "{now}");
    }
    let noon = at("2026-05-12T12:00");
    assert_eq!(base(kma().address(place, noon)), ["20260512", "1100"]);
    for other in [KMA, KMA_REFUSAL, "", r#"{"response":{"header":{"resultCode":"30"}}}"#] {
        assert_eq!(kma().instead(place, noon, other.as_bytes()), None, "{other}");
    }
    assert_eq!(open_meteo().instead(place, noon, no_data), None);
}

/// JSON of the shape of an answer, with anything in it.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map("current|response|header|body|items|item|[a-z_0-9]{1,8}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_answer_is_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..400), now in any::<i64>()) {
        let _ = (open_meteo().read(&bytes, Timestamp(now)), kma().read(&bytes, Timestamp(now)));
    }

    #[test]
    fn no_json_is_too_strange(answer in anything()) {
        let text = answer.to_string();
        let _ = (open_meteo().read(text.as_bytes(), Timestamp(0)), kma().read(text.as_bytes(), Timestamp(0)));
    }

    #[test]
    fn no_value_is_too_strange(name in "temperature_2m|interval|precipitation|rain|weather_code|cloud_cover|wind_speed_10m|relative_humidity_2m", value in anything()) {
        if let Some(weather) = changed(&[(&name, value)]) {
            prop_assert!(weather.humidity <= 100);
        }
    }

    #[test]
    fn no_value_of_a_forecast_is_too_strange(category in "TMP|WSD|SKY|PTY|PCP|REH", value in "\\PC{0,12}|-?[0-9.]{0,6}") {
        let mut answer: Value = serde_json::from_str(KMA).expect("JSON");
        for item in answer["response"]["body"]["items"]["item"].as_array_mut().expect("a list") {
            if item["category"] == json!(category) {
                item["fcstValue"] = json!(value);
            }
        }
        if let Some(weather) = kma().read(answer.to_string().as_bytes(), at("2026-05-12T12:00")) {
            prop_assert!(weather.humidity <= 100);
        }
    }

    #[test]
    fn what_half_an_answer_says_is_nothing(cut in 1usize..OPEN_METEO.len() - 2) {
        prop_assert_eq!(open_meteo().read(&OPEN_METEO.as_bytes()[..cut], Timestamp(0)), None);
    }
}
