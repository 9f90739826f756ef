//! Checks that a gateway serves content, by its root and some blocks below it.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
    time::Duration,
};

use tokio::time::{Instant, sleep, timeout};
use tracing::debug;
use w3pin_core::{Cid, Error, ErrorKind, Gateway, Result};
use w3pin_unixfs::{Cid as BlockCid, links};

use crate::{Retriever, driver::no_entropy};

/// The number of paths to take from the root to a leaf.
const WAYS: u32 = 8;
/// The longest path. No importer makes a DAG with so many levels.
const DEEPEST: u32 = 256;
/// The time between two attempts to get a missing block.
const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(30);
/// The minimum time for an attempt, even at the end of the deadline.
const LEAST: Duration = Duration::from_secs(10);

/// Reads the root, and eight random paths from it to the leaves. Content that has just been pinned
/// may take a while to be found, so missing blocks are retried until the deadline.
pub(super) async fn sample(
    retriever: &Retriever,
    gateway: &Gateway,
    root: &Cid,
    deadline: Duration,
) -> Result<()> {
    let until = Instant::now().checked_add(deadline);
    let mut known: BTreeMap<BlockCid, Vec<BlockCid>> = BTreeMap::new();
    for _ in 0..WAYS {
        let mut next = Some(*root.as_cid());
        for _ in 0..DEEPEST {
            let Some(cid) = next.take() else { break };
            let below = match known.entry(cid) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    let block = block(retriever, gateway, &cid, until).await?;
                    unknown.insert(links(&cid, &block).map_err(|cause| undecodable(&cid, &cause))?)
                }
            };
            next = choose(below)?;
        }
    }
    Ok(())
}

fn undecodable(cid: &BlockCid, cause: &dyn fmt::Display) -> Error {
    let reason = format!("block {cid} of the content can't be decoded: {cause}");
    Error::new(ErrorKind::Decode, reason)
}

/// Returns a block from the gateway, verified by its CID.
async fn block(
    retriever: &Retriever,
    gateway: &Gateway,
    cid: &BlockCid,
    until: Option<Instant>,
) -> Result<bytes::Bytes> {
    let mut delay = FIRST_DELAY;
    loop {
        let left = || {
            until.map_or(Duration::MAX, |until| {
                until.saturating_duration_since(Instant::now())
            })
        };
        let limit = left().max(LEAST);
        let looked = timeout(limit, retriever.block(cid)).await;
        // A gateway that lacked a block is asked again; one that served a wrong block isn't.
        let error = match looked.unwrap_or_else(|_| Err(Error::timed_out(limit))) {
            Ok(block) => return Ok(block),
            Err(error) => error,
        };
        let later = error.kind() == ErrorKind::NotFound || error.is_retryable();
        let left = left();
        if !later || left.is_zero() {
            debug!(%gateway, %cid, %error, "the gateway doesn't serve the deploy");
            return Err(unserved(gateway, error));
        }
        sleep(delay.max(error.retry_after().unwrap_or_default()).min(left)).await;
        delay = (delay * 2).min(LONGEST_DELAY);
    }
}

fn unserved(gateway: &Gateway, error: Error) -> Error {
    let reason = format!(
        "the content is pinned, but {gateway} doesn't serve it, so older deploys aren't removed: {}",
        error.reason()
    );
    Error::new(error.kind(), reason)
        .with_retryable(error.is_retryable())
        .with_source(error)
}

/// Chooses one of the links; `None` for a leaf.
fn choose(links: &[BlockCid]) -> Result<Option<BlockCid>> {
    let number = getrandom::u64().map_err(no_entropy)?;
    let count = links.len().max(1) as u64;
    Ok(usize::try_from(number % count)
        .ok()
        .and_then(|chosen| links.get(chosen).copied()))
}
