//! Lists of schools: the one that ships with the program (`data/schools.csv`), and those of operators in the same form.

use super::model::{SchoolView, is_in};
use crate::shared::words::compose;
use csv::{Position, ReaderBuilder, StringRecord, Trim};
use std::fmt;

/// Schools at most: every form that asks for one has them all.
pub const MOST: usize = 2_000;
/// Longest name, in characters.
const MAX_NAME: usize = 80;
/// Longest id, in characters.
const MAX_ID: usize = 40;
/// Mail domains of one school at most.
const MOST_DOMAINS: usize = 20;
const COLUMNS: [&str; 4] = ["id", "name", "english", "domain"];

/// A school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct School {
    /// How accounts refer to it; never changes.
    pub id: String,
    /// Its names.
    pub names: SchoolView,
    /// Its mail domains in small letters, that of most students first.
    pub domains: Vec<String>,
}

/// A school as it stands in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The line that it begins in, from 1.
    pub line: u64,
    /// The school.
    pub school: School,
}

/// A line that cannot be right, in words for an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// From 1.
    pub line: u64,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

/// What makes two names the same: neither blanks nor capitals.
#[must_use]
pub fn key(name: &str) -> String {
    compose(name).to_lowercase().chars().filter(|c| !c.is_whitespace()).collect()
}

/// The list that ships with the program.
#[must_use]
pub fn starter() -> Vec<School> {
    read(include_bytes!("../../../data/schools.csv")).0.into_iter().map(|listed| listed.school).collect()
}

/// Reads a list: comma-separated values with the columns `id,name,english,domain`, quoted where they need it. The lines that
/// are right, and those that are not.
#[must_use]
pub fn read(file: &[u8]) -> (Vec<Listed>, Vec<Wrong>) {
    let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    let line_of = |position: Option<&Position>| position.map_or(1, |position| line_at(file, position.byte()));
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(file);
    let (mut listed, mut wrong) = (Vec::new(), Vec::new());
    let mut is_first = true;
    for record in reader.records() {
        let (line, school) = match record {
            Ok(record) => (line_of(record.position()), if is_first { heading(&record).map(|()| None) } else { school(&record).map(Some) }),
            Err(error) => (line_of(error.position()), Err("this is no UTF-8 text".to_owned())),
        };
        match school {
            Ok(Some(school)) => listed.push(Listed { line, school }),
            Ok(None) => {}
            Err(why) => wrong.push(Wrong { line, why }),
        }
        // Without the right heading nothing that follows can be understood.
        if is_first && !wrong.is_empty() {
            return (listed, wrong);
        }
        is_first = false;
        if listed.len() > MOST {
            wrong.push(Wrong { line, why: format!("there can be {MOST} schools at most") });
            return (listed, wrong);
        }
    }
    if is_first {
        wrong.push(Wrong { line: 1, why: format!("the columns {} were expected", COLUMNS.join(",")) });
    }
    (listed, wrong)
}

/// The line of the record that is read from this byte on. (The reader's own count is behind where lines end with `\r\n`.)
fn line_at(file: &[u8], byte: u64) -> u64 {
    let (before, rest) = file.split_at(usize::try_from(byte).unwrap_or(usize::MAX).min(file.len()));
    let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
    1 + before.iter().chain(blank).filter(|byte| **byte == b'\n').count() as u64
}

fn heading(record: &StringRecord) -> Result<(), String> {
    if record.iter().eq(COLUMNS) { Ok(()) } else { Err(format!("the columns {} were expected", COLUMNS.join(","))) }
}

fn school(record: &StringRecord) -> Result<School, String> {
    let fields: Vec<&str> = record.iter().collect();
    let [id, name, english, domains] = fields[..] else {
        return Err(format!("{} columns were expected, here are {}", COLUMNS.len(), fields.len()));
    };
    let is_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || id.len() > MAX_ID || !id.chars().all(is_id) {
        return Err(format!("the id \"{id}\" is not of a-z, 0-9 and -, {MAX_ID} at most"));
    }
    for (column, name) in [("name", name), ("english", english)] {
        if key(name).is_empty() {
            return Err(format!("the {column} is blank"));
        }
        if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            return Err(format!("the {column} is not one line of at most {MAX_NAME} characters"));
        }
    }
    let mut own: Vec<String> = Vec::new();
    for domain in domains.split_whitespace().map(str::to_ascii_lowercase) {
        if !is_domain(&domain) {
            return Err(format!("\"{domain}\" is no mail domain"));
        }
        if !own.contains(&domain) {
            own.push(domain);
        }
    }
    match own.len() {
        0 => Err("there is no mail domain".to_owned()),
        1..=MOST_DOMAINS => {
            Ok(School { id: id.to_owned(), names: SchoolView { name: name.to_owned(), english: english.to_owned() }, domains: own })
        }
        many => Err(format!("{many} mail domains are more than {MOST_DOMAINS}")),
    }
}

/// Two labels or more as hosts have them (RFC 1123); the last one is no number.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &&str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let labels: Vec<&str> = domain.split('.').collect();
    domain.len() <= 253
        && labels.len() >= 2
        && labels.iter().all(is_label)
        && labels.last().is_some_and(|last| last.len() >= 2 && last.chars().any(|c| c.is_ascii_lowercase()))
}

/// The lines whose school cannot stand beside `others`, which have other ids, or beside those of earlier lines: each id, name
/// and mail domain is one school's. A domain is also that of whoever has what stands above it: `ac.kr` is nobody's.
#[must_use]
pub fn clashes(listed: &[Listed], others: &[School]) -> Vec<Wrong> {
    let all: Vec<(&School, [String; 2])> =
        others.iter().chain(listed.iter().map(|listed| &listed.school)).map(|school| (school, keys(school))).collect();
    let clash = |at: usize| {
        let (school, names) = &all[others.len() + at];
        all[..others.len() + at].iter().find_map(|(other, taken)| clash(school, names, other, taken))
    };
    listed.iter().enumerate().filter_map(|(at, listed)| clash(at).map(|why| Wrong { line: listed.line, why })).collect()
}

/// The names of a school as they are looked up.
#[must_use]
pub fn keys(school: &School) -> [String; 2] {
    [key(&school.names.name), key(&school.names.english)]
}

fn clash(school: &School, names: &[String; 2], other: &School, taken: &[String; 2]) -> Option<String> {
    if school.id == other.id {
        return Some(format!("the id {} stands in the file twice", school.id));
    }
    if names.iter().any(|name| taken.contains(name)) {
        return Some(format!("{} is already called so", other.id));
    }
    let domain = school.domains.iter().find(|domain| other.domains.iter().any(|theirs| is_in(domain, theirs) || is_in(theirs, domain)))?;
    Some(format!("the domain {domain} belongs to {}", other.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_however_it_is_typed() {
        assert_eq!(key(" 서울 대학교"), key("서\u{110b}\u{116e}\u{11af}대학교"));
        assert_eq!(key("KAIST"), key("Kaist "));
    }

    const HEADING: &str = "id,name,english,domain\n";

    fn wrong(lines: &str) -> Vec<String> {
        let (listed, mut wrong) = read(format!("{HEADING}{lines}").as_bytes());
        wrong.extend(clashes(&listed, &[]));
        wrong.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_list_that_ships_is_right() {
        let (listed, wrong) = read(include_bytes!("../../../data/schools.csv"));
        assert_eq!((wrong, clashes(&listed, &[])), (vec![], vec![]));
        assert!(listed.len() >= 60 && starter().len() == listed.len());
        assert!(listed[0].line == 2 && listed[0].school.id == "snu" && listed[0].school.domains == ["snu.ac.kr"]);
    }

    #[test]
    fn a_list_is_read_as_tables_are_saved() {
        let file = "\u{feff}id,name,english,domain\r\n a-1 ,\"한빛대학교, 서울\",\"Hanbit \"\"U\"\"\",Hanbit.ac.kr  mail.hanbit.kr\r\n\r\nb,늘봄대,Neulbom,neulbom.ac.kr";
        let (listed, wrong) = read(file.as_bytes());
        assert_eq!(wrong, []);
        let names = SchoolView { name: "한빛대학교, 서울".to_owned(), english: "Hanbit \"U\"".to_owned() };
        let school = School { id: "a-1".to_owned(), names, domains: vec!["hanbit.ac.kr".to_owned(), "mail.hanbit.kr".to_owned()] };
        assert_eq!(listed[0], Listed { line: 2, school });
        assert_eq!((listed.len(), listed[1].line), (2, 4));
    }

    #[test]
    fn every_wrong_line_is_named_with_its_reason() {
        let found = wrong(
            "A,가,ga,ga.kr\n,나,na,na.kr\nc, ,da,da.kr\nd,라, ,ra.kr\ne,마,ma,ma\nf,바,ba,-ba.kr\ng,사,sa,\nh,아,ah\ni,자,ja,ja.kr,x\nj,차,cha,cha.kr\nj,카,ka,ka.kr\nk,차,ta,ta.kr\nl,파,CHA,pa.kr\nm,하,ha,x.cha.kr\nn,거,geo,gà.kr\no,너,neo,neo.11\n",
        );
        assert_eq!(
            found,
            [
                "line 2: the id \"A\" is not of a-z, 0-9 and -, 40 at most",
                "line 3: the id \"\" is not of a-z, 0-9 and -, 40 at most",
                "line 4: the name is blank",
                "line 5: the english is blank",
                "line 6: \"ma\" is no mail domain",
                "line 7: \"-ba.kr\" is no mail domain",
                "line 8: there is no mail domain",
                "line 9: 4 columns were expected, here are 3",
                "line 10: 4 columns were expected, here are 5",
                "line 16: \"gà.kr\" is no mail domain",
                "line 17: \"neo.11\" is no mail domain",
                "line 12: the id j stands in the file twice",
                "line 13: j is already called so",
                "line 14: j is already called so",
                "line 15: the domain x.cha.kr belongs to j",
            ]
        );
        assert_eq!(wrong("a,가,ga,ga.ac.kr\nb,나,na,ac.kr\n"), ["line 3: the domain ac.kr belongs to a"]);
        for file in ["", "id;name;english;domain\na;b;c;d.kr\n", "a,가,ga,ga.kr\n"] {
            assert_eq!(read(file.as_bytes()).1[0].to_string(), "line 1: the columns id,name,english,domain were expected", "{file}");
        }
        let (_, found) = read(b"id,name,english,domain\na,\xb0\xa1,ga,ga.kr\n");
        assert_eq!(found[0].to_string(), "line 2: this is no UTF-8 text");
    }

    #[test]
    fn a_list_has_an_end() {
        let many: String = (0..=MOST).map(|n| format!("s{n},학교 {n},School {n},s{n}.ac.kr\n")).collect();
        assert_eq!(wrong(&many)[0], format!("line {}: there can be {MOST} schools at most", MOST + 2));
    }
}
