//! An operation that creates a pin, and never two of them.

use std::time::Duration;

use super::{
    attempts::{Attempts, Failed},
    content::Content,
    port::Port,
    session::Session,
};
use crate::{
    ErrorKind, ListPins, Operation, Pin, Result,
    decisions::search::{Made, MadeSearch},
};

/// How often a pin is looked for at most before it is sent again.
const MOST_LOOKS: u32 = 16;
/// How long a pin is looked for where a connection that an earlier request had used broke: the request
/// hardly reached anyone.
const STALE_PATIENCE: Duration = Duration::from_secs(2);

/// Sends the operation until there is a pin, or it is certain that there won't be one.
///
/// Where a response is lost, the pin is looked for until it would show, and the operation is only sent
/// again if it doesn't. What stays open is an error that says so.
pub(crate) async fn create<I, O: Operation<Output = Pin>>(
    session: &Session,
    attempts: &mut Attempts<'_, I>,
    operation: &O,
    content: &mut Content,
    made: &mut Made,
) -> Result<Pin> {
    let port = attempts.port();
    let began = port.now();
    let mut may_be_made = false;
    loop {
        let (outcome, roots) = session
            .attempt(attempts, operation, content.while_sending())
            .await;
        content.keep(roots);
        let failed = match outcome {
            Ok(answer) => return Ok(answer.output),
            Err(failed) => failed,
        };
        // What an earlier attempt made before its response was lost isn't what was there before.
        if may_be_made && failed.error.kind() == ErrorKind::AlreadyPinned {
            made.cids = content.cids(port).await.unwrap_or_default();
            return match look(session, port, made, began).await {
                Ok(Look::Found(pin)) => Ok(*pin),
                Ok(Look::Absent | Look::Ambiguous) | Err(_) => Err(failed.error),
            };
        }
        if !failed.may_have_acted() {
            attempts.again(failed, content.is_repeatable()).await?;
            continue;
        }
        may_be_made = true;
        port.doubt(true);
        made.cids = content.cids(port).await.unwrap_or_default();
        match settle(session, attempts, &failed, made, began).await {
            Some(Look::Found(pin)) => return Ok(*pin),
            Some(Look::Absent)
                if content.is_repeatable()
                    && attempts.allow(Duration::ZERO)
                    && (attempts.forgive_stale(&failed) || !attempts.is_last()) => {}
            _ => return Err(failed.error.with_unknown_outcome()),
        }
        port.doubt(false);
    }
}

/// What a look at the account's newest pins shows.
enum Look {
    Found(Box<Pin>),
    Absent,
    /// There is a new pin that may be the one.
    Ambiguous,
}

/// Looks for the pin of an attempt whose response was lost until it must have shown. `None` where that
/// can't be found out.
async fn settle<I>(
    session: &Session,
    attempts: &Attempts<'_, I>,
    failed: &Failed,
    made: &Made,
    began: Duration,
) -> Option<Look> {
    let (port, policy) = (attempts.port(), attempts.policy());
    if policy.attempts == 1 && !failed.is_stale() {
        return None;
    }
    let began_looking = port.now();
    let patience = if failed.is_stale() {
        policy.max_delay.min(STALE_PATIENCE)
    } else {
        policy.max_delay
    };
    let mut waited = Duration::ZERO;
    for looks in 1..=MOST_LOOKS {
        let longest = policy.longest_delay(looks);
        waited = waited.saturating_add(longest);
        let last = looks == MOST_LOOKS || longest.is_zero() || waited >= patience;
        // A look that comes too early misses the pin that is being made.
        let mut delay = policy
            .delay(looks, port.entropy())
            .max(longest / 2)
            .max(failed.error.retry_after().unwrap_or_default());
        if last {
            let elapsed = port.now().saturating_sub(began_looking);
            delay = delay.max(patience.saturating_sub(elapsed));
        }
        if !attempts.allow(delay) {
            return None;
        }
        port.sleep(delay).await;
        match look(session, port, made, began).await.ok()? {
            Look::Absent if last => break,
            Look::Absent => {}
            look => return Some(look),
        }
    }
    Some(Look::Absent)
}

async fn look<I>(session: &Session, port: &Port<I>, made: &Made, began: Duration) -> Result<Look> {
    let mut search = MadeSearch::new(session.endpoint().api(), made);
    while let Some(page) = search.next_page() {
        let answer = session.read(port, &ListPins::new(page)).await?;
        let elapsed = port.now().saturating_sub(began);
        let since = answer
            .date
            .and_then(|date| date.checked_sub(elapsed.try_into().ok()?));
        if let Some(pin) = search.accept(answer.output, since)? {
            return Ok(Look::Found(Box::new(pin)));
        }
    }
    Ok(if search.is_ambiguous() {
        Look::Ambiguous
    } else {
        Look::Absent
    })
}
