//! `POST /`

use std::time::Duration;

use http::{Method, Response, Uri};

use super::{Operation, Semantics};
use crate::{Boundary, Cid, Endpoint, FilePart, Metadata, Multipart, Pin, Result};

/// The least rate at which a service processes a CAR.
const CAR_BYTES_PER_SECOND: u64 = 4 << 20;

/// Pins a file, a folder or a CAR by uploading it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Upload {
    /// The body.
    pub plan: Multipart,
}

impl Upload {
    /// Uploads these files: one with its base name, or a folder's files as `folder/relative/path`.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no file, or the metadata can't
    /// be sent.
    pub fn new(parts: Vec<FilePart>, metadata: &Metadata, boundary: Boundary) -> Result<Self> {
        Ok(Self {
            plan: Multipart::new(parts, metadata, boundary)?,
        })
    }

    /// Uploads a CAR with this root, for services that [accept CARs](crate::TakesCars).
    ///
    /// # Errors
    /// The errors of [`Multipart::car`].
    pub fn car(part: FilePart, root: Cid, metadata: &Metadata, boundary: Boundary) -> Result<Self> {
        Ok(Self {
            plan: Multipart::car(part, root, metadata, boundary)?,
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
        // Without the trailing slash the service redirects, and a redirected POST is lost.
        endpoint.join("/")
    }

    fn body(&self) -> Multipart {
        self.plan.clone()
    }

    /// Only at the end of a CAR does a service know which of its blocks to keep.
    fn patience(&self) -> Duration {
        let car = self.plan.car_root().and_then(|_| self.plan.content_bytes());
        Duration::from_secs(car.unwrap_or(0) / CAR_BYTES_PER_SECOND)
    }

    fn output(&self, response: Response<&[u8]>) -> Result<Pin> {
        super::data(response)
    }
}
