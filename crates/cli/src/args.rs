//! The command line.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf, time::Duration};

use clap::{
    Arg, ArgAction, ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand,
    error::ErrorKind, parser::ValueSource,
};
use clap_complete::Shell;
use w3pin::{Api, Credentials, Error};

use crate::help;

mod add;
mod address;
mod backend;
mod car;
mod color;
mod connection;
mod content;
mod duration;
mod list;
mod range;
mod retrieve;
mod retrieve_from;
mod serve;
mod size;
mod sync;
mod usage;

pub(crate) use self::{
    add::{Add, AddCid, Metadata},
    backend::BackendArgs,
    car::{Car, CarCommand, CarInput, CarList, Pack, Unpack},
    color::Color,
    connection::Connection,
    content::{ComputeCid, Import, Prove},
    list::{Get, Ls, Rm, Wait},
    range::ByteRange,
    retrieve::{Cat, Fetch, Gateways, Tree, Writing},
    retrieve_from::RetrieveFrom,
    serve::Serve,
    sync::SyncFolder,
    usage::Usage,
};
use self::{address::address, duration::duration};

/// Pin files, folders and CIDs to IPFS, prove what was pinned, and read it back.
#[derive(Debug, Parser)]
#[command(
    name = "w3pin",
    version,
    after_help = help::EXIT_CODES,
    after_long_help = help::REFERENCE,
    max_term_width = 100
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
    /// The name of the command.
    #[arg(skip)]
    pub(crate) name: String,
}

impl Args {
    /// Parses the command line, whose first argument is the program's name.
    pub(crate) fn parse_from(args: &[OsString]) -> Result<Self, Usage> {
        let usage = |error| Usage::new(error, args);
        if let [_, flag] = args
            && (flag == "--version" || flag == "-V")
        {
            // Building all commands would take longer than everything else.
            let program = clap::Command::new("w3pin").version(env!("CARGO_PKG_VERSION"));
            program.try_get_matches_from(args).map_err(usage)?;
        }
        let command = Self::command().color(Color::asked_for(args).into());
        let matches = command.try_get_matches_from(args).map_err(usage)?;
        let mut args = Self::from_arg_matches(&matches).map_err(usage)?;
        let mut names = Vec::new();
        let mut command = matches.subcommand();
        while let Some((name, more)) = command {
            names.push(name);
            command = more.subcommand();
        }
        args.name = names.join(" ");
        args.refuse_ignored(&matches).map_err(usage)?;
        Ok(args)
    }

    /// Rejects options about another service, which `--local` would ignore. The keys of `serve` and
    /// `fsck` are those of the server's accounts.
    ///
    /// Clap doesn't detect conflicts between an option before the subcommand and one after it.
    fn refuse_ignored(&self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let keeps = matches!(
            self.command,
            Command::Serve(_) | Command::Fsck(_) | Command::Export(_) | Command::Import(_)
        );
        if !self.global.local || keeps {
            return Ok(());
        }
        let mut command = Self::command();
        command.build();
        let given = |option: &&Arg| {
            let id = option.get_id().as_str();
            OF_A_SERVICE.contains(&id) && matches.value_source(id) == Some(ValueSource::CommandLine)
        };
        let Some(option) = command.get_arguments().find(given) else {
            return Ok(());
        };
        let reason = format!("the argument '--local' cannot be used with '{option}'");
        Err(command.error(ErrorKind::ArgumentConflict, reason))
    }
}

/// The options that select a service and how to reach it.
const OF_A_SERVICE: [&str; 14] = [
    "endpoint",
    "api",
    "token",
    "token_file",
    "api_key",
    "api_key_file",
    "secret_key",
    "secret_key_file",
    "config",
    "proxy",
    "cacert",
    "platform_roots",
    "insecure_http",
    "user_agent",
];

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The service: a URL, or attoaioz, w3ipfs-storage, w3ipfs or aiozpin [env: W3PIN_ENDPOINT]
    #[arg(long, global = true, value_name = "URL|PRESET")]
    pub(crate) endpoint: Option<String>,
    /// The API that the service speaks: w3ipfs, or pinning-service, which needs --endpoint and a token, and has no
    /// uploads [env: W3PIN_API]
    #[arg(long, global = true, value_name = "API")]
    pub(crate) api: Option<Api>,
    /// Run against a server inside this process, which needs no account and no network
    #[arg(long, global = true)]
    pub(crate) local: bool,
    /// The data folder of --local, serve, fsck, export and import [default: w3pin in your own data
    /// folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The account's API key, which `ps` shows to other users [env: W3PIN_API_KEY]
    #[arg(long, global = true, value_name = "KEY", requires = "a secret key")]
    #[arg(group = "an API key")]
    pub(crate) api_key: Option<String>,
    /// Read the account's API key from this file; - is standard input
    #[arg(long, global = true, value_name = "FILE", requires = "a secret key")]
    #[arg(group = "an API key")]
    pub(crate) api_key_file: Option<PathBuf>,
    /// The account's secret key, which `ps` shows to other users [env: W3PIN_SECRET_KEY]
    #[arg(long, global = true, value_name = "KEY", requires = "an API key")]
    #[arg(group = "a secret key")]
    pub(crate) secret_key: Option<String>,
    /// Read the account's secret key from this file; - is standard input
    #[arg(long, global = true, value_name = "FILE", requires = "an API key")]
    #[arg(group = "a secret key")]
    pub(crate) secret_key_file: Option<PathBuf>,
    /// The access token for --api pinning-service, which `ps` shows to other users [env: W3PIN_TOKEN]
    #[arg(long, global = true, value_name = "TOKEN")]
    // Not the groups, which zsh completions don't support.
    #[arg(conflicts_with_all = ["api_key", "api_key_file", "secret_key", "secret_key_file"])]
    pub(crate) token: Option<String>,
    /// Read the access token from this file; - is standard input
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "token")]
    #[arg(conflicts_with_all = ["api_key", "api_key_file", "secret_key", "secret_key_file"])]
    pub(crate) token_file: Option<PathBuf>,
    /// The config file [env: W3PIN_CONFIG] [default: w3pin/config.toml in your config folder]
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "local")]
    pub(crate) config: Option<PathBuf>,
    /// Ignore the environment and the config file
    #[arg(long, global = true, conflicts_with = "config")]
    pub(crate) isolated: bool,
    /// Print results as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print only results, warnings and errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Log each request to stderr: operation, method, path, status, time, attempt and bytes; give it
    /// twice to log connections and waits too
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// When to use colors; auto means on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: Color,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

impl Global {
    /// Returns a variable of the environment, unless the environment is ignored.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let variable = std::env::var(name).ok().filter(|value| !value.is_empty());
        variable.filter(|_| !self.isolated)
    }

    /// Returns the account from the flags, or else the environment, which keeps its keys out of the
    /// list of processes.
    pub(crate) fn account(&self) -> Result<Option<Credentials>, Error> {
        let given = |flag: &Option<String>, name| flag.clone().or_else(|| self.variable(name));
        let keys = (
            given(&self.api_key, "W3PIN_API_KEY"),
            given(&self.secret_key, "W3PIN_SECRET_KEY"),
        );
        match keys {
            (Some(api_key), Some(secret_key)) => Credentials::new(&api_key, &secret_key).map(Some),
            (None, None) => Ok(None),
            _ => {
                let reason = "an account has two keys, and one of them is missing";
                Err(Error::invalid_input("credentials", reason))
            }
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Pin files and folders
    Add(Box<Add>),
    /// Pin content that is already on IPFS, by its CID
    AddCid(AddCid),
    /// Keep a folder pinned under a name, and unpin old deploys
    Sync(Box<SyncFolder>),
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
    /// Prove block by block that a pin is this content, whatever its layout
    Verify(Prove),
    /// Fetch a file or folder to disk, checking every byte against its CID
    Fetch(Fetch),
    /// Print files, checking every byte against their CIDs
    Cat(Cat),
    /// List everything in a folder, with sizes
    Tree(Tree),
    /// Pack content into CAR files, and unpack, list and verify them
    Car(Box<Car>),
    /// Check the credentials
    Check(Check),
    /// Serve the same API from this machine
    Serve(Serve),
    /// Check whether the server on this machine works; needs no account
    Health(Health),
    /// Check every record, block and pack of a stopped server
    Fsck(Fsck),
    /// Export the accounts, pins and content of a stopped server to a folder
    Export(Transfer),
    /// Import an export into a stopped server, whatever its backend
    Import(Transfer),
    /// Print the completion script of a shell
    Completions(Completions),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// Save the keys and the endpoint to the config file once the service has accepted them; on a
    /// terminal, asks for keys that nothing sets
    #[arg(long, conflicts_with_all = ["local", "isolated"])]
    pub(crate) save: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Health {
    /// The address that the server listens on
    #[arg(value_name = "ADDR", default_value = "127.0.0.1:4880", value_parser = address)]
    pub(crate) address: SocketAddr,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Fsck {
    /// Rebuild the records from the content and the old records, which are kept beside them
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

/// How long a scrub takes, or `None` to disable it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scrub(pub(crate) Option<Duration>);

fn scrub(text: &str) -> Result<Scrub, String> {
    match text {
        "off" => Ok(Scrub(None)),
        text => Ok(Scrub(Some(duration(text)?))),
    }
}
