//! Where the network finds a node.

use std::time::{Duration, Instant};

use tokio::{sync::Mutex, time::timeout};

use super::node::Node;

/// How long a node's answer is good for.
const FRESH: Duration = Duration::from_secs(60);
/// How long it is waited for: those who ask can do without.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a node said last of its addresses, and when. It is asked by one at a time.
#[derive(Debug, Default)]
pub(super) struct Addresses(Mutex<Option<(Instant, Vec<String>)>>);

impl Addresses {
    /// The node's addresses: what it said last if it doesn't answer, if it said anything.
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
