use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
};

use crate::{connections::Peer, turns::Turns};

/// Serves a connection, of which each step waits for a turn of its party.
///
/// What is read, parsed and answered on connections is work of the runtime's threads, and in their queue all connections are
/// equal: whoever has the most of them, or sends what takes the most steps, would have the most done. Here one
/// step of each party is as near as one of any other's. Nothing is slower where nobody else waits.
pub(super) async fn in_turns<F: Future>(turns: Arc<Turns>, peer: Peer, connection: F) -> F::Output {
    let mut connection = pin!(connection);
    loop {
        let turn = turns.take(peer.party()).await;
        let step = poll_fn(|context| Poll::Ready(connection.as_mut().poll(context))).await;
        drop(turn);
        if let Poll::Ready(output) = step {
            return output;
        }
        woken().await;
    }
}

/// Waits until what was polled last wants to be polled again.
async fn woken() {
    let mut has_waited = false;
    poll_fn(|_| {
        if std::mem::replace(&mut has_waited, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
