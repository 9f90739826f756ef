//! The results of calls, with JavaScript's names. Absent fields are omitted.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;
use w3pin::{Cid, ContentReader, NodeKind, PinId};

pub(crate) use self::pins::Pins;
use crate::error;

mod pins;

/// A value that becomes a JavaScript object.
pub(crate) trait Show {
    type Shown: Serialize;

    fn show(self) -> Self::Shown;
}

impl Show for () {
    type Shown = ();

    fn show(self) {}
}

impl<T: Show> Show for Option<T> {
    type Shown = Option<T::Shown>;

    fn show(self) -> Self::Shown {
        self.map(Show::show)
    }
}

impl<T: Show> Show for Vec<T> {
    type Shown = Vec<T::Shown>;

    fn show(self) -> Self::Shown {
        self.into_iter().map(Show::show).collect()
    }
}

/// The result of an item.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Outcome<T> {
    Ok(T),
    Error(Box<RawValue>),
}

impl<T: Show> Show for w3pin::Result<T> {
    type Shown = Outcome<T::Shown>;

    fn show(self) -> Self::Shown {
        match self {
            Ok(value) => Outcome::Ok(value.show()),
            Err(error) => {
                Outcome::Error(RawValue::from_string(error::json(&error)).unwrap_or_default())
            }
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Completed<T> {
    index: usize,
    #[serde(flatten)]
    outcome: Outcome<T>,
}

impl<T: Show> Show for w3pin::Completed<T> {
    type Shown = Completed<T::Shown>;

    fn show(self) -> Self::Shown {
        Completed {
            index: self.index,
            outcome: self.result.show(),
        }
    }
}

impl Show for w3pin::Pin {
    type Shown = Pins;

    fn show(self) -> Pins {
        Pins(vec![self])
    }
}

#[derive(Serialize)]
pub(crate) struct Page {
    pins: Pins,
    totals: Totals,
    unreadable: Vec<UnreadablePin>,
}

impl Show for w3pin::Page {
    type Shown = Page;

    fn show(self) -> Page {
        Page {
            pins: Pins(self.pins),
            totals: Totals {
                files: self.totals.files,
                size: self.totals.size,
            },
            unreadable: self.unreadable.show(),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Totals {
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
}

#[derive(Serialize)]
pub(crate) struct UnreadablePin {
    position: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    reason: String,
}

impl Show for w3pin::UnreadablePin {
    type Shown = UnreadablePin;

    fn show(self) -> UnreadablePin {
        UnreadablePin {
            position: self.position,
            id: self.id,
            reason: self.reason,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Root {
    cid: Cid,
    size: u64,
    dag_size: u64,
}

impl Show for w3pin::Root {
    type Shown = Root;

    fn show(self) -> Root {
        Root {
            cid: self.cid,
            size: self.size,
            dag_size: self.dag_size,
        }
    }
}

impl Show for w3pin::PackedCar {
    type Shown = Self;

    fn show(self) -> Self {
        self
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Proof {
    files: u64,
    bytes: u64,
    blocks_fetched: u64,
}

impl Show for w3pin::Proof {
    type Shown = Proof;

    fn show(self) -> Proof {
        Proof {
            files: self.files,
            bytes: self.bytes,
            blocks_fetched: self.blocks_fetched,
        }
    }
}

impl Show for w3pin::UploadPreview {
    type Shown = Self;

    fn show(self) -> Self {
        self
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PreparedUpload {
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body: std::path::PathBuf,
    content_length: u64,
    cid: Cid,
    /// What to store until the response arrives.
    kept: String,
}

impl Show for w3pin::PreparedUpload {
    type Shown = PreparedUpload;

    fn show(self) -> PreparedUpload {
        PreparedUpload {
            kept: serde_json::to_string(&self).unwrap_or_default(),
            method: self.method,
            url: self.url,
            headers: self.headers.into_iter().collect(),
            body: self.body,
            content_length: self.content_length,
            cid: self.cid,
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Node {
    cid: Cid,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
}

impl Show for w3pin::Node {
    type Shown = Node;

    fn show(self) -> Node {
        Node {
            cid: self.cid,
            kind: self.kind.as_str(),
            size: self.size,
            target: target_of(self.kind),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct FolderEntry {
    name: String,
    cid: Cid,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
}

impl Show for w3pin::FolderEntry {
    type Shown = FolderEntry;

    fn show(self) -> FolderEntry {
        FolderEntry {
            name: self.name,
            cid: self.cid,
            kind: self.kind.as_str(),
            size: self.size,
            target: target_of(self.kind),
        }
    }
}

fn target_of(kind: NodeKind) -> Option<String> {
    match kind {
        NodeKind::Symlink(target) => Some(target),
        _ => None,
    }
}

#[derive(Serialize)]
pub(crate) struct OpenedFile {
    cid: Cid,
    size: u64,
}

impl Show for ContentReader {
    type Shown = OpenedFile;

    fn show(self) -> OpenedFile {
        OpenedFile {
            cid: self.cid().clone(),
            size: self.size(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fetched {
    cid: Cid,
    files: u64,
    bytes: u64,
    bytes_fetched: u64,
}

impl Show for w3pin::Fetched {
    type Shown = Fetched;

    fn show(self) -> Fetched {
        Fetched {
            cid: self.cid,
            files: self.files,
            bytes: self.bytes,
            bytes_fetched: self.bytes_fetched,
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Synced {
    outcome: &'static str,
    cid: Cid,
    contenthash: String,
    dnslink: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pin: Option<Pins>,
    removed: Vec<PinId>,
    kept: Pins,
    postponed: Vec<PinId>,
}

impl Show for w3pin::Synced {
    type Shown = Synced;

    fn show(self) -> Synced {
        Synced {
            outcome: self.outcome.as_str(),
            contenthash: self.contenthash(),
            dnslink: self.dnslink(),
            cid: self.cid,
            pin: self.pin.show(),
            removed: self.removed,
            kept: Pins(self.kept),
            postponed: self.postponed,
        }
    }
}
