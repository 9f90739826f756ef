//! Proves that a DAG contains given content, whatever its layout.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::Arc,
};

use bytes::Bytes;
use w3pin_core::{Cid, Error, Gateway, Result};
use w3pin_unixfs::{Cid as BlockCid, DagNode, decode};

use crate::{
    Client, ClientBuilder, Content, Retriever, Symlinks, WalkOptions,
    blocking::blocking,
    walk::{survey, unreadable},
};

mod file;
mod folder;
mod local;

use self::local::Local;

/// The options of a proof.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// The gateway to fetch blocks from, which learns the CID and needn't be trusted: unless set,
    /// the endpoint if it is on this machine, or `https://trustless-gateway.link`.
    pub gateway: Option<Gateway>,
    /// Which entries of a folder count; symbolic links are compared as links unless set otherwise.
    pub walk: WalkOptions,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self {
            gateway: None,
            walk: WalkOptions::new().symlinks(Symlinks::Preserve),
        }
    }
}

impl VerifyOptions {
    /// Returns the defaults: no hidden files, and links compared as links.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the gateway to fetch blocks from.
    #[must_use]
    pub fn gateway(mut self, gateway: Gateway) -> Self {
        self.gateway = Some(gateway);
        self
    }

    /// Sets which entries of a folder count.
    #[must_use]
    pub fn walk(mut self, walk: WalkOptions) -> Self {
        self.walk = walk;
        self
    }

    /// Sets whether to include hidden files.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.walk.hidden = hidden;
        self
    }

    /// Sets what to do with symbolic links.
    #[must_use]
    pub fn symlinks(mut self, symlinks: Symlinks) -> Self {
        self.walk.symlinks = symlinks;
        self
    }
}

/// The result of a proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proof {
    /// The number of files compared.
    pub files: u64,
    /// The bytes of content compared, each covered by a verified digest.
    pub bytes: u64,
    /// The number of blocks fetched.
    pub blocks_fetched: u64,
}

impl Client {
    /// Proves block by block that a CID names this content, whatever its layout.
    ///
    /// The blocks with links are fetched from a gateway and checked against their CIDs; the
    /// local content is split at their block sizes, and every piece is compared by its digest. A
    /// dishonest gateway can make the proof fail, but never succeed. A folder on disk may contain folders
    /// without files that the DAG lacks, since uploads can't contain them.
    ///
    /// ```no_run
    /// # async fn prove(client: w3pin::Client, pin: w3pin::Pin) -> w3pin::Result<()> {
    /// use std::path::Path;
    /// use w3pin::VerifyOptions;
    ///
    /// let proof = client.verify(Path::new("site"), &pin.cid, VerifyOptions::new()).await?;
    /// println!("{} bytes proved by {} blocks", proof.bytes, proof.blocks_fetched);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`CidMismatch`](crate::ErrorKind::CidMismatch) if the content differs, with the path and offset of
    /// the first difference; [`InvalidInput`](crate::ErrorKind::InvalidInput) if the DAG is of a kind
    /// that can't be compared; [`Decode`](crate::ErrorKind::Decode) if the gateway serves other blocks
    /// than it is asked for; and [`LocalIo`](crate::ErrorKind::LocalIo) if the content can't be read.
    pub async fn verify(
        &self,
        content: impl Into<Content>,
        cid: &Cid,
        options: VerifyOptions,
    ) -> Result<Proof> {
        prove(self.retriever(), content.into(), cid, options).await
    }
}

/// Proves block by block that a CID names this content, whatever its layout; no account is
/// required.
///
/// - `content`: A file or folder, on disk or in memory.
/// - `cid`: The CID of the content's root.
///
/// # Errors
/// The errors of [`Client::verify`].
pub async fn verify(
    content: impl Into<Content>,
    cid: &Cid,
    options: VerifyOptions,
) -> Result<Proof> {
    Client::builder().verify(content, cid, options).await
}

impl ClientBuilder {
    /// Proves the same as [`verify`] through these settings, of which no credentials are needed.
    ///
    /// # Errors
    /// The errors of [`Client::verify`], and [`InvalidInput`](crate::ErrorKind::InvalidInput) if a setting can't be
    /// used.
    pub async fn verify(
        self,
        content: impl Into<Content>,
        cid: &Cid,
        options: VerifyOptions,
    ) -> Result<Proof> {
        prove(self.retriever()?, content.into(), cid, options).await
    }
}

async fn prove(
    retriever: Retriever,
    content: Content,
    cid: &Cid,
    options: VerifyOptions,
) -> Result<Proof> {
    let source = match options.gateway {
        Some(gateway) => retriever.only(gateway),
        None => retriever,
    };
    let walk = options.walk.clone();
    let (local, needed) = blocking(move || {
        let local = Local::open(content, &walk)?;
        let needed = FEW_BLOCKS + local.bytes() / BYTES_A_BLOCK + local.entries();
        Ok((local, needed))
    })
    .await?;
    let mut prover = Prover {
        source,
        ahead: BTreeMap::new(),
        root: cid,
        hidden: options.walk.hidden,
        blocks_left: needed,
        proof: Proof::default(),
    };
    match local {
        Local::File(file) => {
            prover.file(&Arc::new(file), *cid.as_cid()).await?;
        }
        Local::Folder(folder) => prover.folder(folder, *cid.as_cid()).await?,
    }
    Ok(prover.proof)
}

/// The blocks that may be fetched for any content, and the bytes of content or folder entries that
/// allow one more. A DAG with more inner blocks wasn't made by an importer, but to waste its
/// reader's time.
const FEW_BLOCKS: u64 = 100_000;
const BYTES_A_BLOCK: u64 = 4096;

const SHA2_256: u64 = 0x12;

/// The blocks to fetch at a time, if all of them are known to be needed.
const AT_ONCE: usize = 8;

struct Prover<'a> {
    source: Retriever,
    /// Prefetched blocks, at most as many as are fetched at a time.
    ahead: BTreeMap<BlockCid, Bytes>,
    root: &'a Cid,
    hidden: bool,
    blocks_left: u64,
    proof: Proof,
}

impl Prover<'_> {
    /// Returns a verified block.
    async fn block(&mut self, cid: &BlockCid) -> Result<Bytes> {
        if let Some(block) = self.ahead.remove(cid) {
            return Ok(block);
        }
        self.count(cid)?;
        self.source.block(cid).await
    }

    /// Prefetches the first of these blocks concurrently, since all of them are needed.
    async fn look_ahead(&mut self, cids: impl Iterator<Item = BlockCid>) -> Result<()> {
        if !self.ahead.is_empty() {
            return Ok(());
        }
        let cids: BTreeSet<BlockCid> = cids.take(AT_ONCE).collect();
        if cids.len() < 2 {
            return Ok(());
        }
        cids.iter().try_for_each(|cid| self.count(cid))?;
        let source = &self.source;
        let fetched = cids.into_iter().map(|cid| async move {
            let block = source.block(&cid).await?;
            Ok::<_, Error>((cid, block))
        });
        self.ahead = futures_util::future::try_join_all(fetched)
            .await?
            .into_iter()
            .collect();
        Ok(())
    }

    /// Counts a fetched block.
    fn count(&mut self, cid: &BlockCid) -> Result<()> {
        checkable(cid)?;
        if self.blocks_left == 0 {
            let reason = "its DAG has more blocks than its content requires";
            return Err(unprovable(cid, reason));
        }
        self.blocks_left -= 1;
        self.proof.blocks_fetched += 1;
        Ok(())
    }

    fn differs(&self, reason: String) -> Error {
        Error::other_content(
            format!("{} isn't this content: {reason}", self.root),
            self.root.clone(),
        )
    }
}

/// Rejects a hash function that isn't computed here.
fn checkable(cid: &BlockCid) -> Result<()> {
    if cid.hash().code() == SHA2_256 && cid.hash().size() == 32 {
        Ok(())
    } else {
        Err(unprovable(cid, "its hash isn't SHA-256"))
    }
}

fn node<'a>(cid: &BlockCid, block: &'a [u8]) -> Result<DagNode<'a>> {
    decode(cid, block).map_err(|cause| unprovable(cid, &cause.to_string()))
}

fn unprovable(cid: &BlockCid, reason: &str) -> Error {
    Error::invalid_input(
        "cid",
        format!("{cid} can't be compared with content: {reason}"),
    )
}

fn changed(path: &std::path::Path, cause: io::Error) -> Error {
    if cause.kind() == io::ErrorKind::UnexpectedEof {
        let reason = "the file became shorter while it was compared";
        return Error::local_io(path.display().to_string(), reason, cause);
    }
    unreadable(path, cause)
}
