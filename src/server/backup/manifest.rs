//! What an archive says about itself, and what its parts are called.

use crate::server::schema::{History, Kind, Strange};
use crate::shared::ids::ImageId;
use crate::shared::images::Size;
use crate::shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use uuid::Uuid;

/// How archives are laid out now. Raise it when an older program could not restore what is written.
pub const FORMAT: u32 = 1;
/// What the manifest is called in the archive.
pub const MANIFEST: &str = "manifest.json";

/// Where the root secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretPlace {
    /// In the archive.
    Archive,
    /// With the operator: it came from the environment.
    Environment,
    /// Nowhere: no server had been started yet.
    Nowhere,
}

/// One part as it has to be found again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sum {
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of its contents as lower-case hexadecimal.
    pub sha256: String,
}

/// The last entry of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`] of the program that wrote it.
    pub format: u32,
    /// That program's version.
    pub program: String,
    /// When, in milliseconds since 1970 in UTC.
    pub made_at: Timestamp,
    /// Which of the two databases it is of.
    pub database: Kind,
    /// The number of the last migration in `migrations`.
    pub schema: i64,
    /// What made the tables.
    pub migrations: History,
    /// How many rows each table has.
    pub rows: BTreeMap<String, u64>,
    /// Where the root secret is.
    pub secret: SecretPlace,
    /// Pictures that the database names and whose files were not there.
    pub missing: Vec<ImageId>,
    /// All other entries of the archive.
    pub entries: BTreeMap<String, Sum>,
}

/// The one thing that manifests of every format say.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A whole SQLite file.
    Database,
    /// The rows of a table of PostgreSQL, as `copy` writes them.
    Table(&'static str),
    /// The root secret.
    Secret,
    /// One form of a picture: a JPEG file.
    Picture(ImageId, Size),
}

impl fmt::Display for Part {
    /// The name of its entry.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database => f.write_str("database/moim.db"),
            Self::Table(table) => write!(f, "database/{table}.copy"),
            Self::Secret => f.write_str("secret"),
            Self::Picture(id, size) => write!(f, "images/{}-{}.jpg", id.0.as_simple(), size.code()),
        }
    }
}

impl Part {
    /// The picture with such a name, written in no other way.
    fn picture_called(name: &str) -> Option<Self> {
        let (id, size) = name.strip_prefix("images/")?.strip_suffix(".jpg")?.split_once('-')?;
        let size = Size::ALL.into_iter().find(|known| known.code() == size)?;
        let part = Self::Picture(ImageId(Uuid::try_parse(id).ok()?), size);
        (part.to_string() == name).then_some(part)
    }
}

impl Manifest {
    /// Reads one and finds out whether this program can restore what it describes.
    ///
    /// # Errors
    /// A sentence that says why it cannot.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let nonsense = |error: serde_json::Error| format!("its manifest makes no sense: {error}");
        let Head { format } = serde_json::from_slice(text).map_err(nonsense)?;
        if format != FORMAT {
            return Err(format!("it has format {format} and this program reads {FORMAT}: restore it with the version that made it"));
        }
        let manifest: Self = serde_json::from_slice(text).map_err(nonsense)?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), String> {
        let Self { program, database, schema, migrations, .. } = self;
        match migrations.check(*database) {
            Ok(()) => {}
            Err(Strange::Newer(version)) => {
                return Err(format!(
                    "it is of a newer version ({program}, schema {version}) than this program ({}, schema {}): restore it with that one",
                    env!("CARGO_PKG_VERSION"),
                    History::of_program(*database).latest()
                ));
            }
            Err(Strange::Other(version)) => {
                return Err(format!("its migration {version} is not the one that this program knows: restore it with {program}"));
            }
        }
        if *schema != migrations.latest() {
            return Err(format!("its manifest contradicts itself: schema {schema} with migrations up to {}", migrations.latest()));
        }
        let tables = migrations.tables(*database);
        if !tables.iter().copied().eq(self.rows.keys().map(String::as_str)) {
            return Err("its manifest contradicts itself: the tables are not those of its schema".to_owned());
        }
        self.parts().map(drop)
    }

    /// All parts, in the order in which they are restored: the database, the secret, the pictures.
    ///
    /// # Errors
    /// A sentence: there is an entry too many or one too few.
    pub fn parts(&self) -> Result<Vec<Part>, String> {
        let mut parts = match self.database {
            Kind::Sqlite => vec![Part::Database],
            Kind::Postgres => self.migrations.tables(self.database).into_iter().map(Part::Table).collect(),
        };
        if self.secret == SecretPlace::Archive {
            parts.push(Part::Secret);
        }
        let mut names: BTreeSet<String> = parts.iter().map(ToString::to_string).collect();
        let mut pictures = BTreeSet::new();
        for name in self.entries.keys().filter(|name| !names.contains(*name)) {
            match Part::picture_called(name) {
                Some(part @ Part::Picture(id, _)) => {
                    pictures.extend(Size::ALL.map(|size| Part::Picture(id, size).to_string()));
                    parts.push(part);
                }
                _ => return Err(format!("there is an entry {name:?} in it that no archive has")),
            }
        }
        names.extend(pictures);
        match names.iter().find(|name| !self.entries.contains_key(*name)) {
            Some(name) => Err(format!("{name} is missing in it")),
            None => Ok(parts),
        }
    }

    /// The pictures whose files are in the archive.
    #[must_use]
    pub fn pictures(&self) -> BTreeSet<ImageId> {
        self.entries
            .keys()
            .filter_map(|name| match Part::picture_called(name) {
                Some(Part::Picture(id, _)) => Some(id),
                _ => None,
            })
            .collect()
    }
}
