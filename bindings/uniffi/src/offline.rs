//! Functions that need no account.

use std::sync::Arc;

use w3pin::Result;

use crate::{
    cancel::{CancelToken, Stops},
    content::LocalContent,
    error::Failure,
    options::{CidSettings, PreviewSettings, VerifySettings},
    results::{PackedCarRecord, PreviewRecord, ProofRecord, RootRecord},
    runtime,
};

type Cancel = Option<Arc<CancelToken>>;

/// Computes the CID of content.
#[uniffi::export]
pub async fn compute_cid(
    content: LocalContent,
    settings: CidSettings,
    cancel: Cancel,
) -> Result<RootRecord, Failure> {
    let work = move || w3pin::compute_cid(content, &settings.try_into()?);
    Ok(blocking(cancel, work).await?.into())
}

/// Packs content into a CAR file.
#[uniffi::export]
pub async fn pack_car(
    content: LocalContent,
    destination: String,
    settings: CidSettings,
    cancel: Cancel,
) -> Result<PackedCarRecord, Failure> {
    let work = move || w3pin::pack_car(content, destination, &settings.try_into()?);
    Ok(blocking(cancel, work).await?.into())
}

/// Lists what an upload would send.
#[uniffi::export]
pub async fn preview_upload(
    content: LocalContent,
    settings: PreviewSettings,
    cancel: Cancel,
) -> Result<PreviewRecord, Failure> {
    let work = move || w3pin::preview_upload(content, &settings.try_into()?);
    Ok(blocking(cancel, work).await?.into())
}

/// Proves that the content under a CID is this content.
#[uniffi::export]
pub async fn verify(
    content: LocalContent,
    cid: String,
    settings: VerifySettings,
    cancel: Cancel,
) -> Result<ProofRecord, Failure> {
    let proof = async move { w3pin::verify(content, &cid.parse()?, settings.try_into()?).await };
    Ok(Stops::by(cancel).run(proof).await?.into())
}

/// Returns the URL of content at a gateway.
#[uniffi::export]
pub fn gateway_url(cid: String, gateway: String) -> Result<String, Failure> {
    // Only the CID of the pin matters.
    let pin = w3pin::Pin::new("any".parse()?, cid.parse()?);
    Ok(pin.gateway_url(&gateway.parse()?))
}

async fn blocking<T: Send + 'static>(
    cancel: Cancel,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T, Failure> {
    let work = async move { runtime::joined(tokio::task::spawn_blocking(work).await) };
    Stops::by(cancel).run(work).await
}
