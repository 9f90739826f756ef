use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::node_url::{NodeUrl, NodeUrlError};

/// Where content is kept. Accounts and pin records are in the data folder with every one of them.
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
    /// In files below the data folder.
    #[default]
    Embedded,
    /// By a [Kubo](https://docs.ipfs.tech/reference/kubo/rpc/) node, which also fetches what is
    /// pinned by its CID.
    Kubo {
        /// The node's RPC.
        rpc: NodeUrl,
    },
    /// By an [IPFS Cluster](https://ipfscluster.io/documentation/reference/api/), in as many copies
    /// as are wanted.
    Cluster {
        /// The REST API of one of its peers.
        rest: NodeUrl,
        /// The RPC of a Kubo node of the cluster, to read content by.
        rpc: NodeUrl,
        /// The copies that are wanted.
        replication: Replication,
    },
}

/// How many peers of a cluster keep content. The default leaves it to the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replication {
    /// The fewest; with less the pin isn't done. 0 leaves it to the cluster, -1 is all peers.
    pub min: i32,
    /// The most. 0 leaves it to the cluster, -1 is all peers.
    pub max: i32,
}

/// A text that names no backend.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BackendError {
    /// No backend has this name.
    #[error("unknown backend {0:?}: use embedded, kubo=URL or cluster=URL")]
    Unknown(String),
    /// The URL can't be used.
    #[error(transparent)]
    Url(#[from] NodeUrlError),
    /// Only a cluster has a node to read by, and copies.
    #[error("copies and a node to read by are options of cluster=URL alone")]
    NotACluster,
    /// Not a pair of copies.
    #[error("a replication is COPIES or MIN-MAX, as 2-3; {0:?} isn't")]
    Replication(String),
}

const NAMES: [&str; 3] = ["embedded", "kubo", "cluster"];

impl Backend {
    /// The kind, as a data folder keeps it.
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
            .unwrap_or("a backend this version doesn't know")
    }
}

impl FromStr for Backend {
    type Err = BackendError;

    /// `embedded`, `kubo=URL` or `cluster=URL`. A cluster is read by the Kubo node of this machine
    /// and replicates as it is configured to, until its fields say otherwise.
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
                // What stands behind the name may hold a password.
                let name = text.split('=').next().unwrap_or_default();
                Err(BackendError::Unknown(name.to_owned()))
            }
        }
    }
}

/// Without user and password, so not all of what was parsed.
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
