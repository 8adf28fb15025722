//! Schools, through the router.

use super::api::ListSchools;
use crate::on_both;

on_both! {
    async fn schools_stand_in_the_order_of_the_readers_language(app: TestApp) {
        let visitor = app.visitor();
        let korean = visitor.ask(ListSchools {}).await.expect("a list");
        assert!(korean.is_sorted_by_key(|school| school.name.clone()));
        visitor.set_cookie("moim_lang", Some("en"));
        let english = visitor.ask(ListSchools {}).await.expect("a list");
        assert!(english.is_sorted_by_key(|school| school.english.clone()) && english.len() == korean.len());
    }
}
