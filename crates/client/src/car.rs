//! CAR files: packing content into a single file with its proof, and reading it back.

use std::path::Path;

use bytes::Bytes;
use serde::Serialize;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::mpsc,
};
use w3pin_car::{header, section_head};
use w3pin_core::{Cid, DagLimits, Error, ErrorKind, Result};
use w3pin_unixfs::IDENTITY;

use self::{destination::Destination, pack::CarPieces};
use crate::{CidOptions, Content, Retriever, blocking::blocking};

mod car_file;
mod check;
mod destination;
mod pack;
mod source;

pub use self::{
    car_file::{CarBlock, CarFile},
    check::{CarCheck, CarFault},
};

/// The number of pieces that may be queued for a writer.
const QUEUE: usize = 4;

/// A packed CAR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PackedCar {
    /// The CID of the root.
    pub cid: Cid,
    /// The number of distinct blocks.
    pub blocks: u64,
    /// The size of the CAR in bytes.
    pub bytes: u64,
}

/// Packs a file or folder into a CAR file, offline.
///
/// - `content`: A file or folder, on disk or in memory.
/// - `destination`: The path of the CAR file, which must not exist.
///
/// The CAR is a CARv1 with one root and every block once, depth first, as written by `ipfs dag export`
/// for the same content. The file gets its name when it is complete. The content is read twice, and memory stays
/// constant at any size.
///
/// This function blocks; call it with `spawn_blocking` from async code.
///
/// # Errors
/// [`LocalIo`](ErrorKind::LocalIo) if the content can't be read or changes meanwhile, if the CAR can't be
/// written, or if the destination exists; and the errors of [`compute_cid`](crate::compute_cid).
///
/// ```
/// use w3pin::{CidOptions, Content, pack_car};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let car = folder.path().join("hello.car");
/// let packed = pack_car(Content::bytes("hello world"), &car, &CidOptions::new())?;
/// assert_eq!(
///     packed.cid.to_string(),
///     "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
/// );
/// assert_eq!(packed.bytes, std::fs::metadata(&car)?.len());
/// # Ok(())
/// # }
/// ```
pub fn pack_car(
    content: impl Into<Content>,
    destination: impl AsRef<Path>,
    options: &CidOptions,
) -> Result<PackedCar> {
    let destination = Destination::new(destination.as_ref())?;
    let folder = destination.folder().to_owned();
    // The content is listed first, in case the file is created within it.
    let mut pieces = CarPieces::new(content.into(), options, Some(folder))?;
    let mut file = destination.create()?;
    while let Some(piece) = pieces.next()? {
        file.write_all(&piece)
            .map_err(|cause| file.unwritable(cause))?;
    }
    file.finish()?;
    Ok(pieces.packed())
}

/// Writes the CAR of a file or folder, like [`pack_car`]. Must be called within a tokio runtime.
///
/// - `content`: A file or folder, on disk or in memory.
/// - `output`: The writer for the CAR, which is flushed at the end.
///
/// # Errors
/// The errors of [`pack_car`]. The output is incomplete then.
pub async fn write_car<W: AsyncWrite + Unpin + ?Sized>(
    content: impl Into<Content>,
    output: &mut W,
    options: &CidOptions,
) -> Result<PackedCar> {
    let (content, options) = (content.into(), options.clone());
    let (queue, mut pieces) = mpsc::channel::<Bytes>(QUEUE);
    let packing = blocking(move || {
        let mut pieces = CarPieces::new(content, &options, None)?;
        while let Some(piece) = pieces.next()? {
            // The writer has failed, or the call was dropped.
            if queue.blocking_send(piece).is_err() {
                break;
            }
        }
        Ok(pieces.packed())
    });
    let writing = async move {
        while let Some(piece) = pieces.recv().await {
            output.write_all(&piece).await.map_err(unwritable)?;
        }
        output.flush().await.map_err(unwritable)
    };
    let (packed, ()) = tokio::try_join!(packing, writing)?;
    Ok(packed)
}

impl Retriever {
    /// Packs the DAG of a CID into a CAR file, depth first and each block once. The file gets its name when
    /// it is complete.
    ///
    /// - `root`: The CID of the DAG's root.
    /// - `destination`: The path of the CAR file, which must not exist.
    /// - `limits`: How large it may be.
    ///
    /// # Errors
    /// [`LocalIo`](ErrorKind::LocalIo) if the CAR can't be written or the destination exists,
    /// and the errors of [`DagBlocks::next`](crate::DagBlocks::next).
    pub async fn pack_car(
        &self,
        root: &Cid,
        destination: impl AsRef<Path>,
        limits: DagLimits,
    ) -> Result<PackedCar> {
        let destination = destination.as_ref().to_owned();
        let mut file = blocking(move || Destination::new(&destination)?.create()).await?;
        let mut pieces = DagPieces::new(self, root, limits);
        while let Some(piece) = pieces.next().await? {
            file = blocking(move || {
                file.write_all(&piece)
                    .map_err(|cause| file.unwritable(cause))?;
                Ok(file)
            })
            .await?;
        }
        blocking(move || file.finish()).await?;
        Ok(pieces.packed)
    }

    /// Writes the DAG of a CID as a CAR, like [`pack_car`](Self::pack_car).
    ///
    /// # Errors
    /// The errors of [`pack_car`](Self::pack_car). The output is incomplete then.
    pub async fn write_car<W: AsyncWrite + Unpin + ?Sized>(
        &self,
        root: &Cid,
        output: &mut W,
        limits: DagLimits,
    ) -> Result<PackedCar> {
        let mut pieces = DagPieces::new(self, root, limits);
        while let Some(piece) = pieces.next().await? {
            output.write_all(&piece).await.map_err(unwritable)?;
        }
        output.flush().await.map_err(unwritable)?;
        Ok(pieces.packed)
    }
}

/// The CAR of a DAG, generated as its blocks arrive.
struct DagPieces {
    blocks: crate::DagBlocks,
    header: Option<Vec<u8>>,
    packed: PackedCar,
}

impl DagPieces {
    fn new(retriever: &Retriever, root: &Cid, limits: DagLimits) -> Self {
        Self {
            blocks: retriever.dag(root, limits),
            header: Some(header(&[*root.as_cid()])),
            packed: PackedCar {
                cid: root.clone(),
                blocks: 0,
                bytes: 0,
            },
        }
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        let packed = &mut self.packed;
        let mut piece = match self.header.take() {
            Some(header) => header,
            None => loop {
                let Some(block) = self.blocks.next().await.transpose()? else {
                    return Ok(None);
                };
                // Its CID contains it.
                if block.cid.hash().code() == IDENTITY {
                    continue;
                }
                packed.blocks += 1;
                let mut piece = section_head(&block.cid, block.bytes.len());
                piece.extend_from_slice(&block.bytes);
                break piece;
            },
        };
        piece.shrink_to_fit();
        packed.bytes += piece.len() as u64;
        Ok(Some(piece.into()))
    }
}

fn unwritable(cause: std::io::Error) -> Error {
    let reason = format!("the CAR can't be written ({cause})");
    Error::new(ErrorKind::LocalIo, reason)
        .with_field("output")
        .with_source(cause)
}
