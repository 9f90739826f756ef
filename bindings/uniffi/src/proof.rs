//! CIDs and proofs of local content, as they cross.

use std::sync::Arc;

use crate::{
    cancel::{CancelToken, Stops},
    error::Failure,
    options::LocalSettings,
    runtime,
};

/// The root of a DAG that was computed here.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RootRecord {
    /// Its CID.
    pub cid: String,
    /// Bytes of content.
    pub size: u64,
    /// Bytes of the whole DAG.
    pub dag_size: u64,
}

/// That a DAG is the content it was compared with.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ProofRecord {
    /// Files compared.
    pub files: u64,
    /// Bytes compared.
    pub bytes: u64,
    /// Blocks that were fetched.
    pub blocks_fetched: u64,
}

/// The root that a file or folder has, without the network.
#[uniffi::export]
pub async fn compute_cid(
    path: String,
    settings: LocalSettings,
    cancel: Option<Arc<CancelToken>>,
) -> Result<RootRecord, Failure> {
    let root = async move {
        let options = settings.try_into()?;
        let computing = tokio::task::spawn_blocking(move || w3pin::compute_cid(path, &options));
        runtime::joined(computing.await)
    };
    let stops = Stops {
        token: cancel,
        client: None,
    };
    let root = stops.run(root).await?;
    Ok(RootRecord {
        cid: root.cid.to_string(),
        size: root.size,
        dag_size: root.dag_size,
    })
}

impl From<w3pin::Proof> for ProofRecord {
    fn from(proof: w3pin::Proof) -> Self {
        Self {
            files: proof.files,
            bytes: proof.bytes,
            blocks_fetched: proof.blocks_fetched,
        }
    }
}
