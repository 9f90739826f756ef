//! Functions that need no client.

use napi::Env;
use napi_derive::napi;
use w3pin::{Gateway, Pin, Result};

use crate::{
    calls::NativeCalls,
    content::NativeContent,
    error::rejection,
    options::{Options, parse},
    results::Show,
};

/// Computes the CID of content, offline.
#[napi]
pub fn compute_cid(
    env: &Env,
    content: NativeContent,
    options: String,
    calls: &NativeCalls,
    call: u32,
) -> napi::Result<()> {
    let content = content.read("content");
    on_a_thread(env, calls, call, move || {
        let options = parse::<Options>(&options)?.cid()?;
        w3pin::compute_cid(content?, &options)
    })
}

/// Packs content into a CAR file.
#[napi]
pub fn pack_car(
    env: &Env,
    content: NativeContent,
    destination: String,
    options: String,
    calls: &NativeCalls,
    call: u32,
) -> napi::Result<()> {
    let content = content.read("content");
    on_a_thread(env, calls, call, move || {
        let options = parse::<Options>(&options)?.cid()?;
        w3pin::pack_car(content?, destination, &options)
    })
}

/// Lists what an upload would send.
#[napi]
pub fn preview_upload(
    env: &Env,
    content: NativeContent,
    options: String,
    calls: &NativeCalls,
    call: u32,
) -> napi::Result<()> {
    let content = content.read("content");
    on_a_thread(env, calls, call, move || {
        let options = parse::<Options>(&options)?.pin()?;
        w3pin::preview_upload(content?, &options)
    })
}

/// Proves that a DAG is this content.
#[napi]
pub fn verify(
    env: &Env,
    content: NativeContent,
    cid: String,
    options: String,
    calls: &NativeCalls,
    call: u32,
) -> napi::Result<()> {
    let content = content.read("content");
    let work = async move {
        let options = parse::<Options>(&options)?.verify()?;
        w3pin::verify(content?, &cid.parse()?, options).await
    };
    calls.start(env, call, work)
}

/// Returns the IPFS URL of content.
#[napi]
pub fn ipfs_url(cid: String) -> napi::Result<String> {
    pin_of(&cid)
        .map(|pin| pin.ipfs_url())
        .map_err(|error| rejection(&error))
}

/// Returns the URL of content at a gateway.
#[napi]
pub fn gateway_url(cid: String, gateway: String) -> napi::Result<String> {
    let url = || -> Result<String> {
        let gateway: Gateway = gateway.parse()?;
        Ok(pin_of(&cid)?.gateway_url(&gateway))
    };
    url().map_err(|error| rejection(&error))
}

fn pin_of(cid: &str) -> Result<Pin> {
    Ok(Pin::new("any".parse()?, cid.parse()?))
}

fn on_a_thread<T: Show + Send + 'static>(
    env: &Env,
    calls: &NativeCalls,
    call: u32,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> napi::Result<()> {
    let work = async move {
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            Err(failed) => match failed.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The process is ending, so nobody awaits the result.
                Err(_) => std::future::pending().await,
            },
        }
    };
    calls.start(env, call, work)
}
