//! Everything that is a person's own with their pictures: an archive that is written while it is read, a piece at a time. At most one
//! part of the document or one picture is in memory.

use super::export::{CHUNK, export, stays};
use crate::fetch_all;
use crate::server::db::{Conn, Db};
use crate::server::images::Images;
use crate::shared::error::AppError;
use crate::shared::ids::{ImageId, SessionId, UserId};
use crate::shared::images::Size;
use crate::shared::time::Timestamp;
use futures_util::stream::{BoxStream, Stream, StreamExt, TryStreamExt, try_unfold};
use std::future::ready;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::vec::IntoIter;
use tokio::task::spawn_blocking;
use uuid::Uuid;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The document of [`export`] in the archive.
const DOCUMENT: &str = "moim.json";
/// The names of the pictures whose files are gone, when there are any.
const MISSING: &str = "missing.json";
/// How hard words are pressed together: as fast as it goes.
const PRESSURE: i64 = 1;

/// What was written and not taken yet. Clones are the same.
#[derive(Clone, Debug, Default)]
struct Pieces(Arc<Mutex<Vec<u8>>>);

impl Pieces {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An archive that is being written.
struct Packing {
    writer: ZipWriter<StreamWriter<Pieces>>,
    pieces: Pieces,
    file: SimpleFileOptions,
    missing: Vec<ImageId>,
}

fn broken(error: impl std::fmt::Display) -> AppError {
    tracing::error!(%error, "an archive could not be written");
    AppError::Internal
}

impl Packing {
    fn new(now: Timestamp) -> Self {
        let pieces = Pieces::default();
        let at = now.seoul();
        let year = u16::try_from(at.date.year).unwrap_or_default();
        // What no archive can say is left out.
        let date = DateTime::from_date_and_time(year, at.date.month, at.date.day, at.hour, at.minute, 0).unwrap_or_default();
        let file = SimpleFileOptions::default().last_modified_time(date);
        Self { writer: ZipWriter::new_stream(pieces.clone()), pieces, file, missing: Vec::new() }
    }

    /// What is written from now on is of this file.
    fn begin_words(&mut self, name: &str) -> Result<(), AppError> {
        let how = self.file.compression_method(CompressionMethod::Deflated).compression_level(Some(PRESSURE));
        self.writer.start_file(name, how).map_err(broken)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), AppError> {
        self.writer.write_all(bytes).map_err(broken)
    }

    /// A picture as it is: a JPEG does not get smaller.
    fn picture(&mut self, id: ImageId, file: &[u8]) -> Result<(), AppError> {
        let how = self.file.compression_method(CompressionMethod::Stored);
        self.writer.start_file(format!("images/{id}.jpg"), how).map_err(broken)?;
        self.write(file)
    }

    /// Notes what is missing, and where everything is.
    fn end(mut self) -> Result<Pieces, AppError> {
        if !self.missing.is_empty() {
            self.begin_words(MISSING)?;
            let missing = serde_json::to_vec(&self.missing).map_err(broken)?;
            self.write(&missing)?;
        }
        self.writer.finish().map_err(broken)?;
        Ok(self.pieces)
    }
}

/// What is written next.
enum Next {
    Words(BoxStream<'static, Result<String, AppError>>, Box<Packing>),
    /// These pictures, and those after a place.
    Pictures(IntoIter<(Timestamp, ImageId)>, (Timestamp, ImageId), Box<Packing>),
    End,
}

/// A person's own things and the largest form of each of their pictures, in pieces that make one ZIP file: `moim.json` is what
/// [`export`] gives, and `images/ID.jpg` are its `images`. Those whose files are gone are named in `missing.json`.
///
/// # Errors
/// When the database fails at the first piece; later the stream ends with the error, also when the image store is not available or the
/// session has ended meanwhile.
pub async fn archive(
    db: Db,
    images: Images,
    session: SessionId,
    user: UserId,
    now: Timestamp,
) -> Result<impl Stream<Item = Result<Vec<u8>, AppError>> + Send, AppError> {
    let words = export(db.clone(), session, user).await?.boxed();
    let mut packing = Packing::new(now);
    packing.begin_words(DOCUMENT)?;
    let pieces = try_unfold(Next::Words(words, Box::new(packing)), move |next| {
        let (db, images) = (db.clone(), images.clone());
        async move { step(&db, &images, (session, user), next).await }
    });
    Ok(pieces.try_filter(|piece| ready(!piece.is_empty())))
}

/// Writes to an archive off the async threads, because pressing together is work; what came of it.
async fn write(
    mut packing: Box<Packing>,
    work: impl FnOnce(&mut Packing) -> Result<(), AppError> + Send + 'static,
) -> Result<(Vec<u8>, Box<Packing>), AppError> {
    let written = move || work(&mut packing).map(|()| (packing.pieces.take(), packing));
    spawn_blocking(written).await.map_err(broken)?
}

async fn step(db: &Db, images: &Images, (session, user): (SessionId, UserId), next: Next) -> Result<Option<(Vec<u8>, Next)>, AppError> {
    const START: (Timestamp, ImageId) = (Timestamp(i64::MIN), ImageId(Uuid::nil()));
    Ok(match next {
        Next::Words(mut words, packing) => match words.try_next().await? {
            Some(piece) => {
                let (written, packing) = write(packing, move |packing| packing.write(piece.as_bytes())).await?;
                Some((written, Next::Words(words, packing)))
            }
            None => Some((Vec::new(), Next::Pictures(Vec::new().into_iter(), START, packing))),
        },
        Next::Pictures(mut some, after, mut packing) => {
            let Some(place) = some.next() else {
                let more = pictures(&mut db.read().await?, user, after).await?;
                return Ok(Some(if more.is_empty() {
                    let end = move || packing.end().map(|pieces| pieces.take());
                    (spawn_blocking(end).await.map_err(broken)??, Next::End)
                } else {
                    (Vec::new(), Next::Pictures(more.into_iter(), after, packing))
                }));
            };
            let (_, id) = place;
            stays(&mut db.read().await?, session).await?;
            let Some(file) = images.read(id, Size::Large).await? else {
                packing.missing.push(id);
                return Ok(Some((Vec::new(), Next::Pictures(some, place, packing))));
            };
            let (written, packing) = write(packing, move |packing| packing.picture(id, &file)).await?;
            Some((written, Next::Pictures(some, place, packing)))
        }
        Next::End => None,
    })
}

async fn pictures(conn: &mut Conn, user: UserId, (at, id): (Timestamp, ImageId)) -> Result<Vec<(Timestamp, ImageId)>, AppError> {
    let sql = "select created_at, id from images where owner_id = $1 and (created_at, id) > ($2, $3) order by created_at, id limit $4";
    Ok(fetch_all!(conn, (Timestamp, ImageId), sql, user, at, id, CHUNK)?)
}
