//! Slows down clients that try wrong keys.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::party::Network;

/// The number of attempts without delay, since people mistype.
const FREE: u32 = 5;
/// The first and the longest delay between further attempts.
const DELAYS: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(30)];
/// When attempts are forgotten.
const MEMORY: Duration = Duration::from_secs(10 * 60);
/// The maximum number of entries.
const MOST: usize = 10_000;

/// Counts wrong attempts for each network and each existing API key. That slows down guessing
/// without delaying clients in other networks or with other keys.
///
/// An owner may share a network with others, behind a proxy for instance, so keys that were
/// recently right there stay accepted while others guess.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    tries: Mutex<HashMap<Guess, Tries>>,
}

/// The origin of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Guess {
    pub(crate) network: Network,
    /// The digest of the API key; `None` if there is no such account.
    pub(crate) api_key: Option<[u8; 32]>,
}

#[derive(Debug)]
struct Tries {
    wrong: u32,
    /// When the next attempt is allowed.
    next: Instant,
    /// Whether the right keys were sent since attempts were last forgotten.
    owner_calls: bool,
}

impl Guesses {
    /// Calls `check` to verify keys, or returns how long to wait first.
    pub(crate) fn check<T>(
        &self,
        guess: Guess,
        now: Instant,
        check: impl FnOnce() -> Option<T>,
    ) -> Result<Option<T>, Duration> {
        // Checked one after the other, so that parallel attempts can't avoid the delay.
        let mut all = self.lock();
        let tries = all.get(&guess);
        let wait = tries.map_or(Duration::ZERO, |tries| {
            tries.next.saturating_duration_since(now)
        });
        if !wait.is_zero() && !tries.is_some_and(|tries| tries.owner_calls) {
            return Err(wait);
        }
        let found = check();
        if found.is_none() && !wait.is_zero() {
            return Err(wait);
        }
        make_room(&mut all, now);
        let tries = all.entry(guess).or_insert(Tries {
            wrong: 0,
            next: now,
            owner_calls: false,
        });
        if now.saturating_duration_since(tries.next) > MEMORY {
            *tries = Tries {
                wrong: 0,
                next: now,
                owner_calls: false,
            };
        }
        if found.is_some() {
            tries.owner_calls = true;
            tries.next = tries.next.max(now);
        } else {
            tries.wrong = tries.wrong.saturating_add(1);
            tries.next = now + delay(tries.wrong);
        }
        Ok(found)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Guess, Tries>> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn delay(wrong: u32) -> Duration {
    match wrong.checked_sub(FREE) {
        None | Some(0) => Duration::ZERO,
        Some(more) => DELAYS[1].min(DELAYS[0].saturating_mul(1 << (more - 1).min(16))),
    }
}

/// Forgets entries that have expired, or else the least important ones.
fn make_room(all: &mut HashMap<Guess, Tries>, now: Instant) {
    if all.len() < MOST {
        return;
    }
    all.retain(|_, tries| now.saturating_duration_since(tries.next) <= MEMORY);
    let mut least = 0;
    while all.len() >= MOST {
        all.retain(|_, tries| tries.wrong > least);
        least = 2 * least + 1;
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Guess, Guesses, MOST};
    use crate::party::Network;

    fn guess(address: [u8; 4], api_key: Option<u8>) -> Guess {
        Guess {
            network: Network::of(address.into()),
            api_key: api_key.map(|byte| [byte; 32]),
        }
    }

    #[test]
    fn an_hour_is_enough_for_few_guesses() {
        let guesses = Guesses::default();
        let start = Instant::now();
        let heard = (0..3_600_000)
            .map(|millisecond| start + Duration::from_millis(millisecond))
            .filter(|now| {
                let checked = guesses.check(guess([10, 0, 0, 1], Some(1)), *now, || None::<()>);
                checked.is_ok()
            });
        assert!((100..150).contains(&heard.count()));
    }

    #[test]
    fn nobody_else_waits() {
        let guesses = Guesses::default();
        let now = Instant::now();
        let stranger = guess([10, 0, 0, 1], Some(1));
        while guesses.check(stranger, now, || None::<()>).is_ok() {}
        for other in [
            guess([10, 0, 0, 2], Some(1)),
            guess([10, 0, 0, 1], Some(2)),
            guess([10, 0, 0, 1], None),
        ] {
            assert_eq!(guesses.check(other, now, || Some(7)), Ok(Some(7)));
        }
        // Nor does it delay the stranger, once the time is over.
        let wait = guesses.check(stranger, now, || Some(7)).unwrap_err();
        assert_eq!(guesses.check(stranger, now + wait, || Some(7)), Ok(Some(7)));
    }

    #[test]
    fn a_neighbours_guesses_do_not_keep_the_owner_out() {
        let guesses = Guesses::default();
        let now = Instant::now();
        let neighbour = guess([10, 0, 0, 1], Some(1));
        assert_eq!(guesses.check(neighbour, now, || Some(7)), Ok(Some(7)));
        while guesses.check(neighbour, now, || None::<()>).is_ok() {}
        assert_eq!(guesses.check(neighbour, now, || Some(7)), Ok(Some(7)));
        // It doesn't let others in.
        assert!(guesses.check(neighbour, now, || None::<()>).is_err());
    }

    #[test]
    fn many_guessers_take_little_memory_and_the_worst_is_remembered() {
        let guesses = Guesses::default();
        let now = Instant::now();
        let worst = guess([10, 0, 0, 1], Some(1));
        while guesses.check(worst, now, || None::<()>).is_ok() {}
        for number in 0..3 * MOST as u32 {
            let [a, b, c, d] = (0x0B00_0000 + number).to_be_bytes();
            let _ = guesses.check(guess([a, b, c, d], None), now, || None::<()>);
        }
        assert!(guesses.lock().len() <= MOST);
        assert!(guesses.check(worst, now, || None::<()>).is_err());
    }
}
