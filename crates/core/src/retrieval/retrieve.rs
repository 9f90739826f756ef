//! Creates the calls that read content.

use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use w3pin_unixfs::DAG_PB;

use super::{
    content::{Piece, ReadOptions, content},
    cooldowns::Cooldowns,
    dag::{DagBlock, DagLimits, dag},
    entries::{Entry, entries},
    lane::Lane,
    layout::holes,
    resolve::{Found, Node, NodeKind, found, resolve},
    sources::Sources,
    tree::{TreeEnd, TreeItem, TreeLimits, tree},
};
use crate::{
    Cid, Error, ErrorKind, Gateway, IpfsPath, Result, RetryPolicy,
    calls::{call::Call, port::Port},
    wire::fetch_car::Scope,
};

/// Creates the calls that read content back from gateways, which aren't trusted: every block is verified
/// against its CID before it is used, and a gateway that serves a wrong one is never asked again.
///
/// Clones share what is known about the gateways.
///
/// ```
/// use std::time::Duration;
/// use w3pin_core::{Cooldowns, ReadOptions, Retrieval, Step};
///
/// let gateways = vec!["https://trustless-gateway.link".parse()?];
/// let retrieval = Retrieval::new(gateways, Cooldowns::new())?;
/// let path = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e".parse()?;
/// let mut call = retrieval.content(path, ReadOptions::new());
/// let Step::Send(transmission) = call.next(Duration::ZERO, 7) else { panic!("a block is asked for") };
/// assert_eq!(transmission.request.uri().query(), Some("format=raw"));
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Retrieval {
    sources: Sources,
    retry: RetryPolicy,
    timeout: Option<Duration>,
    /// Whether blocks are looked up locally instead of requested.
    at_hand: bool,
    latest: Latest,
}

/// The block of the last resolved path, if it contains a whole file: callers that resolve a path
/// usually read it next. It is used once.
#[derive(Clone, Debug, Default)]
struct Latest(Arc<Mutex<Option<(Cid, Bytes)>>>);

impl Latest {
    fn keep(&self, found: &Found) {
        let Found { node, block } = found;
        // A block with links is repeated in the CAR of its links.
        if node.cid.as_cid().codec() != DAG_PB {
            let latest = (node.cid.clone(), block.clone());
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(latest);
        }
    }

    fn take(&self, cid: &Cid) -> Option<Bytes> {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, block) = latest.take_if(|(kept, _)| kept == cid)?;
        Some(block)
    }
}

impl Retrieval {
    /// Creates calls for these gateways, in the order to try them.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there are none.
    pub fn new(gateways: Vec<Gateway>, cooldowns: Cooldowns) -> Result<Self> {
        if gateways.is_empty() {
            let reason = "the list of gateways is empty; give at least one";
            return Err(Error::invalid_input("gateways", reason));
        }
        Ok(Self {
            sources: Sources::new(gateways, cooldowns),
            retry: RetryPolicy::default(),
            timeout: None,
            at_hand: false,
            latest: Latest::default(),
        })
    }

    /// Reads the driver's local blocks, such as those of a CAR file, without gateways. They are
    /// verified too.
    #[must_use]
    pub fn at_hand() -> Self {
        Self {
            sources: Sources::new(Vec::new(), Cooldowns::new()),
            retry: RetryPolicy::default(),
            timeout: None,
            at_hand: true,
            latest: Latest::default(),
        }
    }

    /// Sets the retry policy for a block that no gateway serves; each round over all gateways counts as one attempt.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the policy allows no attempt.
    pub fn retry(mut self, retry: RetryPolicy) -> Result<Self> {
        retry.check()?;
        self.retry = retry;
        Ok(self)
    }

    /// Sets the time limit of a single block, retries included.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// Returns a copy that has forgotten what its gateways did wrong: one that has served a wrong
    /// block is used again. Cooldowns that hosts asked for still apply.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self {
            sources: self.sources.afresh(),
            latest: Latest::default(),
            ..self.clone()
        }
    }

    /// Restricts reads to one gateway.
    #[must_use]
    pub fn only(self, gateway: Gateway) -> Self {
        let sources = Sources::new(vec![gateway], self.sources.cooldowns());
        Self {
            sources,
            at_hand: false,
            latest: Latest::default(),
            ..self
        }
    }

    /// Returns the number of usable gateways.
    #[must_use]
    pub fn usable_gateways(&self) -> usize {
        self.sources.usable()
    }

    /// Fetches a block.
    pub fn block(&self, cid: Cid) -> Call<Bytes> {
        let this = self.clone();
        Call::new(self.timeout, move |port| async move {
            this.lane(port).block(&cid).await
        })
    }

    /// Resolves a path to a file, a folder or a symbolic link.
    pub fn resolve(&self, path: IpfsPath) -> Call<Node> {
        let this = self.clone();
        Call::new(self.timeout, move |port| async move {
            let mut lane = this.lane(port);
            if !path.segments().is_empty() {
                lane.open(path.clone(), Scope::Block, Vec::new()).await;
            }
            let found = resolve(&mut lane, &path).await?;
            lane.finish().await;
            this.latest.keep(&found);
            Ok(found.node)
        })
    }

    /// Determines the kind of a folder's entry. One whose block no gateway has is
    /// [`Unavailable`](NodeKind::Unavailable), so that it doesn't hide the others.
    pub fn describe(&self, cid: Cid) -> Call<Node> {
        let this = self.clone();
        Call::new(self.timeout, move |port| async move {
            match found(&mut this.lane(port), cid.clone()).await {
                Ok(found) => Ok(found.node),
                Err(error) if is_nowhere(&error) => Ok(Node {
                    cid,
                    kind: NodeKind::Unavailable,
                    size: None,
                }),
                Err(error) => Err(error),
            }
        })
    }

    /// Reads a file or a part of it. Its pieces are in order and without gaps.
    pub fn content(&self, path: IpfsPath, options: ReadOptions) -> Call<Node, Piece> {
        let this = self.clone();
        Call::new(None, move |port: Port<Piece>| {
            let lane = this.lane_from(port.clone(), path.root());
            content(port, lane, path, options)
        })
    }

    /// Lists a folder of at most 10,000,000 entries, in the order of its blocks.
    pub fn entries(&self, path: IpfsPath) -> Call<Node, Vec<Entry>> {
        let this = self.clone();
        Call::new(None, move |port: Port<Vec<Entry>>| {
            let lane = this.lane(port.clone());
            entries(port, lane, path)
        })
    }

    /// Walks everything below a path, depth first, and reads the files if `contents` is set.
    pub fn tree(
        &self,
        path: IpfsPath,
        contents: bool,
        limits: TreeLimits,
    ) -> Call<TreeEnd, TreeItem> {
        let this = self.clone();
        Call::new(None, move |port: Port<TreeItem>| {
            let lane = this.lane(port.clone());
            tree(port, lane, path, contents, limits)
        })
    }

    /// Yields all blocks of a DAG, depth first, each once and after one that links to it. Follows
    /// links of dag-pb, DAG-CBOR and DAG-JSON.
    pub fn dag(&self, root: Cid, limits: DagLimits) -> Call<(), DagBlock> {
        let this = self.clone();
        Call::new(None, move |port: Port<DagBlock>| {
            let lane = this.lane(port.clone());
            dag(port, lane, root, limits)
        })
    }

    /// Finds the parts of a file that aren't on disk, where it has `length` bytes, and the file's
    /// size, unless that is only in its missing block. The driver compares.
    pub fn holes(&self, cid: Cid, length: u64) -> Call<Option<u64>, Range<u64>> {
        let this = self.clone();
        Call::new(None, move |port: Port<Range<u64>>| {
            let lane = this.lane(port.clone());
            holes(port, lane, cid, length)
        })
    }

    fn lane<I>(&self, port: Port<I>) -> Lane<I> {
        let lane = Lane::new(port, self.sources.clone(), self.retry.clone());
        if self.at_hand { lane.at_hand() } else { lane }
    }

    /// Returns a lane for a walk that starts with this block.
    fn lane_from<I>(&self, port: Port<I>, first: &Cid) -> Lane<I> {
        let lane = self.lane(port);
        match self.latest.take(first) {
            Some(block) => lane.knowing(first, block),
            None => lane,
        }
    }
}

/// Returns whether no gateway has a block, as far as they know. A gateway that finds no provider in
/// time responds with 504.
fn is_nowhere(error: &Error) -> bool {
    error.kind() == ErrorKind::NotFound || error.status() == Some(504)
}
