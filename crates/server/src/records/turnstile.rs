use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

/// Admits one caller at a time, in the order of arrival. Unlike with an unfair lock, a caller that
/// returns at once can't starve others.
#[derive(Debug, Default)]
pub(super) struct Turnstile(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    is_taken: bool,
    waiting: VecDeque<Arc<Admission>>,
}

/// What one caller waits for. Each has its own, so that leaving wakes no other caller than the next.
#[derive(Debug, Default)]
struct Admission {
    is_admitted: Mutex<bool>,
    told: Condvar,
}

/// Held while inside.
#[derive(Debug)]
pub(super) struct Inside<'a>(&'a Turnstile);

impl Turnstile {
    /// Waits for its turn.
    pub(super) fn enter(&self) -> Inside<'_> {
        let admission = {
            let mut state = self.lock();
            if !state.is_taken {
                state.is_taken = true;
                return Inside(self);
            }
            let admission = Arc::new(Admission::default());
            state.waiting.push_back(Arc::clone(&admission));
            admission
        };
        let is_admitted = lock(&admission.is_admitted);
        let _admitted = admission
            .told
            .wait_while(is_admitted, |is_admitted| !*is_admitted)
            .unwrap_or_else(PoisonError::into_inner);
        Inside(self)
    }

    /// Returns whether anyone waits to be let in.
    pub(super) fn has_waiting(&self) -> bool {
        !self.lock().waiting.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        match state.waiting.pop_front() {
            Some(next) => {
                *lock(&next.is_admitted) = true;
                next.told.notify_one();
            }
            None => state.is_taken = false,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
                while turnstile.lock().waiting.len() <= number {
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
