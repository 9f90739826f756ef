use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::party::{Holder, Party};

/// A limit on the memory for one purpose, of which no single account or network can have all.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes: usize,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    all: usize,
    by: HashMap<Holder, usize>,
}

/// The memory that one user of the budget holds, returned on drop.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    who: Party,
    bytes: usize,
}

/// The budget has no memory left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exhausted {
    /// The request exceeds what one holder may have.
    ByItself,
    /// Others hold the memory at the moment.
    ByOthers,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self {
            bytes,
            used: Mutex::default(),
        })
    }

    /// Returns the most that one account or network may hold: three quarters.
    pub(crate) fn most_each(&self) -> usize {
        self.bytes - self.bytes / 4
    }

    /// Returns an empty share.
    pub(crate) fn share(self: &Arc<Self>, who: Party) -> Share {
        Share {
            budget: Arc::clone(self),
            who,
            bytes: 0,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Grows the share to `bytes`, if it is smaller.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> Result<(), Exhausted> {
        let Some(more) = bytes.checked_sub(self.bytes).filter(|more| *more > 0) else {
            return Ok(());
        };
        let budget = &self.budget;
        if bytes > budget.most_each() {
            return Err(Exhausted::ByItself);
        }
        let mut used = budget.lock();
        let most_held = self
            .who
            .holders()
            .filter_map(|holder| used.by.get(&holder))
            .max();
        let held = most_held.copied().unwrap_or(0);
        if used.all + more > budget.bytes || held + more > budget.most_each() {
            return Err(Exhausted::ByOthers);
        }
        used.all += more;
        for holder in self.who.holders() {
            *used.by.entry(holder).or_default() += more;
        }
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut used = self.budget.lock();
        used.all -= self.bytes;
        for holder in self.who.holders() {
            if let Some(held) = used.by.get_mut(&holder) {
                *held -= self.bytes;
                if *held == 0 {
                    used.by.remove(&holder);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Budget, Exhausted};
    use crate::party::{Network, Party};

    #[test]
    fn no_party_takes_all_and_all_together_no_more_than_there_is() {
        let [one, other] = [1, 2].map(|number| Party {
            account: Some(Uuid::from_u128(number.into())),
            network: Network::of([10, 0, 0, number].into()),
        });
        let budget = Budget::new(100);
        let mut first = budget.share(one);
        assert_eq!(first.grow_to(76), Err(Exhausted::ByItself));
        assert_eq!(first.grow_to(60), Ok(()));
        assert_eq!(first.grow_to(50), Ok(()), "it has that already");
        assert_eq!(budget.share(one).grow_to(16), Err(Exhausted::ByOthers));
        let mut second = budget.share(other);
        assert_eq!(second.grow_to(40), Ok(()));
        assert_eq!(second.grow_to(41), Err(Exhausted::ByOthers));
        drop(first);
        assert_eq!(second.grow_to(75), Ok(()));
        drop(second);
        assert_eq!(budget.lock().all, 0);
        assert!(budget.lock().by.is_empty());
    }
}
