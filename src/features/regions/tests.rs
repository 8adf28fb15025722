//! Choosing a 동, through the router.

use super::api::{LocateRegion, SearchRegions};
use crate::on_both;

on_both! {
    async fn a_region_is_found_by_name_and_by_position(app: TestApp) {
        let visitor = app.visitor();
        let found = visitor.ask(SearchRegions { query: "제주 용담".to_owned() }).await.expect("found");
        assert!(!found.is_empty() && found.iter().all(|region| region.district.starts_with("제주")), "{found:?}");
        assert_eq!(visitor.ask(SearchRegions { query: "yeonnam".to_owned() }).await.expect("found")[0].name, "연남동");
        let here = visitor.call(LocateRegion { latitude: 37_562_700, longitude: 126_925_600 }).await.expect("an answer");
        assert_eq!(here.map(|region| region.name).as_deref(), Some("연남동"));
    }

    async fn nonsense_finds_nothing(app: TestApp) {
        let visitor = app.visitor();
        for query in ["", "   ", "%", "<script>", &"가".repeat(1_000)] {
            assert_eq!(visitor.ask(SearchRegions { query: query.to_owned() }).await, Ok(vec![]), "{query}");
        }
        assert_eq!(visitor.call(LocateRegion { latitude: 0, longitude: 0 }).await, Ok(None));
        assert_eq!(visitor.call(LocateRegion { latitude: i32::MIN, longitude: i32::MAX }).await, Ok(None));
    }
}
