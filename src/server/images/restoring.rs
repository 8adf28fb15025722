//! Pictures that come back from a backup.

use super::{Images, name};
use crate::shared::error::AppError;
use crate::shared::ids::ImageId;
use crate::shared::images::Size;
use std::collections::BTreeSet;
use uuid::Uuid;

impl Images {
    /// Keeps one form of a picture as it was kept before.
    ///
    /// # Errors
    /// [`AppError::Unavailable`]
    pub async fn put_back(&self, id: ImageId, size: Size, form: Vec<u8>) -> Result<(), AppError> {
        self.storage.put(&name(id, size), form).await
    }

    /// The name of a file here that is a picture's, and none of those; what is no picture's is nobody's business.
    ///
    /// # Errors
    /// [`AppError::Unavailable`]
    pub async fn other_than(&self, known: &BTreeSet<ImageId>) -> Result<Option<String>, AppError> {
        self.storage.find(|name| picture_in(name).is_some_and(|id| !known.contains(&id))).await
    }
}

/// Which picture's file has such a name.
fn picture_in(file: &str) -> Option<ImageId> {
    let (id, _) = file.rsplit('/').next()?.split_once('-')?;
    let id = ImageId(Uuid::try_parse(id).ok()?);
    Size::ALL.into_iter().any(|size| name(id, size) == file).then_some(id)
}
