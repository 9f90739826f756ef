//! Shares turns at a limited resource fairly.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::party::{Holder, Party};

/// A limited number of concurrent turns, of which no single account or network can have all.
///
/// The next turn goes to the account with the fewest; among equals, to the one whose network has
/// the fewest; and among these, to the one that has waited longest. Since no party gets more than
/// three quarters, a new one always finds some free, however long others take.
#[derive(Debug)]
pub(crate) struct Turns {
    most: Most,
    state: Mutex<State>,
}

/// The most turns of one holder.
#[derive(Clone, Copy, Debug)]
struct Most {
    account: usize,
    network: usize,
}

#[derive(Debug)]
struct State {
    free: usize,
    held: HashMap<Holder, usize>,
    /// The waiting requests of each party, in order of arrival.
    waiting: HashMap<Party, VecDeque<Waiting>>,
    /// The waiting parties, by the number of their first request.
    order: BTreeMap<u64, Party>,
    /// The number of requests so far.
    count: u64,
}

#[derive(Debug)]
struct Waiting {
    number: u64,
    admit: oneshot::Sender<Turn>,
}

/// A turn, released on drop.
#[derive(Debug)]
pub(crate) struct Turn {
    /// `None` once it is released.
    turns: Option<Arc<Turns>>,
    who: Party,
}

impl Turns {
    /// Returns turns for work that keeps a processor busy. One party may use all processors, but
    /// others immediately share with it alone, instead of competing with many threads.
    pub(crate) fn of_processors() -> Arc<Self> {
        let processors = processors();
        Self::with_most(processors + processors.div_ceil(2), processors)
    }

    /// Returns `count` concurrent turns.
    pub(crate) fn new(count: usize) -> Arc<Self> {
        let count = count.max(1);
        Self::with_most(count, (count - count / 4).max(1))
    }

    /// Like `new`, with at most `most_each` turns for one account. All accounts of a network
    /// together have three quarters, if that is more.
    pub(crate) fn with_most(count: usize, most_each: usize) -> Arc<Self> {
        Arc::new(Self {
            most: Most {
                account: most_each,
                network: most_each.max(count - count.div_ceil(4)),
            },
            state: Mutex::new(State {
                free: count,
                held: HashMap::new(),
                waiting: HashMap::new(),
                order: BTreeMap::new(),
                count: 0,
            }),
        })
    }

    /// Waits for a turn.
    pub(crate) async fn take(self: &Arc<Self>, who: Party) -> Turn {
        loop {
            match self.take_or_wait(who) {
                Ok(turn) => return turn,
                Err(admitted) => {
                    if let Ok(turn) = admitted.await {
                        return turn;
                    }
                }
            }
        }
    }

    /// Like `take`, on a thread that may block.
    pub(crate) fn take_blocking(self: &Arc<Self>, who: Party) -> Turn {
        loop {
            match self.take_or_wait(who) {
                Ok(turn) => return turn,
                Err(admitted) => {
                    if let Ok(turn) = admitted.blocking_recv() {
                        return turn;
                    }
                }
            }
        }
    }

    fn take_or_wait(self: &Arc<Self>, who: Party) -> Result<Turn, oneshot::Receiver<Turn>> {
        let mut state = self.lock();
        if state.free > 0 && state.may_have_more(&who, self.most) {
            state.grant(who);
            return Ok(self.turn(who));
        }
        let (admit, admitted) = oneshot::channel();
        state.count += 1;
        let number = state.count;
        let theirs = state.waiting.entry(who).or_default();
        theirs.push_back(Waiting { number, admit });
        if theirs.len() == 1 {
            state.order.insert(number, who);
        }
        Err(admitted)
    }

    fn give_back(self: &Arc<Self>, who: Party) {
        let mut state = self.lock();
        state.release(&who);
        while let Some((who, admit)) = state.next(self.most) {
            state.grant(who);
            // The receiver may have gone away at this moment.
            if let Err(mut turn) = admit.send(self.turn(who)) {
                turn.turns = None;
                state.release(&who);
            }
        }
    }

    fn turn(self: &Arc<Self>, who: Party) -> Turn {
        Turn {
            turns: Some(Arc::clone(self)),
            who,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn may_have_more(&self, who: &Party, most: Most) -> bool {
        may_have_more(held_by(&self.held, who), who, most)
    }

    fn grant(&mut self, who: Party) {
        self.free -= 1;
        for holder in who.holders() {
            *self.held.entry(holder).or_default() += 1;
        }
    }

    fn release(&mut self, who: &Party) {
        self.free += 1;
        for holder in who.holders() {
            if let Some(held) = self.held.get_mut(&holder) {
                *held -= 1;
                if *held == 0 {
                    self.held.remove(&holder);
                }
            }
        }
    }

    /// Removes and returns the next request, if there is a free turn for it.
    fn next(&mut self, most: Most) -> Option<(Party, oneshot::Sender<Turn>)> {
        if self.free == 0 {
            return None;
        }
        let mut next: Option<([usize; 2], u64, Party)> = None;
        let mut from = 0;
        while let Some((number, who)) = self.order.range(from..).next() {
            let (number, who) = (*number, *who);
            from = number + 1;
            if !self.still_waits(number, &who) {
                continue;
            }
            let held = held_by(&self.held, &who);
            if may_have_more(held, &who, most) && next.is_none_or(|next| held < next.0) {
                next = Some((held, number, who));
            }
            // No party has fewer, and parties with as few came later.
            if held == [0, 0] {
                break;
            }
        }
        let (_, number, who) = next?;
        let first = self.waiting.get_mut(&who)?.pop_front()?;
        self.moved_up(number, who);
        Some((who, first.admit))
    }

    /// Returns whether the first request of a party, which has this number, still waits. If not,
    /// the next one becomes the first.
    fn still_waits(&mut self, number: u64, who: &Party) -> bool {
        let Some(theirs) = self.waiting.get_mut(who) else {
            return false;
        };
        let all = theirs.len();
        while theirs.front().is_some_and(|first| first.admit.is_closed()) {
            theirs.pop_front();
        }
        let is_first = theirs.len() == all;
        if !is_first {
            self.moved_up(number, *who);
        }
        is_first
    }

    /// Replaces the first request of a party.
    fn moved_up(&mut self, number: u64, who: Party) {
        self.order.remove(&number);
        match self.waiting.get(&who).and_then(VecDeque::front) {
            Some(first) => {
                self.order.insert(first.number, who);
            }
            None => {
                self.waiting.remove(&who);
            }
        }
    }
}

/// Returns the number of turns of a party and of its network.
fn held_by(held: &HashMap<Holder, usize>, who: &Party) -> [usize; 2] {
    let holders = [who.holder(), Holder::Network(who.network)];
    holders.map(|holder| held.get(&holder).copied().unwrap_or(0))
}

fn may_have_more([own, all]: [usize; 2], who: &Party, most: Most) -> bool {
    all < most.network && (own < most.account || who.account.is_none() && own < most.network)
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.turns.take() {
            turns.give_back(self.who);
        }
    }
}

/// Returns the number of processors.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::{Turn, Turns};
    use crate::party::{Network, Party};

    /// Returns an account in a network of its own.
    fn party(number: u8) -> Party {
        account_at(number, number)
    }

    fn account_at(number: u8, place: u8) -> Party {
        Party {
            account: Some(Uuid::from_u128(number.into())),
            network: Network::of([10, 0, 0, place].into()),
        }
    }

    /// Returns a turn, unless it has to wait.
    fn now(turns: &Arc<Turns>, who: Party) -> Option<Turn> {
        turns.take_or_wait(who).ok()
    }

    #[test]
    fn nobody_has_all_turns() {
        let turns = Turns::new(8);
        let held: Vec<_> = (0..8).map_while(|_| now(&turns, party(1))).collect();
        assert_eq!(held.len(), 6);
        let others: Vec<_> = (0..8).map_while(|_| now(&turns, party(2))).collect();
        assert_eq!(others.len(), 2);
        drop(held);
        assert!(now(&turns, party(1)).is_some());
        // A single turn is available to everyone.
        assert!(now(&Turns::new(1), party(1)).is_some());
    }

    #[test]
    fn the_next_turn_is_for_who_has_the_fewest_and_has_waited_longest() {
        let turns = Turns::with_most(2, 2);
        let held = [1, 1].map(|who| now(&turns, party(who)).unwrap());
        let waiting = [1, 2, 3].map(|who| turns.take_or_wait(party(who)).unwrap_err());
        let [mut third, mut first, mut second] = waiting;
        let [one, other] = held;
        drop(one);
        let turn = first.try_recv().unwrap();
        assert!(second.try_recv().is_err());
        drop(turn);
        drop(second.try_recv().unwrap());
        assert!(third.try_recv().is_ok());
        drop(other);
    }

    #[test]
    fn among_equals_each_party_waits_as_long_as_its_first() {
        let turns = Turns::with_most(1, 1);
        let held = now(&turns, party(1)).unwrap();
        let mut waiting =
            [2, 3, 2, 4, 3].map(|who| Some(turns.take_or_wait(party(who)).unwrap_err()));
        // The first request of 2 is dropped, so that it has waited less long than 3.
        waiting[0] = None;
        drop(held);
        for number in [1, 2, 3, 4] {
            let turn = waiting[number].as_mut().unwrap().try_recv();
            drop(turn.unwrap_or_else(|_| panic!("{number}")));
        }
        let state = turns.lock();
        assert!(state.waiting.is_empty() && state.order.is_empty());
        assert_eq!(state.free, 1);
    }

    #[test]
    fn many_accounts_at_one_place_are_no_more_than_one() {
        let turns = Turns::new(8);
        let held: Vec<_> = (0..8)
            .map_while(|number| now(&turns, account_at(number, 1)))
            .collect();
        assert_eq!(held.len(), 6);
        let theirs = turns.take_or_wait(account_at(9, 1)).unwrap_err();
        let others = [now(&turns, party(2)), now(&turns, party(3))].map(Option::unwrap);
        let mut other = turns.take_or_wait(account_at(10, 4)).unwrap_err();
        drop(held);
        assert!(other.try_recv().is_ok());
        drop((theirs, others));
        // An account is the same wherever it connects from.
        let held: Vec<_> = (0..8)
            .map_while(|place| now(&turns, account_at(1, place)))
            .collect();
        assert_eq!(held.len(), 6);
    }

    #[test]
    fn who_goes_away_costs_nobody_a_turn() {
        let turns = Turns::with_most(1, 1);
        let held = now(&turns, party(1)).unwrap();
        let gone = turns.take_or_wait(party(2)).unwrap_err();
        let mut waiting = turns.take_or_wait(party(3)).unwrap_err();
        drop(gone);
        drop(held);
        drop(waiting.try_recv().unwrap());
        // A turn that was granted but never taken is released too.
        let held = now(&turns, party(1)).unwrap();
        let granted = turns.take_or_wait(party(2)).unwrap_err();
        drop(held);
        drop(granted);
        assert!(now(&turns, party(1)).is_some());
    }
}
