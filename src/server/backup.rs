//! Everything that an operator would miss, in one file: the database, the pictures and the root secret.
//!
//! An archive is a ZIP file: `database/…`, `images/…`, `secret`, and at the end `manifest.json`, which knows the sum of each. What is in
//! it is of one moment, that of the database's snapshot; pictures are read afterwards, exactly those that the snapshot names. Whoever
//! restores reads everything once before anything is changed, and the database is what becomes visible last.

mod archive;
mod files;
mod held;
pub mod manifest;
mod packing;
mod postgres;
mod sqlite;

use self::archive::Archive;
use self::files::{Draft, is_there};
use self::held::BEFORE_ALL;
use self::manifest::{FORMAT, Manifest, Part, SecretPlace};
use self::packing::Packing;
use super::config::{Config, Files};
use super::db::{Conn, Link};
use super::images::Images;
use super::keys::{Keys, MIN_ROOT};
use super::schema::{History, Kind, Strange};
use crate::shared::error::AppError;
use crate::shared::ids::ImageId;
use crate::shared::images::Size;
use crate::shared::time::Timestamp;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use tokio::task::spawn_blocking;

/// Pictures that are on their way at once.
const AT_ONCE: usize = 4;
/// The largest file of a picture, in bytes: far more than is drawn.
const MAX_FORM: usize = 32 * 1024 * 1024;
const NOTHING: &str = "The database has no tables of this program: there is nothing to back up";

/// What an archive has, for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    kind: Kind,
    schema: i64,
    people: u64,
    rows: u64,
    pictures: usize,
    /// Pictures that were removed between the snapshot and their turn.
    pub removed: usize,
    /// Pictures that are shown and whose files the store does not have.
    pub lost: usize,
    secret: SecretPlace,
    /// The archive's length in bytes.
    pub bytes: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, schema, people, rows, pictures, removed, lost, secret, bytes } = self;
        let kilobytes = bytes.div_ceil(1024);
        write!(f, "{kind}, schema {schema}, {people} people, {rows} rows, {pictures} pictures, {kilobytes} KB")?;
        if *removed > 0 {
            write!(f, "; {removed} pictures were removed meanwhile and are not in it")?;
        }
        if *lost > 0 {
            write!(f, "; {lost} pictures are not in it because the image store has lost them")?;
        }
        f.write_str(match secret {
            SecretPlace::Archive => "; the secret is in it: keep it safe",
            SecretPlace::Environment => "; the secret is not in it: it is MOIM_SECRET's, keep that too",
            SecretPlace::Nowhere => "; there is no secret yet",
        })
    }
}

fn store_is_gone(_: AppError) -> String {
    "The image store does not answer; the log says why".to_owned()
}

/// Writes an archive of everything, while servers run or not. The file is there when it is whole.
///
/// # Errors
/// A sentence; then there is no file, but for when only its directory could not be made durable.
pub async fn back_up(config: &Config, file: &Path, now: Timestamp) -> Result<Summary, String> {
    if file.exists() {
        return Err(is_there(file));
    }
    let kind = Kind::of(&config.database_url);
    let (draft, to) = Draft::beside(file, ".part")?;
    let (mut conn, copy) = match kind {
        Kind::Sqlite => {
            let (conn, copy) = sqlite::snapshot(&config.database_url, file).await?;
            (conn, Some(copy))
        }
        Kind::Postgres => (postgres::snapshot(&postgres::open(&config.database_url).await?).await?, None),
    };
    let history = History::read(&mut conn).await?.ok_or(NOTHING)?;
    history.check(kind).map_err(|(Strange::Newer(version) | Strange::Other(version))| {
        format!("The database has migration {version}, which this program does not know: back it up with the version that uses it")
    })?;
    let tables = history.tables(kind);
    let mut packing = Packing::into(to, now);
    let rows = match (conn.link(), &copy) {
        (Link::Pg(tx), _) => postgres::dump(tx, &tables, &mut packing).await?,
        (Link::Sqlite(_), Some(copy)) => {
            packing.begin(Part::Database).await?;
            packing.write_file(copy.path().to_owned()).await?;
            held::rows(&mut conn, &tables).await?
        }
        (Link::Sqlite(_), None) => return Err(NOTHING.to_owned()),
    };
    let root = if config.secret.is_some() { None } else { Keys::kept_in(&config.data_dir)? };
    let secret = match (&config.secret, &root) {
        (Some(_), _) => SecretPlace::Environment,
        (None, Some(_)) => SecretPlace::Archive,
        (None, None) => SecretPlace::Nowhere,
    };
    if let Some(root) = root {
        packing.begin(Part::Secret).await?;
        packing.write(root.as_bytes()).await?;
    }
    let album = if tables.contains("images") { pack_pictures(config, &mut conn, &mut packing).await? } else { Album::default() };
    let manifest = Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: now,
        database: kind,
        schema: history.latest(),
        migrations: history,
        rows,
        secret,
        missing: album.missing,
        entries: BTreeMap::new(),
    };
    let summary = Summary { removed: album.removed, lost: manifest.missing.len() - album.removed, ..summary(&manifest, album.packed, 0) };
    let bytes = packing.end(manifest).await?;
    draft.keep_as_new(file)?;
    Ok(Summary { bytes, ..summary })
}

fn summary(manifest: &Manifest, pictures: usize, bytes: u64) -> Summary {
    Summary {
        kind: manifest.database,
        schema: manifest.schema,
        people: manifest.rows.get("users").copied().unwrap_or_default(),
        rows: manifest.rows.values().sum(),
        pictures,
        removed: 0,
        lost: 0,
        secret: manifest.secret,
        bytes,
    }
}

/// What became of the pictures.
#[derive(Default)]
struct Album {
    packed: usize,
    missing: Vec<ImageId>,
    removed: usize,
}

/// Packs the files of all pictures that a snapshot names: of each all forms or, when one is gone, none.
async fn pack_pictures(config: &Config, conn: &mut Conn, packing: &mut Packing) -> Result<Album, String> {
    let images = Images::open(config)?;
    let (mut album, mut last) = (Album::default(), BEFORE_ALL);
    loop {
        let some = held::pictures_after(conn, last).await?;
        let Some((end, _)) = some.last() else { return Ok(album) };
        last = *end;
        let mut files = stream::iter(some).map(|(id, is_free)| all_forms(&images, id, is_free)).buffered(AT_ONCE);
        while let Some((id, is_free, forms)) = files.try_next().await.map_err(store_is_gone)? {
            let Some(forms) = forms else {
                album.missing.push(id);
                // What is shown is not removed before two days have passed.
                album.removed += usize::from(is_free);
                continue;
            };
            for (size, form) in Size::ALL.into_iter().zip(forms) {
                packing.begin(Part::Picture(id, size)).await?;
                packing.write(&form).await?;
            }
            album.packed += 1;
        }
    }
}

type Forms = (ImageId, bool, Option<[Vec<u8>; 3]>);

async fn all_forms(images: &Images, id: ImageId, is_free: bool) -> Result<Forms, AppError> {
    let [small, medium, large] = Size::ALL;
    let forms = match (images.read(id, small).await?, images.read(id, medium).await?, images.read(id, large).await?) {
        (Some(small), Some(medium), Some(large)) => Some([small, medium, large]),
        _ => None,
    };
    Ok((id, is_free, forms))
}

/// Brings everything that is in an archive into an empty place, or nothing of it.
///
/// # Errors
/// A sentence: the archive is not whole, the place is not empty, or something failed; then there is no database. Pictures that were
/// brought there by then do not keep this archive from being restored again.
pub async fn restore(config: &Config, file: &Path) -> Result<Summary, String> {
    let path = file.to_owned();
    let kind = Kind::of(&config.database_url);
    let opened = spawn_blocking(move || {
        let mut archive = Archive::open(&path)?;
        let of = archive.manifest.database;
        if of != kind {
            return Err(format!("The archive is of {of}, and DATABASE_URL names {kind}: name an empty {of} database"));
        }
        archive.verify()?;
        let mut root = Vec::new();
        if archive.manifest.secret == SecretPlace::Archive {
            archive.read(Part::Secret, &mut |some| {
                root.extend_from_slice(some);
                if root.len() <= MAX_ROOT { Ok(()) } else { Err("The archive's secret is too long".to_owned()) }
            })?;
        }
        Ok((archive, root))
    });
    let (archive, root) = opened.await.map_err(|error| format!("The archive cannot be read: {error}"))??;
    let root = String::from_utf8(root).map_err(|_| "The archive's secret is no text".to_owned())?;
    if !root.is_empty() && root.len() < MIN_ROOT {
        return Err("The archive's secret is too short".to_owned());
    }
    let directory = &config.data_dir;
    std::fs::create_dir_all(directory).map_err(|e| format!("MOIM_DATA_DIR {} cannot be made: {e}", directory.display()))?;
    let present = Keys::kept_in(directory)?;
    if !root.is_empty() && present.as_ref().is_some_and(|present| *present != root) {
        let at = directory.join("secret");
        return Err(format!("{} is another secret than the archive's: move it away, and what it signed counts no more", at.display()));
    }
    let images = Images::open(config)?;
    if let Some(other) = images.other_than(&archive.manifest.pictures()).await.map_err(store_is_gone)? {
        let store = match &config.files {
            Files::Directory(directory) => directory.display().to_string(),
            Files::S3 { bucket, prefix, .. } => format!("s3://{bucket}/{prefix}"),
        };
        return Err(format!("There are pictures in {store} that the archive does not have, such as {other}: move them away"));
    }
    let manifest = archive.manifest.clone();
    match kind {
        Kind::Sqlite => {
            let mut place = sqlite::Place::take(&config.database_url).await?;
            let archive = place.load(archive).await?;
            put_beside(config, &images, archive, &root, present.is_some()).await?;
            place.settle().await?;
        }
        Kind::Postgres => {
            let pool = postgres::open(&config.database_url).await?;
            let mut place = postgres::Place::take(&pool).await?;
            let archive = place.load(archive).await?;
            let place = place.check(&manifest).await?;
            put_beside(config, &images, archive, &root, present.is_some()).await?;
            place.settle().await?;
            pool.close().await;
        }
    }
    let bytes = std::fs::metadata(file).map_or(0, |file| file.len());
    Ok(summary(&manifest, manifest.pictures().len(), bytes))
}

/// The longest secret that is taken, in bytes.
const MAX_ROOT: usize = 64 * 1024;

/// Puts back what lies beside the database: the pictures and, where there is none, the secret.
async fn put_beside(config: &Config, images: &Images, archive: Archive, root: &str, has_root: bool) -> Result<(), String> {
    let parts: Vec<Part> = archive.manifest.parts()?.into_iter().filter(|part| matches!(part, Part::Picture(..))).collect();
    let unpacking = archive.unpack(parts.clone());
    let files = stream::try_unfold((unpacking, parts.into_iter()), |(mut unpacking, mut parts)| async move {
        let Some(part) = parts.next() else { return Ok::<_, String>(None) };
        let mut form = Vec::new();
        while let Some(piece) = unpacking.next().await? {
            form.extend(piece);
            if form.len() > MAX_FORM {
                return Err(format!("{part} is larger than a picture can be"));
            }
        }
        Ok(Some(((part, form), (unpacking, parts))))
    });
    let put = files.map_ok(|(part, form)| async move {
        let Part::Picture(id, size) = part else { return Ok(()) };
        images.put_back(id, size, form).await.map_err(store_is_gone)
    });
    put.try_buffer_unordered(AT_ONCE).try_for_each(|()| std::future::ready(Ok(()))).await?;
    if root.is_empty() || has_root { Ok(()) } else { Keys::keep_in(&config.data_dir, root) }
}
