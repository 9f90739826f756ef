use std::path::PathBuf;

use clap::ValueEnum;
use w3pin::{Profile, Symlinks, WalkOptions};

#[derive(Debug, clap::Args)]
pub(crate) struct ComputeCid {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) import: Import,
}

/// How to import files and folders.
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The UnixFS profile: unixfs-v1-2025, unixfs-v0-2015, kubo-cidv1-legacy or custom(…) [default:
    /// kubo-cidv1-legacy, or the service's with --as-upload]
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<Profile>,
    /// Compute the CID that `w3pin add` gets: leave out empty folders, which an upload can't carry, and
    /// refuse symbolic links
    #[arg(long)]
    pub(crate) as_upload: bool,
    #[command(flatten)]
    pub(crate) walk: Walk,
    /// What to do with symbolic links in a folder [default: preserve, or refuse with --as-upload]
    #[arg(long, value_enum)]
    pub(crate) symlinks: Option<Links>,
}

impl Import {
    /// Returns whether any option is given.
    pub(crate) fn is_given(&self) -> bool {
        self.profile.is_some()
            || self.as_upload
            || self.symlinks.is_some()
            || self.walk.hidden
            || self.walk.gitignore
            || !self.walk.include.is_empty()
            || !self.walk.exclude.is_empty()
    }
}

/// The gateway is parsed by the command, since clap's own error would show its password.
#[derive(Debug, clap::Args)]
pub(crate) struct Prove {
    /// The file or folder
    pub(crate) path: PathBuf,
    /// The root CID, as CID, /ipfs/CID, ipfs://CID or a gateway's URL, or the id of a pin
    #[arg(value_name = "CID|PIN_ID")]
    pub(crate) target: String,
    /// The gateway to fetch blocks from, which needn't be trusted [env: W3PIN_GATEWAYS]
    #[arg(long, value_name = "URL")]
    pub(crate) gateway: Option<String>,
    #[command(flatten)]
    pub(crate) walk: Walk,
    /// What to do with symbolic links in a folder
    #[arg(long, value_enum, default_value_t = Links::Preserve)]
    pub(crate) symlinks: Links,
}

/// Which entries of a folder count.
#[derive(Debug, clap::Args)]
pub(crate) struct Walk {
    /// Include hidden files
    #[arg(long)]
    hidden: bool,
    /// Include only files that match this pattern, in .gitignore syntax; may be repeated
    #[arg(long, value_name = "PATTERN")]
    include: Vec<String>,
    /// Leave out files and folders that match this pattern, in .gitignore syntax; may be repeated
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
    /// Leave out what the folder's .gitignore files name
    #[arg(long)]
    gitignore: bool,
}

impl Walk {
    pub(crate) fn options(&self, symlinks: impl Into<Symlinks>) -> WalkOptions {
        let mut options = WalkOptions::new()
            .hidden(self.hidden)
            .symlinks(symlinks.into())
            .gitignore(self.gitignore);
        options.include.clone_from(&self.include);
        options.exclude.clone_from(&self.exclude);
        options
    }
}

/// Symbolic links in a folder whose CID is computed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Links {
    /// Keep them as links
    Preserve,
    /// Include what they point to
    Follow,
    /// Leave them out
    Skip,
    /// Fail
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
