//! An operation that creates a pin, but never two.

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

/// How often to search for a pin at most before sending again.
const MOST_LOOKS: u32 = 16;
/// How long to search if a reused connection broke: the request probably didn't reach the service.
const STALE_PATIENCE: Duration = Duration::from_secs(2);

/// Sends the operation until there is a pin, or it is certain that there won't be one.
///
/// If a response is lost, the pin is searched for until it must have appeared, and the operation is
/// only sent again if it hasn't. If that remains uncertain, the error says so.
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
        // A pin from an earlier attempt whose response was lost isn't one that existed before.
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

/// The result of looking at the account's newest pins.
enum Look {
    Found(Box<Pin>),
    Absent,
    /// There is a new pin that may be the right one.
    Ambiguous,
}

/// Searches for the pin of an attempt whose response was lost until it must have appeared. Returns
/// `None` if that can't be determined.
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
        // Looking too early would miss a pin that is still being created.
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
