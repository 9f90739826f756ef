//! Previews uploads.

use serde::Serialize;
use w3pin_core::{Cid, Result};

use crate::{CidOptions, Content, PinOptions, compute_cid, upload::Outgoing};

/// What an upload would send, and the CID that it would have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UploadPreview {
    /// The CID of the root.
    pub cid: Cid,
    /// The bytes of content.
    pub size: u64,
    /// The files, in the order in which they are sent.
    pub files: Vec<PreviewedFile>,
}

/// A file that would be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PreviewedFile {
    /// The name sent to the service.
    pub name: String,
    /// The bytes of content.
    pub size: u64,
}

/// Lists what an upload would send and computes its CID, offline.
///
/// - `content`: A file or folder, on disk or in memory.
/// - `name`, of the options: The name of the pin, and of a folder in memory.
/// - `profile`, of the options: The UnixFS profile to compute the CID under.
///
/// This function blocks; call it with `spawn_blocking` from async code.
///
/// # Errors
/// The errors of [`Client::pin_path`](crate::Client::pin_path), if the content can't be sent.
///
/// ```
/// use w3pin::{Content, PinOptions, preview_upload};
///
/// let folder = Content::files([("0.json", "{}"), ("1.json", "{}")]);
/// let preview = preview_upload(folder, &PinOptions::new().name("drop"))?;
/// assert_eq!(preview.files[0].name, "drop/0.json");
/// assert_eq!(preview.size, 4);
/// # Ok::<(), w3pin::Error>(())
/// ```
pub fn preview_upload(content: impl Into<Content>, options: &PinOptions) -> Result<UploadPreview> {
    let content = content.into();
    let files = Outgoing::new(content.clone(), options)?.files();
    let cid_options = CidOptions::new()
        .profile(options.profile.unwrap_or_default())
        .walk(options.walk.clone())
        .empty_folders(false);
    let root = compute_cid(content, &cid_options)?;
    Ok(UploadPreview {
        cid: root.cid,
        size: root.size,
        files,
    })
}
