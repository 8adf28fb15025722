//! Secrets of this installation: one root, from which a key for each purpose is derived.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;
use uuid::Uuid;

/// The shortest root secret, in bytes.
pub const MIN_ROOT: usize = 32;

/// The keys that the server signs with.
#[derive(Clone)]
pub struct Keys {
    /// Signs access tokens.
    pub access: [u8; 32],
    /// Seals the ids in links.
    pub link: [u8; 32],
    /// Turns an address into a visitor's name that says nothing about it.
    pub visitor: [u8; 32],
    /// Turns a mail address at a school into a name that says nothing about it.
    pub school_address: [u8; 32],
}

impl Keys {
    /// Derives every key from a root secret.
    #[must_use]
    pub fn derive(root: &str) -> Self {
        let key = |purpose: &str| mac(root.as_bytes(), purpose.as_bytes());
        Self { access: key("access"), link: key("link"), visitor: key("visitor"), school_address: key("school address") }
    }

    /// An id that only this server can have written: 64 hexadecimal digits, the id and half of its HMAC. For one purpose
    /// only, so that a link for one thing opens no other.
    #[must_use]
    pub fn seal(&self, purpose: &str, id: Uuid) -> String {
        format!("{}{}", id.as_simple(), hex(&mac(&self.link, format!("{purpose} {id}").as_bytes())[..16]))
    }

    /// The id in a sealed text; `None` for everything else.
    #[must_use]
    pub fn unseal(&self, purpose: &str, text: &str) -> Option<Uuid> {
        let id = Uuid::try_parse(text.get(..32)?).ok()?;
        let sealed = self.seal(purpose, id);
        // As long for a wrong digit at the end as for one at the start.
        (sealed.len() == text.len() && sealed.bytes().zip(text.bytes()).fold(0, |wrong, (a, b)| wrong | (a ^ b)) == 0).then_some(id)
    }

    /// The root secret of a data directory: read, or made on the first start (readable by its owner only).
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn root_in(dir: &Path) -> Result<String, String> {
        if let Some(root) = Self::kept_in(dir)? {
            return Ok(root);
        }
        let root = hex(&rand::random::<[u8; 32]>());
        Self::keep_in(dir, &root)?;
        Ok(root)
    }

    /// The root secret of a data directory, if there is one.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn kept_in(dir: &Path) -> Result<Option<String>, String> {
        let path = dir.join("secret");
        match std::fs::read_to_string(&path) {
            Ok(text) if text.trim().len() >= MIN_ROOT => Ok(Some(text.trim().to_owned())),
            Ok(_) => Err(format!("{} is damaged: remove it to sign everybody out and start anew", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{} cannot be read: {error}", path.display())),
        }
    }

    /// Gives a data directory that has none its root secret, readable by its owner only.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn keep_in(dir: &Path, root: &str) -> Result<(), String> {
        let path = dir.join("secret");
        write_private(&path, root).map_err(|error| format!("{} cannot be written: {error}", path.display()))
    }
}

/// The HMAC-SHA-256 of a message.
#[must_use]
pub fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// The SHA-256 of a secret, as it is stored.
#[must_use]
pub fn fingerprint(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// A secret that cannot be guessed: 256 random bits as hexadecimal.
#[must_use]
pub fn random_secret() -> String {
    hex(&rand::random::<[u8; 32]>())
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_id_opens_for_its_purpose_only() {
        let (keys, others) = (Keys::derive("root"), Keys::derive("another root"));
        let id = Uuid::from_u128(0x01a1_ff1c_a0ff_7182_b3e7_b086_1c54_1e76);
        let sealed = keys.seal("verify", id);
        assert_eq!((sealed.len(), keys.unseal("verify", &sealed)), (64, Some(id)));
        assert_eq!(keys.unseal("reset", &sealed), None);
        assert_eq!(others.unseal("verify", &sealed), None);
        for wrong in [
            "",
            "x",
            &sealed[..63],
            &format!("{sealed}0"),
            &sealed.replace(&sealed[60..], "0000"),
            &sealed.to_uppercase(),
            "가나다라마바사아자차카타파하",
        ] {
            assert_eq!(keys.unseal("verify", wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_made_once_and_kept_private() {
        let dir = tempfile::tempdir().expect("a directory");
        let first = Keys::root_in(dir.path()).expect("made");
        assert_eq!(Keys::root_in(dir.path()), Ok(first));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(dir.path().join("secret")).expect("file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(dir.path().join("secret"), "x").expect("write");
        assert!(Keys::root_in(dir.path()).expect_err("damaged").contains("damaged"));
    }
}
