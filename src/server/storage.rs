//! Where the files of pictures lie: a directory of this machine, or a store that speaks S3.

use super::config::{Config, Files};
use crate::shared::error::AppError;
use futures_util::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig};
use std::sync::Arc;
use std::time::Duration;

/// A request to an S3 store takes this long at most, its repetitions included.
const PATIENCE: Duration = Duration::from_secs(10);

/// The store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Storage(Arc<dyn ObjectStore>);

impl Storage {
    /// The store that the operator chose. An S3 store is not asked for anything yet.
    ///
    /// # Errors
    /// A sentence: the directory cannot be made or used, or the store's address makes no sense.
    pub fn open(config: &Config) -> Result<Self, String> {
        match &config.files {
            Files::Directory(dir) => {
                std::fs::create_dir_all(dir).map_err(|e| format!("MOIM_DATA_DIR: {} cannot be made: {e}", dir.display()))?;
                let files = LocalFileSystem::new_with_prefix(dir).map_err(|e| format!("MOIM_DATA_DIR: {e}"))?;
                // What was acknowledged is on the disk.
                Ok(Self(Arc::new(files.with_fsync(true).with_automatic_cleanup(false))))
            }
            Files::S3 { bucket, prefix, endpoint, region, key, secret } => {
                // The first one stays; there may be one from another part of the program.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let retry = RetryConfig { max_retries: 2, retry_timeout: PATIENCE, ..RetryConfig::default() };
                let mut builder = AmazonS3Builder::new()
                    .with_bucket_name(bucket)
                    .with_region(region)
                    .with_access_key_id(key)
                    .with_secret_access_key(secret)
                    .with_retry(retry)
                    .with_client_options(ClientOptions::new().with_timeout(PATIENCE).with_connect_timeout(PATIENCE).with_allow_http(true));
                if let Some(endpoint) = endpoint {
                    builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
                }
                let store = builder.build().map_err(|e| format!("MOIM_IMAGES: {e}"))?;
                Ok(Self(Arc::new(PrefixStore::new(store, prefix.as_str()))))
            }
        }
    }

    /// Keeps a file under a name of our own, such as `ab/abcdef-s.jpg`.
    ///
    /// # Errors
    /// [`AppError::Unavailable`]
    pub async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), AppError> {
        self.0.put(&Path::from(name), PutPayload::from(bytes)).await.map(drop).map_err(|error| unavailable(&error))
    }

    /// A file, if it is there.
    ///
    /// # Errors
    /// [`AppError::Unavailable`]
    pub async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, AppError> {
        let found = match self.0.get(&Path::from(name)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(unavailable(&error)),
        };
        Ok(Some(found.bytes().await.map_err(|error| unavailable(&error))?.into()))
    }

    /// A file whose name is one that is looked for.
    ///
    /// # Errors
    /// [`AppError::Unavailable`]
    pub async fn find(&self, mut is_it: impl FnMut(&str) -> bool) -> Result<Option<String>, AppError> {
        let mut files = self.0.list(None);
        while let Some(file) = files.try_next().await.map_err(|error| unavailable(&error))? {
            if is_it(file.location.as_ref()) {
                return Ok(Some(file.location.into()));
            }
        }
        Ok(None)
    }

    /// Removes a file; one that is not there is removed already.
    ///
    /// # Errors
    /// [`AppError::Unavailable`]
    pub async fn remove(&self, name: &str) -> Result<(), AppError> {
        match self.0.delete(&Path::from(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(unavailable(&error)),
        }
    }
}

fn unavailable(error: &object_store::Error) -> AppError {
    tracing::error!(%error, "the image store is not available");
    AppError::Unavailable
}
