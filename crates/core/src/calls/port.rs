//! The interface between a protocol and its driver.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use http::Response;

use super::call::{Delivery, Reading, Step, Transmission};
use crate::{Cid, Computed, Error, ErrorKind, Leaf, Result, Sent};

/// A protocol's side of a call. The protocol awaits nothing else: each await is a step of the
/// driver.
pub(crate) struct Port<I>(Arc<Mutex<State<I>>>);

struct State<I> {
    now: Duration,
    entropy: u64,
    ask: Option<Ask<I>>,
    told: Option<Told>,
    roots: Option<Result<Vec<Computed>>>,
    opened: Option<Response<()>>,
    pulled: Option<Result<Option<Bytes>>>,
    looked_up: Option<Result<Option<Bytes>>>,
    /// Whether a part of a file is on disk.
    same: bool,
    /// Whether a request whose response isn't known may have created something.
    in_doubt: bool,
    /// The unfinished action of the driver.
    under_way: Option<UnderWay>,
    /// The deadline of the current part of the call.
    limit: Option<Limit>,
    /// The deadline of the whole call.
    whole: Option<Limit>,
}

/// A time limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) timeout: Duration,
    pub(crate) deadline: Duration,
}

enum Ask<I> {
    Send(Box<Transmission>),
    Open(Box<Transmission>),
    Pull,
    Close,
    Compare(Leaf),
    LookUp(Cid),
    Sleep(Duration),
    Read(Reading),
    Yield(I),
}

/// An action of the driver that a deadline may interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UnderWay {
    /// Sending a request that creates something.
    Creating,
    /// Reading the content.
    Reading,
}

impl Limit {
    /// Returns the limit that is `timeout` from now; `None` if that exceeds the clock's range.
    fn new(now: Duration, timeout: Option<Duration>) -> Option<Self> {
        let timeout = timeout?;
        let deadline = now.checked_add(timeout)?;
        Some(Self { timeout, deadline })
    }
}

/// The result of a request.
#[derive(Debug)]
pub(crate) enum Told {
    Response(Response<Bytes>, Delivery),
    Failure(Error, Delivery),
}

impl<I> Clone for Port<I> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// The protocol's side.
impl<I> Port<I> {
    /// Returns the current time on the driver's clock.
    pub(crate) fn now(&self) -> Duration {
        self.lock().now
    }

    /// Returns a random number.
    pub(crate) fn entropy(&self) -> u64 {
        // SplitMix64 generates any number of values from the driver's one.
        let mut state = self.lock();
        state.entropy = state.entropy.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state.entropy;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Sends a request. Returns its result, and the roots that were computed at the same time.
    pub(crate) async fn send(
        &self,
        transmission: Transmission,
    ) -> (Told, Option<Result<Vec<Computed>>>) {
        self.step(Ask::Send(Box::new(transmission))).await;
        let mut state = self.lock();
        state.under_way = None;
        (told(&mut state), state.roots.take())
    }

    /// Sends a request. Returns the head of its response, or the whole response if it is a refusal.
    /// The body of any response opened before is dropped.
    pub(crate) async fn open(&self, transmission: Transmission) -> Result<Response<()>, Told> {
        self.step(Ask::Open(Box::new(transmission))).await;
        let mut state = self.lock();
        state.opened.take().ok_or_else(|| told(&mut state))
    }

    /// Returns the next piece of the open response's body, or `None` at its end.
    pub(crate) async fn pull(&self) -> Result<Option<Bytes>> {
        self.step(Ask::Pull).await;
        self.lock().pulled.take().unwrap_or_else(|| {
            Err(Error::new(
                ErrorKind::Transport,
                "the driver reported no piece of the response",
            ))
        })
    }

    /// Returns whether a part of a file is on disk.
    pub(crate) async fn compare(&self, leaf: Leaf) -> bool {
        self.step(Ask::Compare(leaf)).await;
        std::mem::take(&mut self.lock().same)
    }

    /// Looks up a local block, without verifying it.
    pub(crate) async fn look_up(&self, cid: Cid) -> Result<Option<Bytes>> {
        self.step(Ask::LookUp(cid)).await;
        self.lock().looked_up.take().unwrap_or_else(|| {
            Err(Error::new(
                ErrorKind::LocalIo,
                "the driver looked up no block",
            ))
        })
    }

    /// Drops the rest of the open response.
    pub(crate) async fn close(&self) {
        self.step(Ask::Close).await;
    }

    /// Runs a part of the call with a time limit.
    pub(crate) async fn within<T>(
        &self,
        timeout: Option<Duration>,
        part: impl Future<Output = T>,
    ) -> T {
        self.set_limit(timeout);
        let output = part.await;
        self.set_limit(None);
        output
    }

    fn set_limit(&self, timeout: Option<Duration>) {
        let mut state = self.lock();
        state.limit = Limit::new(state.now, timeout);
    }

    /// Sets whether something may have been created although no response says so.
    pub(crate) fn doubt(&self, in_doubt: bool) {
        self.lock().in_doubt = in_doubt;
    }

    /// Reads the content and returns its roots.
    pub(crate) async fn read(&self, reading: Reading) -> Result<Vec<Computed>> {
        self.step(Ask::Read(reading)).await;
        self.lock().roots.take().unwrap_or_else(|| {
            Err(Error::new(
                ErrorKind::LocalIo,
                "the driver computed no roots of the content",
            ))
        })
    }

    /// Sleeps for `delay`.
    pub(crate) async fn sleep(&self, delay: Duration) {
        let until = self.now().saturating_add(delay);
        poll_fn(|_| {
            let mut state = self.lock();
            match until.checked_sub(state.now) {
                None | Some(Duration::ZERO) => Poll::Ready(()),
                Some(rest) => {
                    state.ask = Some(Ask::Sleep(rest));
                    Poll::Pending
                }
            }
        })
        .await;
    }

    /// Yields an item to the caller.
    pub(crate) async fn give(&self, item: I) {
        self.step(Ask::Yield(item)).await;
    }

    async fn step(&self, ask: Ask<I>) {
        let mut ask = Some(ask);
        poll_fn(|_| match ask.take() {
            Some(ask) => {
                self.lock().ask = Some(ask);
                Poll::Pending
            }
            None => Poll::Ready(()),
        })
        .await;
    }
}

/// Returns the reported result of a request. If the driver reported none, it may have done
/// anything.
fn told<I>(state: &mut State<I>) -> Told {
    state.told.take().unwrap_or_else(|| {
        let error = Error::new(ErrorKind::Transport, "the driver reported no response");
        Told::Failure(error, Delivery::complete())
    })
}

/// The driver's side.
impl<I> Port<I> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            now: Duration::ZERO,
            entropy: 0,
            ask: None,
            told: None,
            roots: None,
            opened: None,
            pulled: None,
            looked_up: None,
            same: false,
            in_doubt: false,
            under_way: None,
            limit: None,
            whole: None,
        })))
    }

    pub(crate) fn resume(&self, now: Duration, entropy: u64) {
        let mut state = self.lock();
        state.now = state.now.max(now);
        state.entropy = entropy;
    }

    pub(crate) fn ask<T>(&self) -> Option<Step<T, I>> {
        let mut state = self.lock();
        let ask = state.ask.take()?;
        (state.told, state.roots) = (None, None);
        (state.opened, state.pulled, state.same) = (None, None, false);
        state.looked_up = None;
        state.under_way = match &ask {
            Ask::Send(transmission) if transmission.creates => Some(UnderWay::Creating),
            Ask::Read(_) => Some(UnderWay::Reading),
            Ask::Send(_)
            | Ask::Open(_)
            | Ask::Pull
            | Ask::Close
            | Ask::Compare(_)
            | Ask::LookUp(_)
            | Ask::Sleep(_)
            | Ask::Yield(_) => None,
        };
        Some(match ask {
            Ask::Send(transmission) => Step::Send(transmission),
            Ask::Open(transmission) => Step::Open(transmission),
            Ask::Pull => Step::Pull,
            Ask::Close => Step::Close,
            Ask::Compare(leaf) => Step::Compare(leaf),
            Ask::LookUp(cid) => Step::LookUp(cid),
            Ask::Sleep(delay) => Step::Sleep(delay),
            Ask::Read(reading) => Step::Read(reading),
            Ask::Yield(item) => Step::Yield(item),
        })
    }

    pub(crate) fn tell(&self, told: Told) {
        self.lock().told = Some(told);
    }

    pub(crate) fn tell_opened(&self, head: Response<()>) {
        self.lock().opened = Some(head);
    }

    pub(crate) fn tell_pulled(&self, piece: Result<Option<Bytes>>) {
        self.lock().pulled = Some(piece);
    }

    pub(crate) fn tell_looked_up(&self, block: Result<Option<Bytes>>) {
        self.lock().looked_up = Some(block);
    }

    pub(crate) fn tell_same(&self, same: bool) {
        self.lock().same = same;
    }

    pub(crate) fn tell_roots(&self, roots: Result<Vec<Computed>>) {
        self.lock().roots = Some(roots);
    }

    /// Starts the time limit of the whole call.
    pub(crate) fn start(&self, now: Duration, timeout: Option<Duration>) {
        self.lock().whole = Limit::new(now, timeout);
    }

    /// Returns the earlier limit.
    pub(crate) fn limit(&self) -> Option<Limit> {
        let state = self.lock();
        let limits = state.whole.into_iter().chain(state.limit);
        limits.min_by_key(|limit| limit.deadline)
    }

    /// Returns the limit that has been reached.
    pub(crate) fn expired(&self) -> Option<Limit> {
        let now = self.now();
        self.limit().filter(|limit| now >= limit.deadline)
    }

    /// Returns whether the current request has its response.
    pub(crate) fn has_responded(&self) -> bool {
        matches!(self.lock().told, Some(Told::Response(..)))
    }

    /// Aborts a read in progress with this error, unless its roots are known. Returns whether there
    /// was one.
    pub(crate) fn give_up_reading(&self, error: impl FnOnce() -> Error) -> bool {
        let mut state = self.lock();
        let reading = state.under_way == Some(UnderWay::Reading);
        if reading {
            state.roots.get_or_insert_with(|| Err(error()));
        }
        reading
    }

    /// Returns whether a request whose response isn't known may have created something.
    pub(crate) fn is_in_doubt(&self) -> bool {
        let state = self.lock();
        let undelivered = matches!(
            &state.told,
            Some(Told::Failure(_, delivery)) if delivery.sent != Sent::Everything
        );
        let creating = state.under_way == Some(UnderWay::Creating);
        state.in_doubt || (creating && !undelivered)
    }

    fn lock(&self) -> MutexGuard<'_, State<I>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
