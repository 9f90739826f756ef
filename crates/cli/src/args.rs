//! The command line.

use std::{path::PathBuf, time::Duration};

use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use w3pin::{Cid, Gateway, PinId, PinnedFilter, Profile, SortBy, SortOrder, Symlinks, Verify};

use crate::exit_code;

mod backend;
mod serve;

pub(crate) use self::{backend::BackendArgs, serve::Serve};

/// Pin files, folders and CIDs to IPFS, and prove what was pinned.
#[derive(Debug, Parser)]
#[command(name = "w3pin", version, after_help = exit_code::HELP, max_term_width = 100)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Where the service is: a URL, or attoaioz, w3ipfs-storage, w3ipfs or aiozpin [W3PIN_ENDPOINT]
    #[arg(
        long,
        global = true,
        value_name = "URL|PRESET",
        conflicts_with = "local"
    )]
    pub(crate) endpoint: Option<String>,
    /// Use a server inside this process, with its data in your own folders: no account, no network
    #[arg(long, global = true)]
    pub(crate) local: bool,
    /// Where --local, serve, fsck, export and import have their data
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The account's API key [W3PIN_API_KEY]
    #[arg(long, global = true, value_name = "KEY")]
    pub(crate) api_key: Option<String>,
    /// The account's secret key [W3PIN_SECRET_KEY]
    #[arg(long, global = true, value_name = "KEY")]
    pub(crate) secret_key: Option<String>,
    /// Allow plain http to other machines, which anyone on the way can read
    #[arg(long, global = true)]
    pub(crate) insecure_http: bool,
    /// Print one JSON document on stdout
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print no progress and no notes
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Show the calls on stderr; twice for more
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Pin files and folders
    Add(Add),
    /// Pin content that is on IPFS already, by its CID
    AddCid(AddCid),
    /// List pins, newest first
    Ls(Ls),
    /// Show a pin
    Get(Get),
    /// Unpin
    Rm(Rm),
    /// Wait until a pin is done
    Wait(Wait),
    /// Compute the CID of files and folders, offline
    Cid(ComputeCid),
    /// Prove that a pin is this content, block by block, whatever its layout
    Verify(Prove),
    /// Check the credentials
    Check(Check),
    /// Serve the same API from this machine
    Serve(Serve),
    /// Check every record, block and pack of a stopped server
    Fsck(Fsck),
    /// Write all accounts, pins and content of a stopped server to files, contents as CARs
    Export(Transfer),
    /// Take an export into a stopped server, with whatever backend
    Import(Transfer),
    /// Print completions for a shell
    Completions(Completions),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// Files and folders; - is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The name that listings show, for a single PATH
    #[arg(long)]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) pairs: Pairs,
    /// Take a folder's hidden files too
    #[arg(long)]
    pub(crate) hidden: bool,
    /// What becomes of a folder's symbolic links
    #[arg(long, value_enum, default_value_t = UploadLinks::Refuse)]
    pub(crate) symlinks: UploadLinks,
    /// The layout in which the service imports files
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<Profile>,
    /// How much proof is needed that the service pinned what was sent
    #[arg(long, value_enum, default_value_t = Proof::Report)]
    pub(crate) verify: Proof,
    /// Leave alone what the account has pinned already
    #[arg(long)]
    pub(crate) skip_if_pinned: bool,
    /// How many paths are sent at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) concurrency: u16,
    /// Wait until the pins are done
    #[arg(long)]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) patience: Patience,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AddCid {
    /// The roots to pin
    #[arg(required = true, value_name = "CID")]
    pub(crate) cids: Vec<Cid>,
    /// The name that listings show, for a single CID
    #[arg(long)]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) pairs: Pairs,
    /// Answer the pin that the account has already
    #[arg(long)]
    pub(crate) skip_if_pinned: bool,
    /// Wait until the pins are done
    #[arg(long)]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) patience: Patience,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Ls {
    /// Only pins that are pinned (true) or aren't (false)
    #[arg(long, value_name = "all|true|false", num_args = 0..=1, default_value = "all",
          default_missing_value = "true", value_parser = pinned)]
    pub(crate) pinned: PinnedFilter,
    /// What to sort by: created_at, size or name
    #[arg(long, value_name = "FIELD", default_value_t)]
    pub(crate) sort: SortBy,
    /// Which way: asc or desc
    #[arg(long, value_name = "WAY", default_value_t, value_parser = order)]
    pub(crate) order: SortOrder,
    /// How many pins to list, or to ask for at a time with --all [default: 10, or 100 with --all]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u32>,
    /// How many pins to pass over
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) offset: u64,
    /// List all pins, as they come
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) pairs: Pairs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Get {
    /// The pin's id
    pub(crate) id: PinId,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rm {
    /// The pins' ids
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<PinId>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Wait {
    /// The pin's id
    pub(crate) id: PinId,
    #[command(flatten)]
    pub(crate) patience: Patience,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ComputeCid {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The layout: unixfs-v1-2025, unixfs-v0-2015, kubo-cidv1-legacy, or custom(…)
    #[arg(long, value_name = "PROFILE", default_value_t)]
    pub(crate) profile: Profile,
    /// Take a folder's hidden files too
    #[arg(long)]
    pub(crate) hidden: bool,
    /// What becomes of a folder's symbolic links
    #[arg(long, value_enum, default_value_t = Links::Preserve)]
    pub(crate) symlinks: Links,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Prove {
    /// The file or folder
    pub(crate) path: PathBuf,
    /// The root, or the id of a pin
    #[arg(value_name = "CID|PIN_ID")]
    pub(crate) target: String,
    /// Where to fetch the blocks; it needs no trust
    #[arg(long, value_name = "URL")]
    pub(crate) gateway: Option<Gateway>,
    /// Take a folder's hidden files too
    #[arg(long)]
    pub(crate) hidden: bool,
    /// What becomes of a folder's symbolic links
    #[arg(long, value_enum, default_value_t = Links::Preserve)]
    pub(crate) symlinks: Links,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// Write the keys and the endpoint to the config file, once the service has accepted them
    #[arg(long, conflicts_with = "local")]
    pub(crate) save: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Fsck {
    /// Make the records anew from what is there; the old ones are kept beside them
    #[arg(long)]
    pub(crate) repair: bool,
    #[command(flatten)]
    pub(crate) backend: BackendArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Transfer {
    /// The folder of the export
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) backend: BackendArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: Shell,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Pairs {
    /// A pair that the pin carries; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) meta: Vec<(String, String)>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Patience {
    /// How long to wait, as 90s or 10m
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    pub(crate) timeout: Duration,
}

/// Symbolic links in an upload.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum UploadLinks {
    /// One is an error
    Refuse,
    /// What they point to is sent
    Follow,
    /// They are left out
    Skip,
}

impl From<UploadLinks> for Symlinks {
    fn from(links: UploadLinks) -> Self {
        match links {
            UploadLinks::Refuse => Self::Refuse,
            UploadLinks::Follow => Self::Follow,
            UploadLinks::Skip => Self::Skip,
        }
    }
}

/// Symbolic links in a folder whose CID is computed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Links {
    /// They stay links
    Preserve,
    /// What they point to is taken
    Follow,
    /// They are left out
    Skip,
    /// One is an error
    Refuse,
}

impl From<Links> for Symlinks {
    fn from(links: Links) -> Self {
        match links {
            Links::Preserve => Self::Preserve,
            Links::Follow => Self::Follow,
            Links::Skip => Self::Skip,
            Links::Refuse => Self::Refuse,
        }
    }
}

/// How much proof an upload needs.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Proof {
    /// None
    Off,
    /// Say what was proved
    Report,
    /// Anything but a proof is a failure
    Require,
}

impl From<Proof> for Verify {
    fn from(proof: Proof) -> Self {
        match proof {
            Proof::Off => Self::Off,
            Proof::Report => Self::Report,
            Proof::Require => Self::Require,
        }
    }
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("give a pair as KEY=VALUE"),
    }
}

fn pinned(word: &str) -> Result<PinnedFilter, w3pin::Error> {
    match word {
        "true" => Ok(PinnedFilter::Pinned),
        "false" => Ok(PinnedFilter::Unpinned),
        word => word.parse(),
    }
}

fn order(word: &str) -> Result<SortOrder, w3pin::Error> {
    word.to_lowercase().parse()
}

/// How long a scrub takes, or none at all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scrub(pub(crate) Option<Duration>);

fn scrub(text: &str) -> Result<Scrub, humantime::DurationError> {
    match text {
        "off" => Ok(Scrub(None)),
        text => Ok(Scrub(Some(duration(text)?))),
    }
}

/// A number alone counts seconds.
fn duration(text: &str) -> Result<Duration, humantime::DurationError> {
    match text.parse() {
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => humantime::parse_duration(text),
    }
}
