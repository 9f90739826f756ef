//! What calls give beside pins, as it crosses.

use w3pin::{PackedCar, Proof, Root, SyncOutcome, Synced, UploadPreview};

use crate::pin::PinRecord;

/// The root of content that was computed here.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RootRecord {
    /// Its CID.
    pub cid: String,
    /// Bytes of content.
    pub size: u64,
    /// Bytes of all blocks.
    pub dag_size: u64,
}

/// What was packed into a CAR file.
#[derive(Clone, Debug, uniffi::Record)]
pub struct PackedCarRecord {
    /// The root's CID.
    pub cid: String,
    /// Blocks.
    pub blocks: u64,
    /// Bytes of the CAR.
    pub bytes: u64,
}

/// That the content under a CID is the content it was compared with.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ProofRecord {
    /// Files compared.
    pub files: u64,
    /// Bytes compared.
    pub bytes: u64,
    /// Blocks fetched.
    pub blocks_fetched: u64,
}

/// What an upload would send.
#[derive(Clone, Debug, uniffi::Record)]
pub struct PreviewRecord {
    /// The root's CID.
    pub cid: String,
    /// Bytes of content.
    pub size: u64,
    /// The files, in the order in which they are sent.
    pub files: Vec<PreviewedFileRecord>,
}

/// A file that would be sent.
#[derive(Clone, Debug, uniffi::Record)]
pub struct PreviewedFileRecord {
    /// The name sent to the service.
    pub name: String,
    /// Bytes of content.
    pub size: u64,
}

/// What a sync found to do.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum OutcomeOfSync {
    /// Nothing was sent.
    Unchanged,
    /// The content was sent and pinned.
    Pinned,
}

/// What a sync has done.
#[derive(Clone, Debug, uniffi::Record)]
pub struct SyncedRecord {
    /// Whether the content was uploaded.
    pub outcome: OutcomeOfSync,
    /// The CID to publish.
    pub cid: String,
    /// The contenthash for it.
    pub contenthash: String,
    /// The DNSLink record for it.
    pub dnslink: String,
    /// The pin of the content.
    pub pin: Option<PinRecord>,
    /// The deploys that were unpinned.
    pub removed: Vec<String>,
    /// The deploys that stay.
    pub kept: Vec<PinRecord>,
    /// The deploys that are left to the next sync.
    pub postponed: Vec<String>,
}

impl From<Synced> for SyncedRecord {
    fn from(synced: Synced) -> Self {
        let ids = |ids: Vec<w3pin::PinId>| ids.iter().map(ToString::to_string).collect();
        Self {
            outcome: match synced.outcome {
                SyncOutcome::Unchanged => OutcomeOfSync::Unchanged,
                SyncOutcome::Pinned => OutcomeOfSync::Pinned,
            },
            cid: synced.cid.to_string(),
            contenthash: synced.contenthash(),
            dnslink: synced.dnslink(),
            pin: synced.pin.map(PinRecord::from),
            removed: ids(synced.removed),
            kept: synced.kept.into_iter().map(PinRecord::from).collect(),
            postponed: ids(synced.postponed),
        }
    }
}

impl From<Root> for RootRecord {
    fn from(root: Root) -> Self {
        Self {
            cid: root.cid.to_string(),
            size: root.size,
            dag_size: root.dag_size,
        }
    }
}

impl From<PackedCar> for PackedCarRecord {
    fn from(packed: PackedCar) -> Self {
        Self {
            cid: packed.cid.to_string(),
            blocks: packed.blocks,
            bytes: packed.bytes,
        }
    }
}

impl From<Proof> for ProofRecord {
    fn from(proof: Proof) -> Self {
        Self {
            files: proof.files,
            bytes: proof.bytes,
            blocks_fetched: proof.blocks_fetched,
        }
    }
}

impl From<UploadPreview> for PreviewRecord {
    fn from(preview: UploadPreview) -> Self {
        let files = preview.files.into_iter();
        Self {
            cid: preview.cid.to_string(),
            size: preview.size,
            files: files
                .map(|file| PreviewedFileRecord {
                    name: file.name,
                    size: file.size,
                })
                .collect(),
        }
    }
}
