//! Reading an archive. Nothing of it is believed: names are compared with those that an archive has and lead nowhere, lengths and
//! sums are compared with the manifest while something is read.

use super::manifest::{MANIFEST, Manifest, Part};
use crate::server::keys::hex;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};
use zip::{CompressionMethod, ZipArchive};

/// How much is read at once, in bytes.
const PIECE: usize = 64 * 1024;
/// Pieces that wait to be taken.
const WAITING: usize = 4;

/// An archive whose manifest makes sense. The file stays open: what was verified is what is restored.
pub struct Archive {
    path: PathBuf,
    zip: ZipArchive<BufReader<File>>,
    /// What it says about itself.
    pub manifest: Manifest,
}

impl Archive {
    /// Opens an archive and compares what is in it with its manifest. Reads files: not for the async threads.
    ///
    /// # Errors
    /// A sentence.
    pub fn open(path: &Path) -> Result<Self, String> {
        let file = File::open(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        let refused = |why: String| format!("{} cannot be restored: {why}", path.display());
        let mut zip = ZipArchive::new(BufReader::with_capacity(PIECE, file))
            .map_err(|error| refused(format!("it is no archive of this program, or was cut off ({error})")))?;
        let manifest = Manifest::read(&manifest_of(&mut zip).map_err(refused)?).map_err(refused)?;
        let stranger = zip.file_names().find(|name| *name != MANIFEST && !manifest.entries.contains_key(*name)).map(str::to_owned);
        if let Some(name) = stranger {
            return Err(refused(format!("its manifest does not know the entry {name:?}")));
        }
        if let Some(name) = manifest.entries.keys().find(|name| zip.index_for_name(name).is_none()) {
            return Err(refused(format!("{name} is missing in it")));
        }
        Ok(Self { path: path.to_owned(), zip, manifest })
    }

    /// Reads all of it once and writes nothing. Not for the async threads.
    ///
    /// # Errors
    /// A sentence that names the first part which is not what the manifest says.
    pub fn verify(&mut self) -> Result<(), String> {
        for part in self.manifest.parts()? {
            self.read(part, &mut |_| Ok(()))?;
        }
        Ok(())
    }

    /// Reads a part from beginning to end, a piece at a time. Not for the async threads.
    ///
    /// # Errors
    /// A sentence: the part is not what the manifest says (what was read is worth nothing then), or what `take` says.
    pub fn read(&mut self, part: Part, take: &mut dyn FnMut(&[u8]) -> Result<(), String>) -> Result<(), String> {
        let name = part.to_string();
        let path = &self.path;
        let refused = |why: &str| format!("{} cannot be restored: {name} {why}", path.display());
        let Some(sum) = self.manifest.entries.get(&name) else { return Err(refused("is missing in it")) };
        let mut entry = self.zip.by_name(&name).map_err(|error| refused(&format!("cannot be read ({error})")))?;
        let (mut length, mut digest, mut piece) = (0, Sha256::new(), vec![0; PIECE]);
        loop {
            let some = entry.read(&mut piece).map_err(|error| refused(&format!("is damaged ({error})")))?;
            if some == 0 {
                break;
            }
            length += some as u64;
            if length > sum.bytes {
                return Err(refused("is larger than the manifest says"));
            }
            digest.update(&piece[..some]);
            take(&piece[..some])?;
        }
        if length != sum.bytes || hex(&digest.finalize()) != sum.sha256 {
            return Err(refused("is not what the manifest says: its checksum is another one"));
        }
        Ok(())
    }

    /// Begins to read parts one after the other in a thread of its own.
    #[must_use]
    pub fn unpack(mut self, parts: Vec<Part>) -> Unpacking {
        let (pieces, taken) = mpsc::channel(WAITING);
        let work = spawn_blocking(move || {
            for part in parts {
                let gone = || "nobody takes what is read".to_owned();
                let read = self.read(part, &mut |bytes| pieces.blocking_send(Ok(Some(bytes.to_vec()))).map_err(|_| gone()));
                if pieces.blocking_send(read.map(|()| None)).is_err() {
                    break;
                }
            }
            self
        });
        Unpacking { taken, work }
    }
}

/// The manifest's text. It stands there as it is, so that it cannot be larger than the archive.
fn manifest_of(zip: &mut ZipArchive<BufReader<File>>) -> Result<Vec<u8>, String> {
    let mut entry = zip.by_name(MANIFEST).map_err(|error| format!("it has no manifest ({error})"))?;
    if entry.compression() != CompressionMethod::Stored {
        return Err("its manifest is pressed together".to_owned());
    }
    let mut text = Vec::new();
    entry.read_to_end(&mut text).map_err(|error| format!("its manifest is damaged ({error})"))?;
    Ok(text)
}

/// Parts on their way out of an archive.
pub struct Unpacking {
    taken: mpsc::Receiver<Result<Option<Vec<u8>>, String>>,
    work: JoinHandle<Archive>,
}

impl Unpacking {
    /// The next piece of the present part; `None` at its end, which is also the proof that the pieces were right.
    ///
    /// # Errors
    /// As [`Archive::read`].
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, String> {
        self.taken.recv().await.unwrap_or_else(|| Err("The archive has no further part".to_owned()))
    }

    /// The archive, when all parts were taken.
    ///
    /// # Errors
    /// A sentence: the thread has stopped by itself.
    pub async fn end(self) -> Result<Archive, String> {
        drop(self.taken);
        self.work.await.map_err(|error| format!("The archive cannot be read: {error}"))
    }
}
