//! Files that are there as a whole or not at all.

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A file on its way, under a name of its own beside the one that it will have. Dropping it removes it.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    is_kept: bool,
}

impl Draft {
    /// An empty file beside another one that only its owner can read; `ending` is added to the other's name.
    ///
    /// # Errors
    /// A sentence: it cannot be made, or is there already.
    pub fn beside(file: &Path, ending: &str) -> Result<(Self, File), String> {
        let mut name = file.as_os_str().to_owned();
        name.push(ending);
        let path = PathBuf::from(name);
        let made = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path);
        match made {
            Ok(made) => Ok((Self { path, is_kept: false }, made)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(format!(
                "{} is there: somebody else is at it, or was broken off. If nobody is, remove it and try again",
                path.display()
            )),
            Err(error) => Err(format!("{} cannot be written: {error}", path.display())),
        }
    }

    /// Where it is for now.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves it where it is.
    pub fn keep(mut self) {
        self.is_kept = true;
    }

    /// Puts it where it belongs, in the place of what is there, and makes that durable. What was written has to be durable already.
    ///
    /// # Errors
    /// A sentence; then it is not there.
    pub fn keep_as(mut self, file: &Path) -> Result<(), String> {
        let unwritable = |error: std::io::Error| format!("{} cannot be written: {error}", file.display());
        std::fs::rename(&self.path, file).map_err(unwritable)?;
        self.is_kept = true;
        sync_directory_of(file).map_err(unwritable)
    }

    /// Puts it where nothing is, and makes that durable. What was written has to be durable already.
    ///
    /// # Errors
    /// A sentence. When something is there, since whenever, that stays, and this does not; when only the directory cannot be made durable,
    /// it is there.
    pub fn keep_as_new(mut self, file: &Path) -> Result<(), String> {
        let unwritable = |error: std::io::Error| format!("{} cannot be written: {error}", file.display());
        match renameat_with(CWD, &self.path, CWD, file, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            Err(Errno::EXIST) => return Err(is_there(file)),
            // Some file systems, as those of a network, cannot do both at once.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) if file.exists() => return Err(is_there(file)),
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => std::fs::rename(&self.path, file).map_err(unwritable)?,
            Err(error) => return Err(unwritable(error.into())),
        }
        self.is_kept = true;
        sync_directory_of(file).map_err(unwritable)
    }
}

/// The sentence for what would be overwritten.
pub fn is_there(file: &Path) -> String {
    format!("{} is there already, and nothing is overwritten: name another file", file.display())
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_kept {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn sync_directory_of(file: &Path) -> std::io::Result<()> {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}
