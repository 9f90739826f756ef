//! What calls give beside pins, as it crosses.

use w3pin::{PackedCar, Proof, Root, UploadPreview};

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
    /// The name that the service gets.
    pub name: String,
    /// Bytes of content.
    pub size: u64,
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
