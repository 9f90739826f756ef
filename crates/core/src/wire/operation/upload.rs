//! `POST /`

use http::{Method, Response, Uri};

use super::{Operation, Semantics};
use crate::{Boundary, Endpoint, FilePart, Metadata, Multipart, Pin, Result};

/// Pins a file or a folder by sending its content.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Upload {
    /// The body.
    pub plan: Multipart,
}

impl Upload {
    /// Sends these files: one with its base name, or a folder's files as `folder/relative/path`.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where there is no file, or the metadata can't
    /// be sent.
    pub fn new(parts: Vec<FilePart>, metadata: &Metadata, boundary: Boundary) -> Result<Self> {
        Ok(Self {
            plan: Multipart::new(parts, metadata, boundary)?,
        })
    }
}

impl Operation for Upload {
    const NAME: &'static str = "upload";
    const SEMANTICS: Semantics = Semantics::Creating;
    const METHOD: Method = Method::POST;
    type Body = Multipart;
    type Output = Pin;

    fn uri(&self, endpoint: &Endpoint) -> Result<Uri> {
        // The slash matters: without it the live service redirects, and a redirected POST is lost.
        endpoint.join("/")
    }

    fn body(&self) -> Multipart {
        self.plan.clone()
    }

    fn output(&self, response: Response<&[u8]>) -> Result<Pin> {
        super::data(response)
    }
}
