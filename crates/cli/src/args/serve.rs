use std::net::SocketAddr;

use w3pin::Profile;
use w3pin_server::HostName;

use super::{BackendArgs, RetrieveFrom, Scrub, address::address, scrub, size::size};

#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4880", value_parser = address)]
    pub(crate) listen: SocketAddr,
    /// Allow an address that other machines can reach; the server speaks plain http
    #[arg(long)]
    pub(crate) allow_remote: bool,
    /// A separate address for the gateway, so that pinned pages have another origin than the API
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub(crate) gateway_listen: Option<SocketAddr>,
    /// A host name by which clients reach the server, besides localhost and addresses; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<HostName>,
    /// Take the client's address from X-Forwarded-For, to which a reverse proxy appends it
    #[arg(long)]
    pub(crate) behind_proxy: bool,
    /// The most memory that the server may use
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = size)]
    pub(crate) memory: u64,
    /// Another account, which `ps` shows to other users; may be repeated. W3PIN_ACCOUNTS holds several,
    /// separated by spaces [env: W3PIN_ACCOUNTS]
    #[arg(long, value_name = "KEY:SECRET")]
    pub(crate) account: Vec<String>,
    /// The UnixFS profile by which files are imported
    #[arg(long, value_name = "PROFILE", default_value_t)]
    pub(crate) profile: Profile,
    /// The time in which every block is read once to find damage, such as 30d, or off
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = scrub)]
    pub(crate) scrub: Scrub,
    #[command(flatten)]
    pub(crate) backend: BackendArgs,
    #[command(flatten)]
    pub(crate) retrieve_from: RetrieveFrom,
}
