//! The addresses of a node in the network.

use std::time::{Duration, Instant};

use tokio::{sync::Mutex, time::timeout};

use super::node::Node;

/// How long a node's response is valid.
const FRESH: Duration = Duration::from_secs(60);
/// How long to wait for a response: callers can do without.
const PATIENCE: Duration = Duration::from_secs(2);

/// The last known addresses of a node, and when it reported them. One caller at a time asks it.
#[derive(Debug, Default)]
pub(super) struct Addresses(Mutex<Option<(Instant, Vec<String>)>>);

impl Addresses {
    /// Returns the node's addresses, or the last known ones if it doesn't respond.
    pub(super) async fn of(&self, node: &impl Node) -> Vec<String> {
        let mut known = self.0.lock().await;
        if let Some((since, addresses)) = &*known
            && since.elapsed() < FRESH
        {
            return addresses.clone();
        }
        let answer = timeout(PATIENCE, node.addresses()).await;
        let old = || known.take().map(|(_, addresses)| addresses);
        let addresses = answer.ok().and_then(Result::ok).or_else(old);
        let addresses = addresses.unwrap_or_default();
        *known = Some((Instant::now(), addresses.clone()));
        addresses
    }
}
