//! A CAR that is being sent.

use bytes::Bytes;
use w3pin_car::{CarDecoder, CarItem};
use w3pin_unixfs::verify_block;

use crate::{Cid, Error, ErrorKind, Result};

/// Compares each block of a CAR with its CID.
pub(super) struct SentCar {
    root: Cid,
    decoder: CarDecoder,
}

impl SentCar {
    /// Creates the check for a CAR with this root.
    pub(super) fn new(root: Cid) -> Self {
        Self {
            root,
            decoder: CarDecoder::new(),
        }
    }

    pub(super) fn root(&self) -> &Cid {
        &self.root
    }

    pub(super) fn update(&mut self, bytes: &[u8]) -> Result<()> {
        self.decoder.push(Bytes::copy_from_slice(bytes));
        while let Some(item) = self
            .decoder
            .next()
            .map_err(|cause| wrong(cause.to_string()))?
        {
            match item {
                CarItem::Header(header) if header.roots == [*self.root.as_cid()] => {}
                CarItem::Header(_) => {
                    let reason = "the CAR changed while it was sent: it has a different root";
                    return Err(Error::new(ErrorKind::LocalIo, reason));
                }
                CarItem::Block { cid, bytes } => verify_block(&cid, &bytes).map_err(|cause| {
                    wrong(format!("the CAR contains an invalid block: {cause}"))
                })?,
            }
        }
        Ok(())
    }

    /// Ends the CAR.
    pub(super) fn end(&self) -> Result<()> {
        self.decoder
            .finish()
            .map_err(|cause| wrong(cause.to_string()))
    }
}

fn wrong(reason: String) -> Error {
    Error::new(ErrorKind::Decode, reason)
}
