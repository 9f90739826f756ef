use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use w3pin_core::Credentials;
use w3pin_unixfs::Profile;

use crate::{backend::Backend, dag_source::DagSource, host_name::HostName, limits::Limits};

/// Where a server keeps its data, where it listens and which accounts it accepts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerConfig {
    /// The data folder. It is created if it doesn't exist. Only one server can use it at a time.
    pub data: PathBuf,
    /// The address to listen on; port 0 picks a free port.
    pub listen: SocketAddr,
    /// Whether [`listen`](Self::listen) may be an address that other machines can reach. The server
    /// speaks plain HTTP, so put a TLS proxy in front of it. Default: false.
    pub allow_remote: bool,
    /// The host names under which clients reach the server, besides `localhost` and IP addresses.
    /// Requests for any other host are refused with status 421.
    pub hosts: Vec<HostName>,
    /// A separate address for the gateway, which gives pinned pages another origin than the API.
    /// Without it pages are sandboxed: their scripts run, but can't read anything from this server.
    pub gateway_listen: Option<SocketAddr>,
    /// Whether all connections come from a reverse proxy, so that the client's address is the last
    /// one in `X-Forwarded-For`. Without a proxy, clients could forge that header.
    pub behind_proxy: bool,
    /// The accounts that the server accepts. If there are none, an account is generated when the
    /// data folder is created.
    pub accounts: Vec<Credentials>,
    /// Limits for each client and for the server as a whole.
    pub limits: Limits,
    /// The UnixFS profile that content is imported with.
    pub profile: Profile,
    /// Where content is kept.
    pub backend: Backend,
    /// How long one scrub takes: reading every block once to detect those that the disk has
    /// corrupted. `None` disables it. With a node it has no effect, since the node checks its own
    /// blocks.
    pub scrub: Option<Duration>,
    /// Where the embedded store gets content that is pinned by CID. Without a source, such a pin
    /// waits until its content is uploaded. Must be `None` with a node, which fetches content
    /// itself.
    pub source: Option<Arc<dyn DagSource>>,
}

impl ServerConfig {
    /// Returns a configuration with a free port on the loopback address, a generated account, and
    /// default limits and profile.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            allow_remote: false,
            hosts: Vec::new(),
            gateway_listen: None,
            behind_proxy: false,
            accounts: Vec::new(),
            limits: Limits::default(),
            profile: Profile::default(),
            backend: Backend::default(),
            scrub: Some(Duration::from_secs(30 * 24 * 60 * 60)),
            source: None,
        }
    }
}
