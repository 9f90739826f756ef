//! Content: a path, bytes, or files in memory.

use std::collections::BTreeMap;

use bytes::Bytes;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use w3pin::{Content, Error, Result};

/// Content in one of the fields. Bytes are copied, since JavaScript may change them meanwhile.
#[napi(object, object_to_js = false)]
pub struct NativeContent {
    pub path: Option<String>,
    pub bytes: Option<Uint8Array>,
    pub files: Option<Vec<NativeFile>>,
}

/// A file in memory.
#[napi(object, object_to_js = false)]
pub struct NativeFile {
    pub path: String,
    pub bytes: Uint8Array,
}

impl NativeContent {
    /// Parses the argument `name`.
    pub(crate) fn read(self, name: &'static str) -> Result<Content> {
        if let Some(path) = self.path {
            return Ok(path.into());
        }
        if let Some(bytes) = self.bytes {
            return Ok(Content::bytes(copy(&bytes)));
        }
        let mut files = BTreeMap::new();
        for NativeFile { path, bytes } in self.files.unwrap_or_default() {
            if files.contains_key(&path) {
                let reason = format!("{name} has two files with the path {path:?}");
                return Err(Error::invalid_input(name, reason));
            }
            files.insert(path, copy(&bytes));
        }
        Ok(Content::Files(files))
    }
}

pub(crate) fn copy(bytes: &Uint8Array) -> Bytes {
    Bytes::copy_from_slice(bytes)
}
