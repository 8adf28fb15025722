//! Tests against the embedded data.

use std::time::{Duration, Instant};

use super::{romanize::romanized, *};

fn labels(query: &str, limit: usize) -> Vec<String> {
    let found = search(query, limit);
    found.iter().map(|region| format!("{} {}", region.district, region.name)).collect()
}

fn first(query: &str) -> String {
    labels(query, 1).pop().unwrap_or_default()
}

fn label_at(lat: f64, lon: f64) -> String {
    let region = locate(lat, lon).expect("a region");
    format!("{} {}", region.district, region.name)
}

#[test]
fn every_level_is_complete() {
    assert_eq!(provinces().len(), 17);
    let districts: Vec<_> = provinces().iter().flat_map(|(code, _)| districts(*code)).collect();
    assert_eq!(districts.len(), 252);
    let units = districts.iter().map(|(code, _)| in_district(*code));
    let sizes: Vec<usize> = units.map(|units| units.len()).collect();
    assert!(sizes.iter().all(|size| *size > 0));
    assert_eq!(sizes.iter().sum::<usize>(), 5_025);
}

#[test]
fn codes_lead_from_unit_to_district_to_province() {
    for (province, name) in provinces() {
        assert!((10..100).contains(&province) && !name.is_empty());
        for (district, _) in districts(province) {
            let label = district_name(district).expect("a known district");
            for region in in_district(district) {
                assert_eq!(region.code.district(), district);
                assert_eq!(region.code.0 / 1_000_000, province);
                assert_eq!(region.district, label);
                assert_eq!(find(region.code), Some(region));
            }
        }
    }
}

#[test]
fn unknown_codes_give_nothing() {
    for code in [0, 1, 99_999_999, 11_440_000, u32::MAX] {
        assert_eq!(find(RegionCode(code)), None);
        assert_eq!(centre(RegionCode(code)), None);
        assert_eq!(district_name(DistrictCode(code)), None);
        assert!(in_district(DistrictCode(code)).is_empty());
        assert!(districts(code).is_empty());
    }
}

#[test]
fn names_are_those_of_today() {
    let known = provinces();
    for (code, name) in [(11, "서울특별시"), (51, "강원특별자치도"), (52, "전북특별자치도")] {
        assert!(known.contains(&(code, name.to_owned())));
    }
    for (code, name) in [
        (11_290, "서울 성북구"),
        (27_720, "대구 군위군"),
        (28_177, "인천 미추홀구"),
        (36_110, "세종시"),
        (41_111, "경기 수원시 장안구"),
        (41_463, "경기 용인시 기흥구"),
        (43_112, "충북 청주시 서원구"),
    ] {
        assert_eq!(district_name(DistrictCode(code)).as_deref(), Some(name));
    }
    assert!(search("청원군", 10).is_empty());
    assert_eq!(first("북문로2가"), "충북 청주시 상당구 북문로2가");
}

#[test]
fn finds_names() {
    assert_eq!(first("연남동"), "서울 마포구 연남동");
    assert_eq!(first("연남"), "서울 마포구 연남동");
    assert_eq!(first("조치원"), "세종시 조치원읍");
    let yongdam = labels("용담", 20);
    for name in ["제주 제주시 용담일동", "제주 제주시 용담이동", "전북 진안군 용담면"] {
        assert!(yongdam.contains(&name.to_owned()), "{name} in {yongdam:?}");
    }
    // Names without further syllables come first.
    assert_eq!(yongdam[0], "충북 청주시 상당구 용담동");
}

#[test]
fn places_narrow_the_search() {
    for query in ["제주 용담", "용담 제주", "제주특별자치도 용담", "제주시 용담", "제주용담", "jeju yongdam"] {
        let found = labels(query, 10);
        assert_eq!(found.len(), 3, "{query}: {found:?}");
        assert!(found.iter().all(|label| label.starts_with("제주 제주시 용담")));
    }
    for query in ["서울특별시 마포구 연남동", "서울 마포 연남", "서울마포구 연남", "서울마포구연남동", "마포연남동"]
    {
        assert_eq!(labels(query, 10), ["서울 마포구 연남동"], "{query}");
    }
    for (short, long) in [("경남", "경상남도"), ("전북", "전라북도"), ("강원", "강원도")] {
        assert_eq!(search(short, 10_000).len(), search(long, 10_000).len(), "{short}");
    }
    assert_eq!(search("제주시", 1_000).len(), in_district(DistrictCode(50_110)).len());
    assert_eq!(first("덕양구"), "경기 고양시 덕양구 주교동");
}

#[test]
fn finds_while_typing() {
    for query in ["ㅇ", "요", "용", "용ㄷ", "용다", "용담", "용담ㅇ", "용담이", "용담일"] {
        let found = labels(query, 5_025);
        assert!(found.iter().any(|label| label == "제주 제주시 용담일동"), "{query}");
    }
    for query in ["연나", "연남ㄷ", "연남도", "ㅇㄴㄷ", "연ㄴㄷ", "여ㄴㄷ", "\u{110B}\u{1167}\u{11AB}나"] {
        let found = labels(query, 5_025);
        let expected = query != "여ㄴㄷ";
        let present = found.iter().any(|label| label == "서울 마포구 연남동");
        assert_eq!(present, expected, "{query}");
    }
    // Two consonants that an input method joined.
    assert_eq!(search("ㄳㄷ", 5_025), search("ㄱㅅㄷ", 5_025));
    assert_eq!(first("여의도도"), "서울 영등포구 여의도동");
}

#[test]
fn finds_romanised_names() {
    for (query, label) in [
        ("yeonnam", "서울 마포구 연남동"),
        ("Yeonnam-dong", "서울 마포구 연남동"),
        ("yeonnamdong", "서울 마포구 연남동"),
        ("YONNAM", "서울 마포구 연남동"),
        ("yeonn", "서울 마포구 연남동"),
        ("sillim", "서울 관악구 신림동"),
        ("seoul sinrim", "서울 관악구 신림동"),
        ("apkujung", ""),
        ("apkujong", "서울 강남구 압구정동"),
        ("seoul gangnam yeoksam", "서울 강남구 역삼동"),
        ("jongno5ga", "서울 종로구 종로5가"),
    ] {
        assert_eq!(first(query), label, "{query}");
    }
    for (query, label) in [
        ("yongdam", "제주 제주시 용담일동"),
        ("sinchon", "서울 서대문구 신촌동"),
        ("shinchon", "서울 서대문구 신촌동"),
        ("namdong", "서울 마포구 연남동"),
    ] {
        assert!(labels(query, 200).contains(&label.to_owned()), "{query}");
    }
}

#[test]
fn romanises_as_pronounced() {
    for (name, roman) in [
        ("왕십리", "wangsimni"),
        ("독립문", "dongnimmun"),
        ("신림동", "sillimdong"),
        ("종로", "jongno"),
        ("한남동", "hannamdong"),
        ("압구정동", "apgujeongdong"),
        ("신북면", "sinbukmyeon"),
        ("연곡읍", "yeongokeup"),
        ("설악면", "seorakmyeon"),
        ("성수동2가", "seongsudong2ga"),
    ] {
        assert_eq!(romanized(name), roman, "{name}");
    }
}

#[test]
fn numbered_offices_lead_to_their_region() {
    assert_eq!(first("역삼1동"), "서울 강남구 역삼동");
    assert_eq!(first("서울 신림2동"), "서울 관악구 신림동");
    assert_eq!(labels("제주 용담1동", 10).len(), 3);
}

#[test]
fn exact_names_come_first() {
    let found = search("신사동", 50);
    assert_eq!(found.iter().filter(|region| region.name == "신사동").count(), 2);
    assert!(found[..2].iter().all(|region| region.name == "신사동"));
    assert!(found[..2].is_sorted_by_key(|region| region.code));
    // Then names that begin with the query, then those that contain it.
    let begins: Vec<bool> = search("중앙", 50).iter().map(|region| region.name.starts_with("중앙")).collect();
    assert!(begins[0] && begins.is_sorted_by_key(|begins| !begins), "{begins:?}");
}

#[test]
fn limits_hold() {
    assert_eq!(search("서울", 7).len(), 7);
    assert!(search("서울", 0).is_empty());
    assert!(!search("서", usize::MAX).is_empty());
    assert!(search(&"서".repeat(51), 10).is_empty());
    assert!(search(&"a".repeat(1_000_000), 10).is_empty());
}

#[test]
fn garbage_finds_nothing() {
    for query in [
        "",
        " ",
        "   \t\n",
        "없는동네이름",
        "qwxzqwxz",
        "!!!",
        "'",
        "--",
        "%_%",
        "<script>",
        "🙂",
        "연남🙂",
        "\0",
        "\u{202E}",
        "ᄀ\u{11FF}",
        "a b c d e f g h",
    ] {
        assert!(search(query, 10).is_empty(), "{query:?}: {:?}", labels(query, 3));
    }
}

#[test]
fn locates_known_positions() {
    for (lat, lon, label) in [
        (37.5627, 126.9256, "서울 마포구 연남동"),
        (37.5663, 126.9779, "서울 중구 태평로1가"),
        (33.5104, 126.4914, "제주 제주시 용담이동"),
        (33.4587, 126.9427, "제주 서귀포시 성산읍"),
        (36.6424, 127.4890, "충북 청주시 상당구 북문로3가"),
        (36.4800, 127.2890, "세종시 보람동"),
        // 독도, 울릉도, 백령도, 마라도.
        (37.2415, 131.8655, "경북 울릉군 울릉읍"),
        (37.4845, 130.9057, "경북 울릉군 울릉읍"),
        (37.9670, 124.6640, "인천 옹진군 백령면"),
        (33.1170, 126.2680, "제주 서귀포시 대정읍"),
    ] {
        assert_eq!(label_at(lat, lon), label);
    }
}

#[test]
fn positions_at_sea_belong_to_the_nearest_region() {
    // The middle of 광안대교, some way off the shore.
    assert!(label_at(35.1450, 129.1280).starts_with("부산 "));
    assert!(label_at(33.5600, 126.4900).starts_with("제주 제주시"));
    for (lat, lon) in [(35.6762, 139.6503), (39.0194, 125.7381), (34.0, 129.9), (0.0, 0.0)] {
        assert_eq!(locate(lat, lon), None);
    }
}

#[test]
fn impossible_positions_give_nothing() {
    let values = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -91.0, 181.0, 37.5627];
    for lat in values {
        for lon in values {
            assert_eq!(locate(lat, lon), None);
        }
    }
    assert_eq!(locate(126.9256, 37.5627), None);
    assert_eq!(locate(90.0, 180.0), None);
}

#[test]
fn centres_lie_in_their_own_region() {
    let own = |unit: &&Unit| {
        let (lat, lon) = centre(unit.code).expect("a centre");
        locate(lat, lon).is_some_and(|found| found.code == unit.code)
    };
    let count = ATLAS.units.iter().filter(own).count();
    assert!(count * 1_000 >= ATLAS.units.len() * 999, "{count} of {}", ATLAS.units.len());
}

#[test]
fn every_region_is_found_by_its_full_name() {
    for unit in ATLAS.units.iter().step_by(7) {
        let view = ATLAS.view(unit);
        let query = format!("{} {}", view.district, view.name);
        assert_eq!(search(&query, 1), [view], "{query}");
    }
}

#[test]
fn damaged_data_is_refused() {
    let bytes = include_bytes!("../../../../data/regions/regions.bin");
    for length in (0..bytes.len()).step_by(99_991) {
        assert!(Atlas::decode(&bytes[..length]).is_none());
    }
    let mut longer = bytes.to_vec();
    longer.push(0);
    assert!(Atlas::decode(&longer).is_none());
    for position in (0..4_000).step_by(171) {
        let mut changed = bytes.to_vec();
        changed[position] ^= 0xA5;
        // Whatever comes out, it comes without a panic.
        let _ = Atlas::decode(&changed);
    }
}

#[test]
fn arbitrary_queries_and_positions_are_answered() {
    let alphabet: Vec<char> = "가연남동용담ㄱㅇㄴㄷㅏㄳㅘ서울제주 -'1a한eoYng,🙂\u{1100}\u{11A8}".chars().collect();
    // A linear congruential generator: the same queries every time.
    let mut state = 20_230_915_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for _ in 0..60 {
        let length = random(12);
        let query: String = (0..length).map(|_| alphabet[random(alphabet.len())]).collect();
        assert!(search(&query, 5).len() <= 5);
        // In and around the country.
        let lat = 32.0 + random(8_000) as f64 / 1_000.0;
        let lon = 123.0 + random(10_000) as f64 / 1_000.0;
        if let Some(region) = locate(lat, lon) {
            assert_eq!(find(region.code), Some(region));
        }
    }
}

/// The bound is loose enough for an unoptimised build on a busy machine.
#[test]
fn the_worst_queries_are_bounded() {
    LazyLock::force(&ATLAS);
    for query in ["ㅇ ㄱ ㄷ ㅅ ㅈ", "없는동네이름열두자임", "a o e n g", "서울 서울시 동 구 ㄱ"] {
        let start = Instant::now();
        assert!(search(query, 20).len() <= 20);
        assert!(start.elapsed() < Duration::from_secs(2), "{query}: {:?}", start.elapsed());
    }
}
