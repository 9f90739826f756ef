use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use clap::ValueEnum;
use w3pin::{Cid, Error, Profile, Symlinks, Verify, WaitPolicy};

use super::{content::Walk, duration};

#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// Files and folders; - is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Each PATH is a CAR file, whose content is pinned with the blocks and the CID it has; needs a
    /// server that takes CARs, such as `w3pin serve`
    #[arg(long, conflicts_with_all = ["file_name", "content_type", "length", "profile", "dry_run",
          "hidden", "symlinks", "include", "exclude", "gitignore"])]
    pub(crate) car: bool,
    /// The name shown in listings, for a single PATH [default: the file's own]
    #[arg(long)]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) metadata: Metadata,
    /// The file name sent to the service, for a single file [default: its own]
    #[arg(long, value_name = "NAME")]
    pub(crate) file_name: Option<String>,
    /// The media type sent to the service, for a single file, such as image/png
    #[arg(long, value_name = "TYPE")]
    pub(crate) content_type: Option<String>,
    /// The number of bytes on standard input; any other number is an error
    #[arg(long, value_name = "BYTES", allow_negative_numbers = true)]
    pub(crate) length: Option<u64>,
    #[command(flatten)]
    pub(crate) walk: Walk,
    /// What to do with symbolic links in a folder
    #[arg(long, value_enum, default_value_t = UploadLinks::Refuse)]
    pub(crate) symlinks: UploadLinks,
    /// The UnixFS profile by which the service imports files [env: W3PIN_PROFILE] [default:
    /// kubo-cidv1-legacy]
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<Profile>,
    /// How much proof is required that the service pinned what was sent
    #[arg(long, value_enum, default_value_t = Proof::Report)]
    pub(crate) verify: Proof,
    /// Don't send content that the account has already pinned
    #[arg(long)]
    pub(crate) skip_if_pinned: bool,
    /// List what would be sent, with sizes and CID, and send nothing
    #[arg(long, conflicts_with_all = ["wait", "skip_if_pinned"])]
    pub(crate) dry_run: bool,
    /// How many paths to upload at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = at_least_one(),
          allow_negative_numbers = true)]
    pub(crate) concurrency: u16,
    /// The time limit of each upload, retries included [default: none]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) upload_timeout: Option<Duration>,
    /// Leave out the key-value by which a pin is recognized if the response is lost
    #[arg(long)]
    pub(crate) no_mark: bool,
    #[command(flatten)]
    pub(crate) waiting: Waiting,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AddCid {
    /// The root CIDs to pin, as CID, /ipfs/CID, ipfs://CID or a gateway's URL
    #[arg(required = true, value_name = "CID")]
    pub(crate) cids: Vec<Cid>,
    /// The name shown in listings, for a single CID
    #[arg(long)]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) metadata: Metadata,
    /// Don't pin again what the account has already pinned
    #[arg(long)]
    pub(crate) skip_if_pinned: bool,
    /// How many CIDs to pin at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = at_least_one(),
          allow_negative_numbers = true)]
    pub(crate) concurrency: u16,
    #[command(flatten)]
    pub(crate) waiting: Waiting,
}

/// Key-values of pins.
#[derive(Debug, clap::Args)]
pub(crate) struct Metadata {
    /// A key-value of the pin; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    meta: Vec<(String, String)>,
}

impl Metadata {
    pub(crate) fn keyvalues(&self) -> Result<BTreeMap<String, String>, Error> {
        let mut keyvalues = BTreeMap::new();
        for (key, value) in &self.meta {
            if keyvalues.insert(key.clone(), value.clone()).is_some() {
                let reason = format!("--meta gives the key {key:?} more than once");
                return Err(Error::invalid_input("keyvalues", reason));
            }
        }
        Ok(keyvalues)
    }
}

/// Whether and how long to wait for the pins.
#[derive(Debug, clap::Args)]
pub(crate) struct Waiting {
    /// Wait until the pins are done
    #[arg(long)]
    wait: bool,
    /// How long to wait for each pin, such as 90s or 10m
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration,
          requires = "wait")]
    timeout: Duration,
    /// The longest interval between two checks of a pin
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration,
          requires = "wait")]
    poll_interval: Duration,
}

impl Waiting {
    pub(crate) fn policy(&self) -> Option<WaitPolicy> {
        self.wait
            .then(|| wait_policy(self.timeout, self.poll_interval))
    }
}

pub(super) fn wait_policy(timeout: Duration, poll_interval: Duration) -> WaitPolicy {
    let policy = WaitPolicy::default();
    let first_delay = policy.first_delay.min(poll_interval);
    policy
        .deadline(timeout)
        .first_delay(first_delay)
        .max_delay(poll_interval)
}

/// Symbolic links in an upload.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum UploadLinks {
    /// Fail
    Refuse,
    /// Send what they point to
    Follow,
    /// Leave them out
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

/// How much proof an upload needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Proof {
    /// None
    Off,
    /// Warn about what isn't proved
    Report,
    /// Fail where it isn't proved
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

pub(super) fn at_least_one() -> clap::builder::RangedI64ValueParser<u16> {
    clap::value_parser!(u16).range(1..)
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some(("", _)) => Err("the key is empty"),
        Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
        None => Err("give a key and a value as KEY=VALUE"),
    }
}
