use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::node_url::{NodeUrl, NodeUrlError};

/// Where content is kept. Accounts and pin records are always in the data folder.
///
/// A data folder belongs to the kind of backend it was first opened with. To change to another,
/// [export](crate::export) and [import](crate::import).
///
/// ```
/// use w3pin_server::Backend;
///
/// let backend: Backend = "kubo=http://127.0.0.1:5001".parse()?;
/// assert_eq!(backend.to_string(), "kubo=http://127.0.0.1:5001");
/// # Ok::<(), w3pin_server::BackendError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// In files in the data folder.
    #[default]
    Embedded,
    /// On a [Kubo](https://docs.ipfs.tech/reference/kubo/rpc/) node, which also fetches content
    /// that is pinned by CID.
    Kubo {
        /// The URL of the node's RPC API.
        rpc: NodeUrl,
    },
    /// On an [IPFS Cluster](https://ipfscluster.io/documentation/reference/api/), replicated to
    /// several peers.
    Cluster {
        /// The URL of the REST API of one of the peers.
        rest: NodeUrl,
        /// The URL of the RPC API of a Kubo node in the cluster, from which content is read.
        rpc: NodeUrl,
        /// The number of copies to keep.
        replication: Replication,
    },
}

/// The number of cluster peers that keep each content. The default leaves it to the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replication {
    /// The minimum; with fewer copies the pin isn't complete. 0 leaves it to the cluster, -1 means
    /// all peers.
    pub min: i32,
    /// The maximum. 0 leaves it to the cluster, -1 means all peers.
    pub max: i32,
}

/// An error from parsing a backend.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BackendError {
    /// The backend is unknown.
    #[error("unknown backend {0:?}: use embedded, kubo=URL or cluster=URL")]
    Unknown(String),
    /// The URL is invalid.
    #[error(transparent)]
    Url(#[from] NodeUrlError),
    /// An option of a cluster was given for another backend.
    #[error("replication and the node to read from can only be set with cluster=URL")]
    NotACluster,
    /// The replication is invalid.
    #[error("invalid replication {0:?}: use COPIES or MIN-MAX, such as 2-3")]
    Replication(String),
}

const NAMES: [&str; 3] = ["embedded", "kubo", "cluster"];

impl Backend {
    /// The number of this kind of backend, as stored in the data folder.
    pub(crate) fn number(&self) -> u64 {
        match self {
            Self::Embedded => 0,
            Self::Kubo { .. } => 1,
            Self::Cluster { .. } => 2,
        }
    }

    pub(crate) fn name_of(number: u64) -> &'static str {
        let place = usize::try_from(number).unwrap_or(NAMES.len());
        NAMES
            .get(place)
            .copied()
            .unwrap_or("a backend that this version doesn't support")
    }
}

impl FromStr for Backend {
    type Err = BackendError;

    /// Parses `embedded`, `kubo=URL` or `cluster=URL`. A cluster is read through the Kubo node on
    /// this machine and uses its own replication settings, unless the fields are changed.
    fn from_str(text: &str) -> Result<Self, BackendError> {
        match text.split_once('=') {
            None if text == "embedded" => Ok(Self::Embedded),
            Some(("kubo", url)) => Ok(Self::Kubo { rpc: url.parse()? }),
            Some(("cluster", url)) => Ok(Self::Cluster {
                rest: url.parse()?,
                rpc: "http://127.0.0.1:5001".parse()?,
                replication: Replication::default(),
            }),
            _ => {
                // The part after `=` may contain a password, so it isn't shown.
                let name = text.split('=').next().unwrap_or_default();
                Err(BackendError::Unknown(name.to_owned()))
            }
        }
    }
}

/// Omits user and password, so the text may differ from the one that was parsed.
impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str("embedded"),
            Self::Kubo { rpc } => write!(f, "kubo={rpc}"),
            Self::Cluster { rest, .. } => write!(f, "cluster={rest}"),
        }
    }
}

impl FromStr for Replication {
    type Err = BackendError;

    fn from_str(text: &str) -> Result<Self, BackendError> {
        let wrong = || BackendError::Replication(text.to_owned());
        let copies = |text: &str| match text.parse() {
            Ok(copies @ 1..) => Ok(copies),
            _ => Err(wrong()),
        };
        let (min, max) = text.split_once('-').unwrap_or((text, text));
        let (min, max) = match text {
            "all" => (-1, -1),
            _ => (copies(min)?, copies(max)?),
        };
        if min > max {
            return Err(wrong());
        }
        Ok(Self { min, max })
    }
}

#[cfg(test)]
mod tests {
    use super::{Backend, Replication};

    #[test]
    fn replications_are_read() {
        let read = |text: &str| text.parse::<Replication>().ok().map(|it| (it.min, it.max));
        let cases = [
            ("2", Some((2, 2))),
            ("2-3", Some((2, 3))),
            ("all", Some((-1, -1))),
            ("3-2", None),
            ("0", None),
            ("-1", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn an_error_shows_no_password() {
        for text in [
            "kubo2=http://user:hush@127.0.0.1",
            "kubo=ftp://user:hush@x",
            "kubo=http://user:hush@elsewhere:1",
        ] {
            let error = text.parse::<Backend>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
        }
        let backend: Backend = "kubo=http://user:hush@127.0.0.1:5001".parse().unwrap();
        assert!(
            !format!("{backend} {backend:?}").contains("hush"),
            "{backend:?}"
        );
    }
}
