//! Checks the data folder of a stopped server, and rebuilds its records.
//!
//! Both work the same way: new records are built from the packs, which are all read, and from
//! whatever can be read of the old records. A check compares the two and discards the new ones; a
//! repair replaces the old ones and keeps a backup of them.

use std::{
    collections::BTreeSet,
    fmt, fs, io,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use thiserror::Error;
use w3pin_core::Credentials;

use crate::{
    backend::Backend,
    config::ServerConfig,
    content_key::ContentKey,
    engine::packs::{self, Origin, Packs},
    error::StoreError,
    folder::{FolderLock, open_private_file, sync_folder},
    records::{OldRecords, Records, path_in, random},
};

mod accounts_and_pins;
mod compare;
mod content;
mod needed;

/// The result of a check or a repair.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct FsckReport {
    /// The number of packs that were read.
    pub packs: u64,
    /// The number of intact blocks that pins need.
    pub blocks: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// The number of pins of all accounts, including removed ones.
    pub pins: u64,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
    /// Pins that have lost content, until it is uploaded again.
    pub lost: Vec<LostPin>,
    /// Whether the records were rebuilt.
    pub is_repaired: bool,
    /// Content that no pin or record referred to and that is pinned now.
    pub recovered: Option<Recovered>,
}

impl FsckReport {
    /// Returns whether nothing is wrong, or everything has been repaired.
    pub fn is_sound(&self) -> bool {
        self.lost.is_empty() && (self.problems.is_empty() || self.is_repaired)
    }

    fn problem(&mut self, kind: ProblemKind, what: impl fmt::Display) {
        let what = what.to_string();
        self.problems.push(Problem { kind, what });
    }
}

/// Something that is wrong in a data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The kind of problem.
    pub kind: ProblemKind,
    /// The affected file, block, pin or account, and what is wrong with it.
    pub what: String,
}

/// The kinds of problems of a data folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The records are missing or unreadable as a whole.
    Records,
    /// An account's record can't be read.
    Account,
    /// A pin's record can't be read.
    PinRecord,
    /// A pack is corrupt.
    Pack,
    /// No record refers to a pack.
    UnknownPack,
    /// A block that pins need is damaged or missing.
    Block,
    /// A count in the records is wrong, or they contain something that should have been removed.
    Count,
}

impl ProblemKind {
    /// Returns the name of the kind in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Account => "account",
            Self::PinRecord => "pin_record",
            Self::Pack => "pack",
            Self::UnknownPack => "unknown_pack",
            Self::Block => "block",
            Self::Count => "count",
        }
    }
}

/// A pin that has lost content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LostPin {
    /// The ID of the pin.
    pub id: String,
    /// The CID of its root.
    pub cid: String,
    /// The CID of a damaged or missing block.
    pub block: String,
}

/// Content that was pinned because no record says whose it is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recovered {
    /// The number of new pins.
    pub pins: u64,
    /// The keys of the account that owns the pins, if one was generated. They can't be shown again.
    pub generated: Option<Credentials>,
}

/// Why a data folder couldn't be checked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FsckError {
    /// There is nothing to check.
    #[error("{}: not the data folder of a server", data.display())]
    NoData {
        /// The folder that should be a data folder.
        data: PathBuf,
    },
    /// The folder can't be read or written.
    #[error("{}: {source}", data.display())]
    Store {
        /// The data folder.
        data: PathBuf,
        /// The cause.
        source: StoreError,
    },
    /// The check was stopped.
    #[error("the check was stopped")]
    Stopped,
}

/// Reads every record, block and pack of the data folder of `config`, and says what is wrong. With
/// `repair` the records are made anew: counts are right, content that is there is found, what is lost
/// is shown in the pins, and packs that hold nothing any more are set aside. Nothing is deleted.
///
/// Content of which no record tells whose it is becomes pins of the first account of `config`, or of
/// one that is made. Over a node the records alone are checked.
///
/// # Errors
///
/// If a server has the folder, or it can't be read or written.
pub async fn fsck(config: &ServerConfig, repair: bool) -> Result<FsckReport, FsckError> {
    let config = config.clone();
    tokio::task::spawn_blocking(move || check(&config, repair))
        .await
        .map_err(|_| FsckError::Stopped)?
}

fn check(config: &ServerConfig, repair: bool) -> Result<FsckReport, FsckError> {
    let data = &config.data;
    let blocks = data.join(packs::BLOCKS);
    if !path_in(data).is_file() && !blocks.is_dir() {
        return Err(FsckError::NoData { data: data.clone() });
    }
    Fsck::run(config, repair).map_err(|source| FsckError::Store {
        data: data.clone(),
        source,
    })
}

/// A check in progress.
struct Fsck<'a> {
    config: &'a ServerConfig,
    /// `None` if there are no records, or none that can be read.
    old: Option<OldRecords>,
    new: Records,
    packs: Packs,
    report: FsckReport,
    /// Corrupt packs.
    odd_packs: BTreeSet<u64>,
    /// Packs that no record refers to.
    unknown_packs: BTreeSet<u64>,
    /// Blocks that pins wait for, and the IDs of these pins.
    waiting: Vec<(ContentKey, u128)>,
    /// Roots of complete pins.
    roots: Vec<ContentKey>,
}

impl Fsck<'_> {
    fn run(config: &ServerConfig, repair: bool) -> Result<FsckReport, StoreError> {
        let data = &config.data;
        let lock = FolderLock::take(data)?;
        // A check must work on a full disk.
        let made = if repair {
            data.join("records.new")
        } else {
            std::env::temp_dir().join(format!("w3pin-fsck-{:032x}", random()?))
        };
        let mut report = FsckReport::default();
        let old = match OldRecords::open(&path_in(data))? {
            Ok(old) => {
                if let Some(damage) = &old.damage {
                    report.problem(ProblemKind::Records, damage);
                }
                Some(old)
            }
            Err(cause) => {
                report.problem(ProblemKind::Records, cause);
                None
            }
        };
        let kind = old.as_ref().and_then(OldRecords::backend);
        if let Some(kind) = kind.filter(|kind| *kind != config.backend.number()) {
            return Err(StoreError::OtherBackend(Backend::name_of(kind)));
        }
        let packs = Packs::in_folder(data.join(packs::BLOCKS));
        let identity = match old.as_ref().and_then(OldRecords::identity) {
            Some(identity) => identity,
            None => identity_of(&packs)?.map_or_else(random, Ok)?,
        };
        let session = old.as_ref().and_then(OldRecords::session);
        remove(&made)?;
        let new = Records::make(&made, &config.backend, identity, session)?;
        let mut fsck = Fsck {
            config,
            old,
            new,
            packs,
            report,
            odd_packs: BTreeSet::new(),
            unknown_packs: BTreeSet::new(),
            waiting: Vec::new(),
            roots: Vec::new(),
        };
        let report = match fsck.rebuild() {
            Ok(()) => fsck.end(repair, &made),
            Err(cause) => {
                drop(fsck);
                remove(&made)?;
                Err(cause)
            }
        };
        drop(lock);
        report
    }

    fn rebuild(&mut self) -> Result<(), StoreError> {
        self.take_accounts()?;
        self.take_pins()?;
        if matches!(self.config.backend, Backend::Embedded) {
            self.take_blocks()?;
            self.count_references()?;
            self.recover()?;
            self.drop_unneeded()?;
            self.count_packs()?;
            self.find_lost()?;
        } else {
            self.take_jobs()?;
        }
        self.compare()
    }

    /// Replaces the old records with the new ones, or discards the new ones.
    fn end(self, repair: bool, made: &Path) -> Result<FsckReport, StoreError> {
        let Self {
            config,
            old: records,
            new,
            packs,
            mut report,
            unknown_packs,
            ..
        } = self;
        let named: BTreeSet<u64> = content::named_packs(&new)?;
        drop(new);
        let old = path_in(&config.data);
        if !repair || report.problems.is_empty() {
            report.recovered = None;
            remove(made)?;
            return Ok(report);
        }
        drop(records);
        // The old records get a second name before they are replaced, so that there are records at
        // every moment.
        if old.exists() {
            keep_beside(&old)?;
            sync_folder(&config.data)?;
        }
        fs::rename(made, &old)?;
        sync_folder(&config.data)?;
        for id in unknown_packs.difference(&named) {
            let path = packs.path(*id);
            if path.exists() {
                packs::set_aside(packs.folder(), &path)?;
            }
        }
        report.is_repaired = true;
        report.pins += report
            .recovered
            .as_ref()
            .map_or(0, |recovered| recovered.pins);
        Ok(report)
    }
}

/// Returns the identity that most packs have.
fn identity_of(packs: &Packs) -> io::Result<Option<u128>> {
    let mut found = std::collections::BTreeMap::<u128, usize>::new();
    for file in packs.files()? {
        if let Ok(Some(origin)) = Origin::read(&file.path_in(packs.folder())) {
            *found.entry(origin.identity).or_default() += 1;
        }
    }
    let most = found.into_iter().max_by_key(|(_, count)| *count);
    Ok(most.map(|(identity, _)| identity))
}

/// Hard-links the old records to a second name, or copies them if the disk doesn't support links.
fn keep_beside(old: &Path) -> io::Result<()> {
    let beside = free_name(old);
    if fs::hard_link(old, &beside).is_ok() {
        return Ok(());
    }
    let copied = copy_private(old, &beside);
    if copied.is_err() {
        let _ = fs::remove_file(&beside);
    }
    copied
}

fn copy_private(from: &Path, to: &Path) -> io::Result<()> {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    let mut copy = open_private_file(&options, to)?;
    io::copy(&mut fs::File::open(from)?, &mut copy)?;
    copy.sync_all()
}

/// Returns an unused name next to the old records.
fn free_name(path: &Path) -> PathBuf {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut number = now.map_or(0, |now| now.as_secs());
    loop {
        let name = path.with_extension(format!("redb.{number}"));
        if !name.exists() {
            return name;
        }
        number += 1;
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
        _ => Ok(()),
    }
}
