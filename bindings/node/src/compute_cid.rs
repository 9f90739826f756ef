//! CIDs, offline.

use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use serde::Serialize;
use w3pin::Cid;

use crate::{
    client::answer,
    failure::rejection,
    options::{Entries, parse, path},
};

/// The CID of what is at a path.
#[napi]
pub fn compute_cid<'env>(
    env: &'env Env,
    local: String,
    options: String,
) -> napi::Result<PromiseRaw<'env, String>> {
    #[derive(Serialize)]
    struct Root {
        cid: Cid,
        size: u64,
        dag_size: u64,
    }
    let compute = move || {
        let options = parse::<Entries>(&options)?.cid()?;
        let root = w3pin::compute_cid(path(local)?, &options)?;
        Ok(Root {
            cid: root.cid,
            size: root.size,
            dag_size: root.dag_size,
        })
    };
    let computed = async move {
        let computed = tokio::task::spawn_blocking(compute).await;
        let computed = computed.map_err(|cause| napi::Error::from_reason(cause.to_string()))?;
        computed.map_err(|error: w3pin::Error| rejection(&error))
    };
    answer(env, computed)
}
