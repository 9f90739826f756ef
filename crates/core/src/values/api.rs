//! The API of a service.

use crate::{Error, Result};

/// The API that a service speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Api {
    /// The W3IPFS (AIOZ Pin) pinning API, which authenticates with an API key and a secret key.
    #[default]
    W3ipfs,
    /// The [IPFS Pinning Service API](https://ipfs.github.io/pinning-services-api-spec/), which
    /// authenticates with an access token. It pins by CID, and has no uploads.
    PinningService,
}

crate::words!(Api, "api", "w3ipfs" => W3ipfs, "pinning-service" => PinningService);

impl Api {
    /// Fails if the API has no uploads.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput), naming `api`.
    pub fn require_uploads(self) -> Result<()> {
        match self {
            Self::W3ipfs => Ok(()),
            Self::PinningService => Err(Error::invalid_input(
                "api",
                "the Pinning Service API doesn't support uploads; pin content that is already on IPFS by \
                 its CID, or upload to a service whose api is w3ipfs",
            )),
        }
    }
}
