//! The forms in which people paste a CID.

use std::{fmt, str::FromStr};

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::{Cid, Error, Result, printable};

/// A CID and a path below it: `bafy…/docs/a.txt`, `/ipfs/bafy…`, `ipfs://bafy…`, or a gateway URL.
///
/// ```
/// use w3pin_core::IpfsPath;
///
/// const CID: &str = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
/// for text in [
///     format!("{CID}/docs/a.txt"),
///     format!("/ipfs/{CID}/docs/a.txt"),
///     format!("ipfs://{CID}/docs/a.txt"),
///     format!("https://ipfs.io/ipfs/{CID}/docs/a.txt?download=true"),
///     format!("https://{CID}.ipfs.dweb.link/docs/a.txt"),
/// ] {
///     let path: IpfsPath = text.parse()?;
///     assert_eq!(path.to_string(), format!("/ipfs/{CID}/docs/a.txt"));
/// }
/// # Ok::<(), w3pin_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpfsPath {
    root: Cid,
    segments: Vec<String>,
}

impl IpfsPath {
    /// Returns the path of a CID itself.
    #[must_use]
    pub fn new(root: Cid) -> Self {
        Self {
            root,
            segments: Vec::new(),
        }
    }

    /// Appends a path; names are separated by `/`, and used unchanged.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if one of them is `..`.
    pub fn join(mut self, below: &str) -> Result<Self> {
        for segment in below.split('/') {
            match segment {
                "" | "." => {}
                ".." => {
                    return Err(Error::invalid_input(
                        "cid",
                        format!(
                            "the path {:?} contains \"..\"; give a path below the CID without it",
                            printable(below)
                        ),
                    ));
                }
                name => self.segments.push(name.to_owned()),
            }
        }
        Ok(self)
    }

    /// Returns the CID at the start.
    #[must_use]
    pub fn root(&self) -> &Cid {
        &self.root
    }

    /// Returns the names below the root, in order; none is empty, `.` or `..`.
    #[must_use]
    pub fn segments(&self) -> &[String] {
        &self.segments
    }
}

impl FromStr for IpfsPath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (root, below) = split(text)?;
        let root = Cid::bare(&root).map_err(|reason| {
            let text = printable(text);
            Error::invalid_input("cid", format!("{text:?} isn't a CID: {reason}"))
        })?;
        Self::new(root).join(&below)
    }
}

impl fmt::Display for IpfsPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/ipfs/{}", self.root)?;
        self.segments
            .iter()
            .try_for_each(|segment| write!(f, "/{segment}"))
    }
}

/// Splits into the CID and the path below it.
fn split(text: &str) -> Result<(String, String)> {
    let parts = |path: &str| {
        let (root, below) = path.split_once('/').unwrap_or((path, ""));
        (root.to_owned(), below.to_owned())
    };
    if let Some(path) = text.strip_prefix("/ipfs/") {
        return Ok(parts(path));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return Ok(parts(text));
    };
    match scheme.to_ascii_lowercase().as_str() {
        // Not parsed as a URL, which would change the case of the host, a CIDv0.
        "ipfs" => Ok(parts(&decoded(without_query(rest)))),
        "http" | "https" => gateway_url(text),
        _ => Err(unusable(text)),
    }
}

/// Parses a path gateway's `/ipfs/CID/path`, or a subdomain gateway's `CID.ipfs.host/path`.
fn gateway_url(text: &str) -> Result<(String, String)> {
    let url = Url::parse(text).map_err(|_| unusable(text))?;
    let path = decoded(url.path());
    if let Some((_, path)) = path.split_once("/ipfs/") {
        let (root, below) = path.split_once('/').unwrap_or((path, ""));
        return Ok((root.to_owned(), below.to_owned()));
    }
    if let Some(Host::Domain(host)) = url.host()
        && let Some((root, rest)) = host.split_once('.')
        && (rest.starts_with("ipfs."))
    {
        return Ok((root.to_owned(), path.trim_start_matches('/').to_owned()));
    }
    Err(unusable(text))
}

fn without_query(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or_default()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn unusable(text: &str) -> Error {
    Error::invalid_input(
        "cid",
        format!(
            "{:?} contains no CID; give a CID, /ipfs/CID, ipfs://CID or a gateway's URL",
            printable(text)
        ),
    )
}
