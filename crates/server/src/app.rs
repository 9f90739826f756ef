use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::runtime::Handle;
use tracing::Instrument;
use w3pin_core::Credentials;
use w3pin_unixfs::Profile;

use crate::{
    budget::Budget,
    config::ServerConfig,
    delegate,
    effort::{Effort, Efforts},
    envelope::Refusal,
    error::StoreError,
    folder::free_bytes,
    guesses::{Guess, Guesses},
    held_blocks::HeldBlocks,
    host_name::HostName,
    limits::Limits,
    memory::MemoryPlan,
    party::{Network, Party},
    records::{Account, KeyDigests},
    store::Store,
    turns::{Turn, Turns},
    uploads::Uploads,
};

/// The state shared by all requests.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) profile: Profile,
    pub(crate) limits: Limits,
    pub(crate) hosts: Vec<HostName>,
    data: PathBuf,
    pub(crate) uploads: Uploads,
    /// Memory for the directory entries of uploads in progress.
    pub(crate) folders: Arc<Budget>,
    pub(crate) held_blocks: Arc<HeldBlocks>,
    /// Memory for requests that walk a whole DAG.
    pub(crate) walks: Arc<Budget>,
    pub(crate) block_reads: Arc<Turns>,
    /// Turns for importing uploads.
    pub(crate) ingests: Arc<Turns>,
    pub(crate) efforts: Arc<Efforts>,
    /// A runtime whose threads have the process's own priority.
    runtime: Handle,
    reads: Arc<Turns>,
    /// Separate from `reads`, which must not wait for low-priority work.
    searches: Arc<Turns>,
    /// Folder listings, separate from requests that don't need a node.
    listings: Arc<Turns>,
    writes: Arc<Turns>,
    accounts: Vec<Account>,
    guesses: Guesses,
    delegate: String,
}

impl App {
    /// The number of concurrent block reads.
    const BLOCK_READS: usize = 4;
    /// Bodies up to this many bytes are parsed inline, since that takes negligible time.
    const SHORT: usize = 4 << 10;
    /// The number of queued writes to the records, in total and for one account. Writes run one
    /// after the other.
    const WRITES: [usize; 2] = [64, 16];

    pub(crate) fn new(
        store: Store,
        accounts: Vec<Account>,
        config: &ServerConfig,
        memory: &MemoryPlan,
        address: SocketAddr,
    ) -> Self {
        let delegate = delegate::of_server(store.records.identity(), address);
        let [writes, writes_each] = Self::WRITES;
        Self {
            store,
            profile: config.profile,
            limits: config.limits.clone(),
            hosts: config.hosts.clone(),
            data: config.data.clone(),
            uploads: Uploads::new(memory.uploads),
            folders: Budget::new(memory.folder_bytes),
            held_blocks: HeldBlocks::new(memory.block_bytes),
            walks: Budget::new(memory.walk_bytes),
            block_reads: Turns::new(Self::BLOCK_READS),
            ingests: Turns::of_processors(),
            efforts: Arc::default(),
            runtime: Handle::current(),
            // Lookups are mostly served from memory.
            reads: Turns::of_processors(),
            searches: Turns::of_processors(),
            listings: Turns::of_processors(),
            writes: Turns::with_most(writes, writes_each),
            accounts,
            guesses: Guesses::default(),
            delegate,
        }
    }

    /// Returns the multiaddrs of the peers that fetch pinned content; at least one. With a node,
    /// returns the node's addresses if it responds.
    pub(crate) async fn delegates(&self) -> Vec<String> {
        let mut delegates = delegate::of_node(self.store.engine.delegates().await);
        delegates.truncate(delegate::MOST);
        if delegates.is_empty() {
            delegates.push(self.delegate.clone());
        }
        delegates
    }

    /// Returns the account that these keys belong to, if any, or how long to wait before keys are
    /// checked again.
    pub(crate) fn authenticate(
        &self,
        network: Network,
        credentials: &Credentials,
    ) -> Result<Option<uuid::Uuid>, Duration> {
        let keys = KeyDigests::of(credentials);
        let is_known = Account::has_api_key(&self.accounts, &keys);
        let guess = Guess {
            network,
            api_key: is_known.then_some(keys.api_key),
        };
        self.guesses.check(guess, Instant::now(), || {
            Account::find(&self.accounts, &keys)
        })
    }

    /// Refuses the request if writing `bytes` would exceed the limit on disk use.
    pub(crate) fn require_free_disk(&self, bytes: u64) -> Result<(), Refusal> {
        let needed = bytes.saturating_add(self.limits.free_disk_bytes);
        match self.store.engine.free_bytes() {
            Some(free) if free < needed => Err(StoreError::Full.into()),
            _ => Ok(()),
        }
    }

    /// Returns the folder for temporary files, or refuses the request if the disk is over its
    /// limit.
    pub(crate) fn room(&self) -> Result<&Path, Refusal> {
        match free_bytes(&self.data) {
            Some(free) if free < self.limits.free_disk_bytes => Err(StoreError::Full.into()),
            _ => Ok(&self.data),
        }
    }

    /// Reads from the records when it is this party's turn.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        who: Party,
        question: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.reads.take(who).await;
        self.block(move |app| {
            // The client may disconnect; the work goes on.
            let _turn = turn;
            question(app)
        })
        .await
    }

    /// Like `read`, for queries that may take long.
    pub(crate) async fn search<T: Send + 'static>(
        self: &Arc<Self>,
        who: Party,
        question: impl FnOnce(&Self, &Effort) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.searches.take(who).await;
        self.work_in(turn, who, question).await
    }

    /// Reads the blocks of a folder listing.
    pub(crate) async fn list<T: Send + 'static>(
        self: &Arc<Self>,
        who: Party,
        list: impl FnOnce(&Self, &Effort) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.listings.take(who).await;
        self.work_in(turn, who, list).await
    }

    /// Runs work that holds its turn until it ends, even if the client disconnects.
    async fn work_in<T: Send + 'static>(
        self: &Arc<Self>,
        turn: Turn,
        who: Party,
        work: impl FnOnce(&Self, &Effort) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.work(who, move |app, effort| {
            let _turn = turn;
            work(app, effort)
        })
        .await
    }

    /// Writes to the records when it is this party's turn.
    pub(crate) async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        who: Party,
        change: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.writes.take(who).await;
        self.change(move |app| {
            let _turn = turn;
            change(app)
        })
        .await
    }

    /// Like `write`, with a body to parse. The parsed body takes more memory than the raw one, so
    /// it is parsed only when it is this party's turn.
    pub(crate) async fn write_body<W: Send + 'static, T: Send + 'static>(
        self: &Arc<Self>,
        who: Party,
        body: Vec<u8>,
        parse: impl FnOnce(&Self, &[u8]) -> Result<W, Refusal> + Send + 'static,
        change: impl FnOnce(&Self, W) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        if body.len() <= Self::SHORT {
            let change = move |app: &Self| change(app, parse(app, &body)?);
            return self.write(who, change).await;
        }
        let turn = self.writes.take(who).await;
        // The work holds the turn, since the client may disconnect.
        let parsed = self.work(who, move |app, _| Ok((turn, parse(app, &body)?)));
        let (turn, parsed) = parsed.await?;
        self.change(move |app| {
            let _turn = turn;
            change(app, parsed)
        })
        .await
    }

    /// Runs work that may take long on its own thread, at a lower priority for heavy users.
    pub(crate) async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        who: Party,
        work: impl FnOnce(&Self, &Effort) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let app = Arc::clone(self);
        let span = tracing::Span::current();
        self.efforts
            .work(who, move |effort| span.in_scope(|| work(&app, effort)))
            .await
            .unwrap_or_else(|cause| Err(Refusal::internal(&cause)))
    }

    /// Writes to the records on a thread of the process's own priority, since others wait for the
    /// write lock.
    async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        if Handle::current().id() == self.runtime.id() {
            return self.block(change).await;
        }
        // A new thread inherits its priority from the one that starts it, so a thread of that
        // runtime starts this one.
        let app = Arc::clone(self);
        let changed = async move { app.block(change).await };
        let changed = self.runtime.spawn(changed.in_current_span()).await;
        changed.unwrap_or_else(|cause| Err(Refusal::internal(&cause)))
    }

    /// Runs blocking work on a thread where blocking is safe.
    pub(crate) async fn block<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let app = Arc::clone(self);
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || span.in_scope(|| work(&app)))
            .await
            .unwrap_or_else(|cause| Err(Refusal::internal(&cause)))
    }
}
