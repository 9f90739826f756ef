use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use w3pin_core::Credentials;
use w3pin_unixfs::Profile;

use crate::{backend::Backend, dag_source::DagSource, host_name::HostName, limits::Limits};

/// Where a server keeps its data, where it listens and whom it lets in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerConfig {
    /// The folder of everything the server keeps. It is made where there is none; one server at a
    /// time has it.
    pub data: PathBuf,
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whether [`listen`](Self::listen) may be an address that other machines reach. The server
    /// speaks plain HTTP: put a proxy with TLS in front of it.
    pub allow_remote: bool,
    /// Names by which clients reach the server, besides `localhost` and addresses. Requests to any
    /// other are refused with 421.
    pub hosts: Vec<HostName>,
    /// An address of its own for the gateway, so that pinned pages are of another origin than the API.
    /// Without one they are sandboxed: their scripts run, and can't read anything else here.
    pub gateway_listen: Option<SocketAddr>,
    /// Whether all connections come from a reverse proxy, so that the client's address is the last in
    /// `X-Forwarded-For`. Anyone else could forge that.
    pub behind_proxy: bool,
    /// The accounts that are let in. With none, an account is generated when the folder is new.
    pub accounts: Vec<Credentials>,
    /// What one client may ask.
    pub limits: Limits,
    /// How content is cut into blocks.
    pub profile: Profile,
    /// Where content is kept.
    pub backend: Backend,
    /// How long reading every block once, to find those that the disk has changed, is to take; none
    /// leaves it out. Over a node it does nothing: the node has its own ways.
    pub scrub: Option<Duration>,
    /// Where the embedded store gets content that is pinned by its CID. Without a source such a pin waits
    /// until its content is uploaded. A node finds content itself, so that none may be given with one.
    pub source: Option<Arc<dyn DagSource>>,
}

impl ServerConfig {
    /// A free port of the loopback address, a generated account, default limits and profile.
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
