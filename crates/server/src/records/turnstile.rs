use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Admits one caller at a time, in the order of arrival. Unlike with an unfair lock, a caller that
/// returns at once can't starve others.
#[derive(Debug, Default)]
pub(super) struct Turnstile {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    inside: u64,
}

/// Held while inside.
#[derive(Debug)]
pub(super) struct Inside<'a>(&'a Turnstile);

impl Turnstile {
    /// Waits for its turn.
    pub(super) fn enter(&self) -> Inside<'_> {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        while state.inside != number {
            state = self
                .moved
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Inside(self)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.lock().inside += 1;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Mutex, time::Duration};

    use super::Turnstile;

    #[test]
    fn who_came_first_is_let_in_first() {
        let turnstile = Turnstile::default();
        let order = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let inside = turnstile.enter();
            for number in 0..4 {
                let (turnstile, order) = (&turnstile, &order);
                scope.spawn(move || {
                    let _inside = turnstile.enter();
                    order.lock().unwrap().push(number);
                });
                while turnstile.lock().next < number + 2 {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            drop(inside);
            // Whoever returns at once queues last.
            let _inside = turnstile.enter();
            order.lock().unwrap().push(99);
        });
        assert_eq!(order.into_inner().unwrap(), [0, 1, 2, 3, 99]);
    }
}
