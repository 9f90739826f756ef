use std::net::SocketAddr;

use bytesize::ByteSize;
use w3pin::Profile;
use w3pin_server::HostName;

use super::{BackendArgs, Scrub, scrub};

#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4880")]
    pub(crate) listen: SocketAddr,
    /// Allow an address that other machines reach; the server speaks plain http
    #[arg(long)]
    pub(crate) allow_remote: bool,
    /// An address for the gateway alone, so that pinned pages are of another origin than the API
    #[arg(long, value_name = "ADDR")]
    pub(crate) gateway_listen: Option<SocketAddr>,
    /// A name by which clients reach the server, besides localhost and addresses; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<HostName>,
    /// All connections come from a reverse proxy, which tells the client's address in X-Forwarded-For
    #[arg(long)]
    pub(crate) behind_proxy: bool,
    /// The memory that the server may take
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = bytes)]
    pub(crate) memory: u64,
    /// Another account beside --api-key and --secret-key; may be repeated. In W3PIN_ACCOUNTS, spaces
    /// stand between accounts
    #[arg(
        long,
        env = "W3PIN_ACCOUNTS",
        hide_env_values = true,
        value_name = "KEY:SECRET"
    )]
    pub(crate) account: Vec<String>,
    /// The layout in which files are imported
    #[arg(long, value_name = "PROFILE", default_value_t)]
    pub(crate) profile: Profile,
    /// How long reading every block once, to find those that the disk has changed, is to take, as 30d,
    /// or off
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = scrub)]
    pub(crate) scrub: Scrub,
    #[command(flatten)]
    pub(crate) backend: BackendArgs,
}

fn bytes(text: &str) -> Result<u64, &'static str> {
    let size: Result<ByteSize, _> = text.parse();
    size.map(|size| size.as_u64())
        .map_err(|_| "give a size as 256MiB or 1GiB")
}
