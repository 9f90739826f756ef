//! Reads content once, both to send it and to compute its CID.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use w3pin_core::{Computed, Error, ErrorKind, Multipart, Result, Roots, Segment};
use w3pin_unixfs::Profile;

use super::{
    blocks::{BLOCK, Packed, Packer, Piece, block_size},
    outgoing::{Reader, Source},
};
use crate::transport::Block;

/// Up to this size the reading thread also hashes: starting another would take longer.
const INLINE: u64 = 1024 * 1024;
/// How many blocks hashing may lag behind.
const BEHIND: usize = 2;

/// Why reading ended early.
pub(super) enum Stop {
    /// The rest isn't wanted.
    Cut,
    /// The content can't be read, or has changed.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Reads all content in order and returns its roots.
pub(super) async fn feed(
    plan: &Multipart,
    source: &Source,
    mut lanes: Lanes,
) -> Result<Vec<Computed>, Stop> {
    let mut packer = Packer::new(block_size(plan));
    for segment in plan.segments() {
        match segment {
            Segment::Bytes(bytes) => lanes.separator(&mut packer, &bytes).await?,
            Segment::Source { index, length } => {
                packer.begin(index);
                // Large files start a new block, so that their chunks are contiguous.
                if length.is_none_or(|length| length >= BLOCK as u64) {
                    lanes.flush(&mut packer).await?;
                }
                let Some(part) = plan.parts().get(index) else {
                    continue;
                };
                match source.open(part.name())? {
                    Reader::Bytes(bytes) if bytes.len() >= BLOCK => {
                        lanes.slices(bytes, index).await?;
                    }
                    reader => lanes.content(&mut packer, reader, length).await?,
                }
            }
        }
    }
    lanes.finish(packer.take()).await
}

/// The destinations of blocks.
pub(super) struct Lanes {
    body: Option<mpsc::Sender<Block>>,
    hashing: Option<Hashing>,
    /// Whether to hold back the end until everything before it is verified.
    proves_first: bool,
    /// Whether the roots are still wanted, if nothing is sent.
    wanted: Option<Weak<()>>,
}

impl Lanes {
    /// Sends `plan` to the body, and computes its roots under these profiles.
    pub(super) fn new(
        body: Option<mpsc::Sender<Block>>,
        plan: &Multipart,
        profiles: &[Profile],
    ) -> Result<Self> {
        let hashing = if profiles.is_empty() {
            None
        } else {
            Some(Hashing::new(plan, Roots::new(profiles, plan))?)
        };
        Ok(Self {
            body,
            hashing,
            proves_first: plan.car_root().is_some(),
            wanted: None,
        })
    }

    /// Ends as soon as `wanted` is dropped.
    pub(super) fn while_wanted(mut self, wanted: &Arc<()>) -> Self {
        self.wanted = Some(Arc::downgrade(wanted));
        self
    }

    async fn separator(&mut self, packer: &mut Packer, bytes: &[u8]) -> Result<(), Stop> {
        if self.body.is_none() {
            return Ok(());
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            self.make_room(packer).await?;
            rest = &rest[packer.separator(rest)..];
        }
        Ok(())
    }

    async fn content(
        &mut self,
        packer: &mut Packer,
        mut reader: Reader,
        length: Option<u64>,
    ) -> Result<(), Stop> {
        let mut read = 0;
        loop {
            self.make_room(packer).await?;
            let room = packer.room();
            let wanted = length.map_or(u64::MAX, |length| length - read);
            let wanted = usize::try_from(wanted)
                .unwrap_or(usize::MAX)
                .min(room.len());
            if wanted == 0 {
                break;
            }
            match reader.read(&mut room[..wanted]).await? {
                0 => break,
                count => {
                    packer.content(count);
                    read += count as u64;
                }
            }
        }
        if let Some(length) = length {
            if read < length {
                return Err(Stop::Failed(reader.changed(format!(
                    "the content became shorter while it was sent: {read} of {length} bytes could be read"
                ))));
            }
            if reader.read(&mut [0]).await? > 0 {
                return Err(Stop::Failed(reader.changed(format!(
                    "the content became longer while it was sent: it had {length} bytes"
                ))));
            }
        }
        packer.end();
        Ok(())
    }

    /// Sends content that is in memory without copying it.
    async fn slices(&mut self, mut bytes: Bytes, index: usize) -> Result<(), Stop> {
        while !bytes.is_empty() {
            let block = bytes.split_to(bytes.len().min(BLOCK));
            let piece = Piece {
                range: 0..block.len(),
                ends: bytes.is_empty().then_some(index),
            };
            let packed = Packed {
                bytes: block,
                pieces: vec![piece],
                file: index,
            };
            self.send(packed, false).await?;
        }
        Ok(())
    }

    async fn make_room(&mut self, packer: &mut Packer) -> Result<(), Stop> {
        if packer.is_full() {
            self.flush(packer).await?;
        }
        Ok(())
    }

    async fn flush(&mut self, packer: &mut Packer) -> Result<(), Stop> {
        if packer.is_empty() {
            return Ok(());
        }
        self.send(packer.take(), false).await
    }

    async fn send(&mut self, packed: Packed, last: bool) -> Result<(), Stop> {
        let Packed {
            bytes,
            pieces,
            file,
        } = packed;
        if self
            .wanted
            .as_ref()
            .is_some_and(|it| it.strong_count() == 0)
        {
            return Err(Stop::Cut);
        }
        if let Some(body) = self.body.as_ref().filter(|_| last || !bytes.is_empty()) {
            let block = Block {
                content: pieces.iter().map(|piece| piece.range.len() as u64).sum(),
                bytes: bytes.clone(),
                file,
                last,
            };
            body.send(block).await.map_err(|_| Stop::Cut)?;
        }
        match &mut self.hashing {
            Some(hashing) => hashing.add(bytes, pieces).await,
            None => Ok(()),
        }
    }

    async fn finish(mut self, packed: Packed) -> Result<Vec<Computed>, Stop> {
        if self.proves_first
            && let Some(mut hashing) = self.hashing.take()
        {
            hashing
                .add(packed.bytes.clone(), packed.pieces.clone())
                .await?;
            let computed = hashing.finish().await?;
            self.send(packed, true).await?;
            return Ok(computed);
        }
        self.send(packed, true).await?;
        match self.hashing {
            Some(hashing) => hashing.finish().await,
            None => Ok(Vec::new()),
        }
    }
}

/// Where the CID is computed.
enum Hashing {
    Here(Box<Roots>),
    Thread {
        work: mpsc::Sender<(Bytes, Vec<Piece>)>,
        computed: oneshot::Receiver<Result<Vec<Computed>>>,
    },
}

impl Hashing {
    fn new(plan: &Multipart, roots: Roots) -> Result<Self> {
        if plan.content_bytes().is_some_and(|total| total <= INLINE) {
            return Ok(Self::Here(Box::new(roots)));
        }
        let (work, mut blocks) = mpsc::channel::<(Bytes, Vec<Piece>)>(BEHIND);
        let (done, computed) = oneshot::channel();
        std::thread::Builder::new()
            .name("w3pin-hash".to_owned())
            .spawn(move || {
                let mut roots = roots;
                while let Some((bytes, pieces)) = blocks.blocking_recv() {
                    if let Err(error) = hash(&mut roots, &bytes, &pieces) {
                        let _ = done.send(Err(error));
                        return;
                    }
                }
                let _ = done.send(roots.finish());
            })
            .map_err(|cause| {
                Error::new(
                    ErrorKind::LocalIo,
                    format!("no thread can be started to compute the CID: {cause}"),
                )
                .with_source(cause)
            })?;
        Ok(Self::Thread { work, computed })
    }

    async fn add(&mut self, bytes: Bytes, pieces: Vec<Piece>) -> Result<(), Stop> {
        match self {
            Self::Here(roots) => Ok(hash(roots, &bytes, &pieces)?),
            Self::Thread { work, computed } => match work.send((bytes, pieces)).await {
                Ok(()) => Ok(()),
                // It only ends early with an error.
                Err(_) => match computed.await {
                    Ok(Err(error)) => Err(Stop::Failed(error)),
                    Ok(Ok(_)) | Err(_) => Err(Stop::Cut),
                },
            },
        }
    }

    async fn finish(self) -> Result<Vec<Computed>, Stop> {
        match self {
            Self::Here(roots) => Ok(roots.finish()?),
            Self::Thread { work, computed } => {
                drop(work);
                computed.await.map_err(|_| Stop::Cut)?.map_err(Stop::Failed)
            }
        }
    }
}

/// Hashes the pieces of files in a block.
fn hash(roots: &mut Roots, bytes: &[u8], pieces: &[Piece]) -> Result<()> {
    for piece in pieces {
        let bytes = &bytes[piece.range.clone()];
        if piece.ends.is_some() {
            roots.end_file(bytes)?;
        } else {
            roots.update(bytes)?;
        }
    }
    Ok(())
}
