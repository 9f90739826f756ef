use std::path::{Path, PathBuf};

use clap::Subcommand;
use w3pin::IpfsPath;

use super::{Gateways, Import, Writing, size::size};

#[derive(Debug, clap::Args)]
pub(crate) struct Car {
    #[command(subcommand)]
    pub(crate) command: CarCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CarCommand {
    /// Pack a file or folder, or what is on IPFS, into a CAR file: CARv1, depth first, each block once
    Pack(Box<Pack>),
    /// Write the file or folder in a CAR file to disk, checking every byte against its CID
    Unpack(Unpack),
    /// List the files and folders in a CAR file
    Ls(CarList),
    /// Check every block of a CAR file against its CID, and that none is missing
    Verify(CarInput),
}

/// The gateways are parsed by the command, since clap's own errors would show their passwords.
#[derive(Debug, clap::Args)]
pub(crate) struct Pack {
    /// A file or folder, or a CID or a path below one, as CID/PATH, /ipfs/CID/PATH, ipfs://CID/PATH or a
    /// gateway's URL; ./NAME is a file even if NAME could be a CID
    #[arg(value_name = "PATH|CID")]
    pub(crate) content: PathBuf,
    /// Where to write the CAR, which must not exist yet; - is standard output [default: -]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) import: Import,
    /// The most bytes of blocks to read of a CID, such as 10GiB [default: 1TiB]
    #[arg(long, value_name = "SIZE", value_parser = size, allow_negative_numbers = true)]
    pub(crate) most_bytes: Option<u64>,
    #[command(flatten)]
    pub(crate) from: Gateways,
}

impl Pack {
    /// Returns the file to write, or `None` for standard output.
    pub(crate) fn output(&self) -> Option<&Path> {
        self.output
            .as_deref()
            .filter(|path| path.as_os_str() != "-")
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct CarInput {
    /// The CAR file; - is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Unpack {
    #[command(flatten)]
    pub(crate) input: CarInput,
    /// Where to write it. A file goes into DESTINATION if that is a folder; a folder becomes DESTINATION
    /// itself, and is merged into what is there [default: the last name of the path, or the CID]
    pub(crate) destination: Option<PathBuf>,
    /// What to unpack [default: the only root]
    #[arg(long, value_name = "CID[/PATH]")]
    pub(crate) root: Option<IpfsPath>,
    #[command(flatten)]
    pub(crate) writing: Writing,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CarList {
    #[command(flatten)]
    pub(crate) input: CarInput,
    /// What to list [default: the only root]
    #[arg(long, value_name = "CID[/PATH]")]
    pub(crate) root: Option<IpfsPath>,
    /// List the blocks instead, in the order of the file: CID, place and size
    #[arg(long, conflicts_with_all = ["root", "most_entries"])]
    pub(crate) blocks: bool,
    /// The most files, folders and links to list [default: 1000000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..),
          allow_negative_numbers = true)]
    pub(crate) most_entries: Option<u64>,
}
