//! Uploads that another HTTP stack sends, as they cross.

use std::collections::HashMap;

use w3pin::{Error, PreparedUpload, Result};

use crate::error::Failure;

/// A prepared upload.
#[derive(Clone, uniffi::Record)]
pub struct PreparedRecord {
    /// The HTTP method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The headers.
    pub headers: HashMap<String, String>,
    /// The path of the body.
    pub body: String,
    /// Bytes of the body.
    pub content_length: u64,
    /// The CID that is expected.
    pub cid: String,
    /// All that is needed to judge the response, without keys.
    pub kept: String,
}

/// Restores a stored upload.
#[uniffi::export]
pub fn kept_upload(kept: String) -> Result<PreparedRecord, Failure> {
    Ok(read(&kept)?.try_into()?)
}

/// Parses a stored upload.
pub(crate) fn read(kept: &str) -> Result<PreparedUpload> {
    serde_json::from_str(kept).map_err(|cause| {
        Error::invalid_input("upload", format!("this isn't a prepared upload: {cause}"))
    })
}

impl TryFrom<PreparedUpload> for PreparedRecord {
    type Error = Error;

    fn try_from(upload: PreparedUpload) -> Result<Self> {
        let kept = serde_json::to_string(&upload).map_err(|cause| {
            Error::invalid_input("upload", format!("the upload can't be serialized: {cause}"))
        })?;
        let body = upload.body.into_os_string().into_string();
        Ok(Self {
            method: upload.method,
            url: upload.url,
            headers: upload.headers.into_iter().collect(),
            body: body.map_err(|_| Error::invalid_input("body", "the path isn't Unicode"))?,
            content_length: upload.content_length,
            cid: upload.cid.to_string(),
            kept,
        })
    }
}
