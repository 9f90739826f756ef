//! Checks a stopped server's data folder, and makes its records anew.
//!
//! There is one way to do either: records are made from the packs, which are all read, and from
//! whatever of the old records can be read. A check compares the two and throws the new ones away; a
//! repair puts them in the place of the old ones, which it keeps beside them.

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

/// What a check found, and what a repair did about it.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct FsckReport {
    /// Packs that were read.
    pub packs: u64,
    /// Blocks that pins need and that are as they were written.
    pub blocks: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// Pins of all accounts, those that were ended included.
    pub pins: u64,
    /// All that isn't as it should be.
    pub problems: Vec<Problem>,
    /// Pins of which content is lost, until it is uploaded again.
    pub lost: Vec<LostPin>,
    /// Whether the records were made anew.
    pub is_repaired: bool,
    /// Content that no pin held and that the records knew nothing of, pinned now.
    pub recovered: Option<Recovered>,
}

impl FsckReport {
    /// Whether nothing is wrong, or nothing any more.
    pub fn is_sound(&self) -> bool {
        self.lost.is_empty() && (self.problems.is_empty() || self.is_repaired)
    }

    fn problem(&mut self, kind: ProblemKind, what: impl fmt::Display) {
        let what = what.to_string();
        self.problems.push(Problem { kind, what });
    }
}

/// Something that isn't as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// What kind of thing it is.
    pub kind: ProblemKind,
    /// What it is about: a file, a block, a pin or an account, and what is the matter with it.
    pub what: String,
}

/// What can be wrong with a data folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ProblemKind {
    /// There are no records, or they can't be read as a whole.
    Records,
    /// An account can't be read.
    Account,
    /// A pin's record can't be read.
    PinRecord,
    /// A pack isn't as it was written.
    Pack,
    /// No record names a pack.
    UnknownPack,
    /// A block that pins need is damaged or gone.
    Block,
    /// The records count wrongly, or hold what they should have dropped.
    Count,
}

impl ProblemKind {
    /// Its name in JSON.
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

/// A pin of which content is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LostPin {
    /// The pin's id.
    pub id: String,
    /// Its root.
    pub cid: String,
    /// A block of it that is damaged or gone.
    pub block: String,
}

/// Content that was pinned for want of records that tell whose it is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recovered {
    /// The new pins.
    pub pins: u64,
    /// The keys of the account that has them, if it was made for that. They aren't to be had again.
    pub generated: Option<Credentials>,
}

/// Why a data folder couldn't be checked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FsckError {
    /// There is nothing to check.
    #[error("{}: no server has kept data here", data.display())]
    NoData {
        /// The folder that should be a data folder.
        data: PathBuf,
    },
    /// The folder can't be read or written.
    #[error("{}: {source}", data.display())]
    Store {
        /// The data folder.
        data: PathBuf,
        /// What is the matter.
        source: StoreError,
    },
    /// The task was stopped.
    #[error("it was stopped")]
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
/// Where a server has the folder, or it can't be read or written.
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

/// A check under way.
struct Fsck<'a> {
    config: &'a ServerConfig,
    /// None where there are no records, or none that can be read at all.
    old: Option<OldRecords>,
    new: Records,
    packs: Packs,
    report: FsckReport,
    /// Packs that aren't as they were written.
    odd_packs: BTreeSet<u64>,
    /// Packs that no record named.
    unknown_packs: BTreeSet<u64>,
    /// Blocks that pins wait for, and those pins' ids.
    waiting: Vec<(ContentKey, u128)>,
    /// Roots of pins that are complete.
    roots: Vec<ContentKey>,
}

impl Fsck<'_> {
    fn run(config: &ServerConfig, repair: bool) -> Result<FsckReport, StoreError> {
        let data = &config.data;
        let lock = FolderLock::take(data)?;
        // A check is possible on a full disk.
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

    /// Puts the new records in the place of the old ones, or throws them away.
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
        // The old ones get a second name and not another, so that there are records at every moment.
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

/// The identity that most packs carry.
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

/// Gives the old records a second name, or makes a copy of them where the disk knows no links.
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

/// A name beside the old records that nothing has yet.
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
