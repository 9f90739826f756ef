//! Waits until pins are done, while others are still being made.

use std::collections::VecDeque;

use futures_util::{Stream, StreamExt, stream::FuturesUnordered};
use w3pin::{Client, Completed, Pin, Result, WaitPolicy};

use super::pinned::Pinned;
use crate::{output::Output, progress::Bar};

/// The number of pins to check in turn.
const AT_ONCE: usize = 16;

/// Reports each pin as it is made or, with a policy, once it is done.
pub(super) async fn take_all(
    pins: impl Stream<Item = Completed<Pin>> + Unpin,
    policy: Option<WaitPolicy>,
    client: &Client,
    pinned: &mut Pinned<'_>,
    output: &Output,
) {
    let mut pins = pins.fuse();
    let mut made = VecDeque::new();
    let mut waits = FuturesUnordered::new();
    let mut spinner: Option<Bar> = None;
    loop {
        if let Some(policy) = &policy {
            while waits.len() < AT_ONCE
                && let Some((index, pin)) = made.pop_front()
            {
                let policy = policy.clone();
                waits.push(async move { (index, wait(pin, policy, client).await) });
            }
        }
        let open = waits.len() + made.len();
        if open == 0 {
            spinner = None;
        } else {
            let spinner = spinner.get_or_insert_with(|| output.messages().spinner(""));
            spinner.say(&format!("waiting for {open} pins"));
        }
        tokio::select! {
            Some(Completed { index, result }) = pins.next() => match result {
                Ok(pin) => {
                    pinned.judge(index, &pin);
                    if policy.is_some() {
                        pinned.hold(index, &pin);
                        made.push_back((index, pin));
                    } else {
                        pinned.take(index, Ok(pin));
                    }
                }
                Err(error) => pinned.take(index, Err(error)),
            },
            Some((index, result)) = waits.next() => pinned.take(index, result),
            else => return,
        }
    }
}

async fn wait(pin: Pin, policy: WaitPolicy, client: &Client) -> Result<Pin> {
    let mut done = client.wait_until_pinned(&pin.id, policy).await?;
    // Only the call that made the pin knows its proof.
    done.verification = pin.verification;
    done.already_pinned = pin.already_pinned;
    Ok(done)
}
