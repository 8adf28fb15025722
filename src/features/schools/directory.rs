//! The schools that ship with the application: `data/schools.csv`.

use super::model::SchoolView;
use crate::shared::text::Lang;
use std::sync::LazyLock;

/// A school of the starter list.
#[derive(Clone, Copy, Debug)]
pub struct School {
    /// How accounts refer to it; never changes.
    pub id: &'static str,
    name: &'static str,
    english: &'static str,
}

static SCHOOLS: LazyLock<Vec<School>> = LazyLock::new(|| {
    let lines = include_str!("../../../data/schools.csv").lines().skip(1);
    lines
        .map(|line| {
            let mut fields = line.split(',');
            let mut next = || fields.next().expect("each line of the embedded file has four fields");
            School { id: next(), name: next(), english: next() }
        })
        .collect()
});

/// All schools, in the order of their names in a language.
#[must_use]
pub fn all(lang: Lang) -> Vec<SchoolView> {
    let mut schools: Vec<SchoolView> = SCHOOLS.iter().map(School::view).collect();
    schools.sort_by(|a, b| a.called(lang).cmp(b.called(lang)));
    schools
}

/// The school with this Korean or English name, however it is spaced or capitalised.
#[must_use]
pub fn named(name: &str) -> Option<School> {
    let plain = |text: &str| -> String { text.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect() };
    let wanted = plain(name);
    SCHOOLS.iter().copied().find(|school| plain(school.name) == wanted || plain(school.english) == wanted)
}

/// The school with this id.
#[must_use]
pub fn find(id: &str) -> Option<School> {
    SCHOOLS.iter().copied().find(|school| school.id == id)
}

impl School {
    /// What a reader sees of it.
    #[must_use]
    pub fn view(&self) -> SchoolView {
        SchoolView { name: self.name.to_owned(), english: self.english.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_list_is_whole() {
        let file = include_str!("../../../data/schools.csv");
        assert!(file.lines().all(|line| line.split(',').count() == 4 && line.split(',').all(|field| !field.trim().is_empty())));
        assert!(SCHOOLS.len() >= 60);
        assert_eq!(SCHOOLS.iter().map(|school| school.id).collect::<HashSet<_>>().len(), SCHOOLS.len());
        for school in SCHOOLS.iter() {
            assert_eq!(named(school.name).expect("by its name").id, school.id);
            assert_eq!(named(school.english).expect("by its English name").id, school.id);
            assert_eq!(find(school.id).expect("by its id").view(), school.view());
        }
    }

    #[test]
    fn names_are_found_as_people_type_them() {
        assert_eq!(named(" 서울 대학교").expect("spaced").id, "snu");
        assert_eq!(named("KOREA university").expect("capitals").id, "korea");
        assert!(named("호그와트").is_none() && named("").is_none());
    }
}
