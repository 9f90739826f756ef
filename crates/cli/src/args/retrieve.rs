use std::path::PathBuf;

use clap::ValueEnum;
use w3pin::{FetchOptions, Gateway, IpfsPath, Result, SymlinkPolicy};

use super::{add::at_least_one, range::ByteRange, size::size};

#[derive(Debug, clap::Args)]
pub(crate) struct Fetch {
    /// What to fetch: a CID or a path below one, as CID/PATH, /ipfs/CID/PATH, ipfs://CID/PATH or a
    /// gateway's URL
    #[arg(value_name = "CID[/PATH]")]
    pub(crate) content: IpfsPath,
    /// Where to write it; - is standard output. A file goes into DESTINATION if that is a folder; a folder
    /// becomes DESTINATION itself, and is merged into what is there [default: the last name of the path,
    /// or the CID]
    pub(crate) destination: Option<PathBuf>,
    #[command(flatten)]
    writing: Writing,
    /// How many responses to read at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = at_least_one(),
          allow_negative_numbers = true)]
    concurrency: u16,
    #[command(flatten)]
    pub(crate) from: Gateways,
}

/// How to write content to disk.
#[derive(Debug, clap::Args)]
pub(crate) struct Writing {
    /// Replace files that have other content
    #[arg(long)]
    overwrite: bool,
    /// The most bytes to fetch, all files together, such as 10GiB [default: 1TiB]
    #[arg(long, value_name = "SIZE", value_parser = size, allow_negative_numbers = true)]
    pub(crate) most_bytes: Option<u64>,
    /// The most files, folders and links to fetch [default: 1000000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..),
          allow_negative_numbers = true)]
    most_entries: Option<u64>,
    /// What to do with symbolic links in a folder
    #[arg(long, value_enum, default_value_t = FetchLinks::Inside)]
    symlinks: FetchLinks,
}

impl Fetch {
    /// Returns whether the content goes to standard output.
    pub(crate) fn is_for_stdout(&self) -> bool {
        let destination = self.destination.as_ref();
        destination.is_some_and(|path| path.as_os_str() == "-")
    }

    pub(crate) fn options(&self) -> FetchOptions {
        self.writing.options().concurrency(self.concurrency.into())
    }
}

impl Writing {
    pub(crate) fn options(&self) -> FetchOptions {
        let mut options = FetchOptions::new()
            .overwrite(self.overwrite)
            .symlinks(self.symlinks.into());
        if let Some(most) = self.most_bytes {
            options = options.most_bytes(most);
        }
        match self.most_entries {
            Some(most) => options.most_entries(most),
            None => options,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Cat {
    /// The files, as CID, CID/PATH, /ipfs/CID/PATH, ipfs://CID/PATH or a gateway's URL
    #[arg(required = true, value_name = "CID[/PATH]")]
    pub(crate) content: Vec<IpfsPath>,
    /// The bytes of each file to print, as in HTTP: 0-99 is the first 100, 100- is everything after them,
    /// -100 is the last 100
    #[arg(long, value_name = "FROM-TO", allow_negative_numbers = true)]
    pub(crate) range: Option<ByteRange>,
    #[command(flatten)]
    pub(crate) from: Gateways,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Tree {
    /// The folder, as CID, CID/PATH, /ipfs/CID/PATH, ipfs://CID/PATH or a gateway's URL
    #[arg(value_name = "CID[/PATH]")]
    pub(crate) content: IpfsPath,
    /// How many levels to list; 1 lists the folder's own entries alone [default: all]
    #[arg(long, value_name = "N", value_parser = at_least_one(), allow_negative_numbers = true)]
    pub(crate) depth: Option<u16>,
    /// The most files, folders and links to list [default: 1000000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..),
          allow_negative_numbers = true)]
    pub(crate) most_entries: Option<u64>,
    #[command(flatten)]
    pub(crate) from: Gateways,
}

/// The gateways to read from.
///
/// They are parsed by the command, since clap's own errors would show their passwords.
#[derive(Debug, clap::Args)]
pub(crate) struct Gateways {
    /// A gateway to read from, which needn't be trusted; repeat the option for several, in the order to
    /// try them [env: W3PIN_GATEWAYS] [default: the endpoint if it is on this machine, or
    /// https://trustless-gateway.link]
    #[arg(long, value_name = "URL")]
    gateway: Vec<String>,
}

impl Gateways {
    /// Returns whether any gateway is given.
    pub(crate) fn is_given(&self) -> bool {
        !self.gateway.is_empty()
    }

    pub(crate) fn parse(&self) -> Result<Vec<Gateway>> {
        self.gateway.iter().map(|url| url.parse()).collect()
    }
}

/// Symbolic links in a folder that is fetched.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FetchLinks {
    /// Make links that stay inside the folder, and fail on any other
    Inside,
    /// Make every link, wherever it leads; only for content that you trust
    All,
    /// Make no links
    Skip,
}

impl From<FetchLinks> for SymlinkPolicy {
    fn from(links: FetchLinks) -> Self {
        match links {
            FetchLinks::Inside => Self::Inside,
            FetchLinks::All => Self::All,
            FetchLinks::Skip => Self::Skip,
        }
    }
}
