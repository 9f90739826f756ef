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

/// What every request sees.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) profile: Profile,
    pub(crate) limits: Limits,
    pub(crate) hosts: Vec<HostName>,
    data: PathBuf,
    pub(crate) uploads: Uploads,
    /// Memory for the folders that are being uploaded.
    pub(crate) folders: Arc<Budget>,
    pub(crate) held_blocks: Arc<HeldBlocks>,
    /// Memory for those who read whole DAGs.
    pub(crate) walks: Arc<Budget>,
    pub(crate) block_reads: Arc<Turns>,
    /// What is made of uploads.
    pub(crate) ingests: Arc<Turns>,
    pub(crate) efforts: Arc<Efforts>,
    /// Whose threads have the process's own priority.
    runtime: Handle,
    reads: Arc<Turns>,
    /// Apart from what is looked up, which mustn't wait for work of low priority.
    searches: Arc<Turns>,
    /// Lists of folders, apart from what needs no node to answer.
    listings: Arc<Turns>,
    writes: Arc<Turns>,
    accounts: Vec<Account>,
    guesses: Guesses,
    delegate: String,
}

impl App {
    /// Blocks that are read at once.
    const BLOCK_READS: usize = 4;
    /// Bytes of a body that is parsed in no time.
    const SHORT: usize = 4 << 10;
    /// What may be on its way into the records at once, and how much of it one account's: they are
    /// written one after the other.
    const WRITES: [usize; 2] = [16, 2];

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
            // What is looked up is mostly in memory.
            reads: Turns::of_processors(),
            searches: Turns::of_processors(),
            listings: Turns::of_processors(),
            writes: Turns::with_most(writes, writes_each),
            accounts,
            guesses: Guesses::default(),
            delegate,
        }
    }

    /// The peers that fetch what is pinned, as multiaddrs; at least one. Those of a node, if there is one
    /// and it answers.
    pub(crate) async fn delegates(&self) -> Vec<String> {
        let mut delegates = delegate::of_node(self.store.engine.delegates().await);
        delegates.truncate(delegate::MOST);
        if delegates.is_empty() {
            delegates.push(self.delegate.clone());
        }
        delegates
    }

    /// The account that these keys belong to, if they do to any; or how long it has to be waited until
    /// keys are heard again.
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

    /// Refuses where the disk, `bytes` fuller, would be fuller than it may be.
    pub(crate) fn require_free_disk(&self, bytes: u64) -> Result<(), Refusal> {
        let needed = bytes.saturating_add(self.limits.free_disk_bytes);
        match self.store.engine.free_bytes() {
            Some(free) if free < needed => Err(StoreError::Full.into()),
            _ => Ok(()),
        }
    }

    /// Where what comes is kept for the moment, unless the disk is fuller than it may be.
    pub(crate) fn room(&self) -> Result<&Path, Refusal> {
        match free_bytes(&self.data) {
            Some(free) if free < self.limits.free_disk_bytes => Err(StoreError::Full.into()),
            _ => Ok(&self.data),
        }
    }

    /// Asks the records, when it is this party's turn.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        who: Party,
        question: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.reads.take(who).await;
        self.block(move |app| {
            // Whoever asked may go away; the work goes on all the same.
            let _turn = turn;
            question(app)
        })
        .await
    }

    /// The same of what takes long, where there is much to look at.
    pub(crate) async fn search<T: Send + 'static>(
        self: &Arc<Self>,
        who: Party,
        question: impl FnOnce(&Self, &Effort) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.searches.take(who).await;
        self.work_in(turn, who, question).await
    }

    /// Reads many blocks to list a folder.
    pub(crate) async fn list<T: Send + 'static>(
        self: &Arc<Self>,
        who: Party,
        list: impl FnOnce(&Self, &Effort) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.listings.take(who).await;
        self.work_in(turn, who, list).await
    }

    /// Works in a turn, which goes with the work: whoever asked may go away meanwhile.
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

    /// Changes the records, when it is this party's turn.
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

    /// The same, as a body says. What that says takes more memory than the body, so it isn't parsed before its turn.
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
        // The turn goes with the work: whoever asked may go away meanwhile.
        let parsed = self.work(who, move |app, _| Ok((turn, parse(app, &body)?)));
        let (turn, parsed) = parsed.await?;
        self.change(move |app| {
            let _turn = turn;
            change(app, parsed)
        })
        .await
    }

    /// Does what may take long on a thread of its own, which makes way for others' where the party has used much.
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

    /// Changes the records on a thread of the process's own priority, since others wait until it is done.
    async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        if Handle::current().id() == self.runtime.id() {
            return self.block(change).await;
        }
        // A new thread has the priority of the one that starts it, so that one of that runtime does.
        let app = Arc::clone(self);
        let changed = async move { app.block(change).await };
        let changed = self.runtime.spawn(changed.in_current_span()).await;
        changed.unwrap_or_else(|cause| Err(Refusal::internal(&cause)))
    }

    /// Does what blocks on a thread where that does no harm.
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
