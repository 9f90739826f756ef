//! Reads content back, with proof.

use std::{
    fmt,
    path::Path,
    sync::{Arc, LazyLock},
};

use bytes::{Bytes, BytesMut};
use w3pin_core::{
    Cid, Cooldowns, DagLimits, Gateway, IpfsPath, Node, ReadOptions, Result, Retrieval,
};

use crate::{CarFile, Client, ClientBuilder, driver::Driver};

mod content_reader;
mod content_stream;
mod dag_blocks;
mod fetch;
mod folder_entries;
mod local_file;

pub(crate) use self::local_file::LocalFile;
pub use self::{
    content_reader::ContentReader,
    content_stream::ContentStream,
    dag_blocks::DagBlocks,
    fetch::{FetchOptions, FetchProgress, Fetched, OnFetchProgress, SymlinkPolicy},
    folder_entries::{FolderEntries, FolderEntry},
};

/// Reads content back from gateways and verifies every byte against its CID before returning it.
///
/// No account is required, and no gateway is trusted: one that serves a wrong block isn't asked
/// again, and the others supply what is missing. A file is read in one response if a gateway
/// serves CARs, and otherwise block by block. If a host asks for a pause, the whole process pauses requests to it.
///
/// Clones share their connections and what they know about the gateways. Every future may be dropped
/// at any time, which cancels the call.
///
/// ```no_run
/// # async fn read() -> w3pin::Result<()> {
/// use w3pin::{ReadOptions, Retriever};
///
/// let retriever = Retriever::new()?;
/// let path = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/readme".parse()?;
/// let text = retriever.read(&path, ReadOptions::new()).await?;
/// println!("{}", String::from_utf8_lossy(&text));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Retriever {
    driver: Arc<Driver>,
    retrieval: Retrieval,
}

/// Hosts that asked any client of this process to pause.
static COOLDOWNS: LazyLock<Cooldowns> = LazyLock::new(Cooldowns::new);

impl Retriever {
    /// Creates a retriever for the gateways in the environment or the config file, or else for
    /// `https://trustless-gateway.link`. For other settings, use [`ClientBuilder::retriever`].
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if a setting can't be used.
    pub fn new() -> Result<Self> {
        Client::builder().retriever()
    }

    /// Returns a retriever for a CAR file.
    pub(crate) fn of_car(car: CarFile) -> Self {
        Self {
            driver: Arc::new(Driver::over(car)),
            retrieval: Retrieval::at_hand(),
        }
    }

    /// Returns a retriever that has forgotten what its gateways did wrong: one that has served a
    /// wrong block is used again, which long-running programs need. Cooldowns that hosts asked for
    /// still apply.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self {
            driver: Arc::clone(&self.driver),
            retrieval: self.retrieval.afresh(),
        }
    }

    /// Restricts the retriever to one gateway.
    pub(crate) fn only(self, gateway: Gateway) -> Self {
        let retrieval = self.retrieval.only(gateway);
        Self { retrieval, ..self }
    }

    /// Fetches a block.
    pub(crate) async fn block(&self, cid: &w3pin_unixfs::Cid) -> Result<Bytes> {
        let call = self.retrieval.block(Cid::from(*cid));
        self.driver.drive(call).await
    }

    /// Resolves a path to a file, a folder or a symbolic link.
    ///
    /// - `path`: A CID, optionally followed by a path.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if nothing exists at the path or no gateway has it.
    pub async fn resolve(&self, path: &IpfsPath) -> Result<Node> {
        self.driver
            .drive(self.retrieval.resolve(path.clone()))
            .await
    }

    /// Reads a file, or a range of it, into memory.
    ///
    /// - `path`: A CID, optionally followed by a path.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if it isn't a file, or is larger than the
    /// options allow, and those of [`resolve`](Self::resolve).
    pub async fn read(&self, path: &IpfsPath, options: ReadOptions) -> Result<Bytes> {
        let mut stream = self.stream(path, options.into_memory());
        let Some(first) = stream.next().await.transpose()? else {
            return Ok(Bytes::new());
        };
        let Some(second) = stream.next().await.transpose()? else {
            return Ok(first);
        };
        let mut all = BytesMut::from(&first[..]);
        all.extend_from_slice(&second);
        while let Some(piece) = stream.next().await {
            all.extend_from_slice(&piece?);
        }
        Ok(all.freeze())
    }

    /// Streams a file, or a range of it. Nothing is read ahead beyond the connection's buffers.
    ///
    /// - `path`: A CID, optionally followed by a path.
    pub fn stream(&self, path: &IpfsPath, options: ReadOptions) -> ContentStream {
        let call = self.retrieval.content(path.clone(), options);
        ContentStream::new(Arc::clone(&self.driver), call)
    }

    /// Opens a file for random access.
    ///
    /// - `path`: A CID, optionally followed by a path.
    ///
    /// # Errors
    /// The errors of [`read`](Self::read).
    pub async fn open(&self, path: &IpfsPath) -> Result<ContentReader> {
        let node = self.resolve(path).await?;
        ContentReader::new(self.clone(), path, node)
    }

    /// Lists the entries of a folder. They are in the order of its blocks. Determining the kind of an entry takes a request for
    /// each one that isn't a raw block; several run at a time. An entry whose block no gateway has is
    /// [`Unavailable`](w3pin_core::NodeKind::Unavailable).
    ///
    /// - `path`: A CID, optionally followed by a path.
    pub fn list(&self, path: &IpfsPath) -> FolderEntries {
        FolderEntries::new(self.clone(), path.clone())
    }

    /// Reads all blocks of a DAG, depth first, each once. Links of dag-pb, DAG-CBOR and DAG-JSON are
    /// followed. Nothing is read ahead beyond the connection's buffers.
    ///
    /// - `root`: The CID of the DAG's root.
    /// - `limits`: How large it may be.
    pub fn dag(&self, root: &Cid, limits: DagLimits) -> DagBlocks {
        let call = self.retrieval.dag(root.clone(), limits);
        DagBlocks::new(Arc::clone(&self.driver), call)
    }

    /// Writes a file or folder to disk.
    ///
    /// A file gets its final name once it is complete. Content that is already on disk is compared
    /// by its digests, and only what is missing is fetched; call it again to resume after an
    /// interruption. A file with other content is left as it is, unless
    /// [`overwrite`](FetchOptions::overwrite) is set. Names and links that lead out of the
    /// destination are rejected.
    ///
    /// - `path`: A CID, optionally followed by a path.
    /// - `destination`: The path of the file or folder to write.
    ///
    /// # Errors
    /// [`LocalIo`](crate::ErrorKind::LocalIo) if it can't be written,
    /// [`Decode`](crate::ErrorKind::Decode) if the content is invalid, and the errors of [`resolve`](Self::resolve).
    pub async fn fetch(
        &self,
        path: &IpfsPath,
        destination: impl AsRef<Path>,
        options: FetchOptions,
    ) -> Result<Fetched> {
        fetch::fetch(self, path, destination.as_ref(), options).await
    }
}

impl Client {
    /// Returns a [`Retriever`] that uses this client's gateways and connections.
    #[must_use]
    pub fn retriever(&self) -> Retriever {
        let inner = &self.inner;
        let gateways = match &inner.gateways[..] {
            [] => vec![Gateway::for_endpoint(self.endpoint())],
            gateways => gateways.to_vec(),
        };
        let made = Retrieval::new(gateways, COOLDOWNS.clone())
            .and_then(|retrieval| retrieval.retry(inner.session.retry_policy().clone()));
        let retrieval = match made {
            Ok(retrieval) => retrieval.timeout(inner.session.time_for_a_call()),
            Err(_) => unreachable!("there is a gateway, and the policy is the client's own"),
        };
        Retriever {
            driver: Arc::clone(&inner.driver),
            retrieval,
        }
    }
}

impl ClientBuilder {
    /// Builds a [`Retriever`] with these settings. No credentials are needed.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if a setting can't be used.
    pub fn retriever(self) -> Result<Retriever> {
        let own = self.anonymous()?;
        let gateways = match own.settings.gateways {
            gateways if gateways.is_empty() => vec![Gateway::for_endpoint(&own.settings.endpoint)],
            gateways => gateways,
        };
        let retrieval = Retrieval::new(gateways, COOLDOWNS.clone())?
            .retry(own.retry)?
            .timeout(Some(own.call_timeout));
        Ok(Retriever {
            driver: own.driver,
            retrieval,
        })
    }
}

impl fmt::Debug for Retriever {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retriever")
            .field("retrieval", &self.retrieval)
            .finish_non_exhaustive()
    }
}
