//! Writing an archive: a thread of its own packs what the async side brings, at most a few pieces of which wait in memory.

use super::manifest::{MANIFEST, Manifest, Part, Sum};
use crate::server::keys::hex;
use crate::shared::time::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::PathBuf;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Pieces that wait to be packed.
const WAITING: usize = 4;
/// How much is read at once, in bytes.
const PIECE: usize = 64 * 1024;
/// How hard the database is pressed together: as fast as it goes.
const PRESSURE: i64 = 1;

enum Piece {
    /// What follows is of this part.
    Begin(Part),
    Bytes(Vec<u8>),
    /// The contents of a file.
    File(PathBuf),
    /// Nothing follows: the manifest, still without its entries.
    End(Box<Manifest>),
}

/// An archive that is being written.
pub struct Packing {
    pieces: mpsc::Sender<Piece>,
    work: JoinHandle<Result<u64, String>>,
    waiting: Vec<u8>,
}

impl Packing {
    /// Begins to write an archive into an empty file.
    #[must_use]
    pub fn into(file: File, now: Timestamp) -> Self {
        let (pieces, taken) = mpsc::channel(WAITING);
        Self { pieces, work: spawn_blocking(move || pack(file, now, taken)), waiting: Vec::new() }
    }

    /// What is written from now on is of this part.
    ///
    /// # Errors
    /// A sentence: the archive cannot be written.
    pub async fn begin(&mut self, part: Part) -> Result<(), String> {
        self.flush().await?;
        self.send(Piece::Begin(part)).await
    }

    /// Writes the next bytes of the part.
    ///
    /// # Errors
    /// As [`Packing::begin`].
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() < PIECE { Ok(()) } else { self.flush().await }
    }

    /// Writes all of a file.
    ///
    /// # Errors
    /// As [`Packing::begin`].
    pub async fn write_file(&mut self, file: PathBuf) -> Result<(), String> {
        self.flush().await?;
        self.send(Piece::File(file)).await
    }

    /// Writes the manifest with the sums of all parts, and makes everything durable; the length of the archive in bytes.
    ///
    /// # Errors
    /// As [`Packing::begin`].
    pub async fn end(mut self, manifest: Manifest) -> Result<u64, String> {
        self.flush().await?;
        self.send(Piece::End(Box::new(manifest))).await?;
        self.work.await.map_err(|error| format!("The archive cannot be written: {error}"))?
    }

    async fn flush(&mut self) -> Result<(), String> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.waiting);
        self.send(Piece::Bytes(bytes)).await
    }

    async fn send(&mut self, piece: Piece) -> Result<(), String> {
        if self.pieces.send(piece).await.is_ok() {
            return Ok(());
        }
        // Nobody takes any more: why says the one who did.
        match (&mut self.work).await {
            Ok(Err(sentence)) => Err(sentence),
            other => Err(format!("The archive cannot be written: {other:?}")),
        }
    }
}

fn broken(error: impl std::fmt::Display) -> String {
    format!("The archive cannot be written: {error}")
}

/// A part that is being packed.
struct Open {
    name: String,
    bytes: u64,
    digest: Sha256,
}

impl Open {
    fn sum(self) -> (String, Sum) {
        (self.name, Sum { bytes: self.bytes, sha256: hex(&self.digest.finalize()) })
    }
}

fn pack(file: File, now: Timestamp, mut pieces: mpsc::Receiver<Piece>) -> Result<u64, String> {
    let mut zip = ZipWriter::new(BufWriter::with_capacity(PIECE, file));
    let options = options(now);
    let mut entries = BTreeMap::new();
    let mut open: Option<Open> = None;
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            Piece::Begin(part) => {
                entries.extend(open.take().map(Open::sum));
                let how = match part {
                    Part::Database | Part::Table(_) => {
                        options.compression_method(CompressionMethod::Deflated).compression_level(Some(PRESSURE))
                    }
                    // A JPEG does not get smaller.
                    Part::Secret | Part::Picture(..) => options,
                };
                zip.start_file(part.to_string(), how).map_err(broken)?;
                open = Some(Open { name: part.to_string(), bytes: 0, digest: Sha256::new() });
            }
            Piece::Bytes(bytes) => write(&mut zip, open.as_mut(), &bytes)?,
            Piece::File(path) => {
                let mut from = File::open(&path).map_err(broken)?;
                let mut piece = vec![0; PIECE];
                loop {
                    let length = from.read(&mut piece).map_err(broken)?;
                    if length == 0 {
                        break;
                    }
                    write(&mut zip, open.as_mut(), &piece[..length])?;
                }
            }
            Piece::End(mut manifest) => {
                entries.extend(open.take().map(Open::sum));
                manifest.entries = entries;
                zip.start_file(MANIFEST, options).map_err(broken)?;
                serde_json::to_writer_pretty(&mut zip, &manifest).map_err(broken)?;
                let file = zip.finish().map_err(broken)?.into_inner().map_err(|error| broken(error.error()))?;
                file.sync_all().map_err(broken)?;
                return Ok(file.metadata().map_err(broken)?.len());
            }
        }
    }
    Err("The archive was not written to its end".to_owned())
}

fn write(zip: &mut ZipWriter<BufWriter<File>>, open: Option<&mut Open>, bytes: &[u8]) -> Result<(), String> {
    let open = open.ok_or("The archive cannot be written: nothing was begun")?;
    open.bytes += bytes.len() as u64;
    open.digest.update(bytes);
    zip.write_all(bytes).map_err(broken)
}

/// Plain files that only their owner can read, of this moment, of any length.
fn options(now: Timestamp) -> SimpleFileOptions {
    let at = now.seoul();
    let year = u16::try_from(at.date.year).unwrap_or_default();
    // What no archive can say is left out.
    let date = DateTime::from_date_and_time(year, at.date.month, at.date.day, at.hour, at.minute, 0).unwrap_or_default();
    let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    plain.last_modified_time(date).unix_permissions(0o600).large_file(true)
}
