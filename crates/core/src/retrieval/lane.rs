//! Gets the blocks of a walk.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use w3pin_unixfs::{BlockError, IDENTITY, verify_block};

use super::{
    ask::Ask,
    blocks::Blocks,
    car_stream::CarStream,
    had::Had,
    sources::{NoSource, Place, Sources, Want},
};
use crate::{
    Cid, Error, ErrorKind, FetchBlock, IpfsPath, Result, RetryPolicy,
    calls::{
        attempts::Failed,
        port::{Port, Told},
    },
    values::cid::ContentKey,
    wire::{
        fetch_car::{FetchCar, Scope, is_car},
        refusal,
    },
};

/// Gets the blocks of one walk, one after the other and verified: from an open CAR if possible, or
/// individually from any source.
pub(crate) struct Lane<I> {
    port: Port<I>,
    sources: Sources,
    retry: RetryPolicy,
    blocks: Blocks,
    stream: Option<CarStream>,
    /// Visited blocks that the open CAR repeats.
    repeated: Vec<ContentKey>,
    /// The visited blocks, if the walk requests each block once.
    had: Option<Had>,
    /// Whether blocks are looked up locally instead of requested.
    at_hand: bool,
    /// Sources whose CARs were useless for this walk.
    useless: Vec<Place>,
    /// Sources whose CARs broke off after they had been useful.
    broken: Vec<Place>,
    interrupted: bool,
    opened: u32,
}

/// If the walk misses more blocks than this in a CAR, it isn't what was requested.
const MOST_PASSED_OVER: u32 = 32;
/// A source whose CAR broke off after this many useful blocks is asked for another one.
const USEFUL: u32 = 8;
/// The most requests for the same block to the same source when reused connections break.
const STALE: u32 = 3;

impl<I> Lane<I> {
    pub(crate) fn new(port: Port<I>, sources: Sources, retry: RetryPolicy) -> Self {
        Self {
            port,
            sources,
            retry,
            blocks: Blocks::new(),
            stream: None,
            repeated: Vec::new(),
            had: None,
            at_hand: false,
            useless: Vec::new(),
            broken: Vec::new(),
            interrupted: false,
            opened: 0,
        }
    }

    /// Requests each block once.
    pub(crate) fn once(mut self) -> Self {
        self.had = Some(Had::default());
        self
    }

    /// Uses the driver's local blocks.
    pub(crate) fn at_hand(mut self) -> Self {
        self.at_hand = true;
        self
    }

    /// Adds a verified block that needn't be fetched.
    pub(crate) fn knowing(mut self, cid: &Cid, block: Bytes) -> Self {
        self.blocks.keep(cid, block);
        self
    }

    /// Returns whether the walk visits this block for the first time, in which case it must request
    /// it next.
    pub(crate) fn is_first(&mut self, cid: &w3pin_unixfs::Cid) -> bool {
        self.had.as_mut().is_none_or(|had| had.insert(cid))
    }

    /// Returns whether a CAR is open.
    pub(crate) fn is_streaming(&self) -> bool {
        self.stream.is_some()
    }

    /// Returns how many CARs were opened.
    pub(crate) fn opened(&self) -> u32 {
        self.opened
    }

    /// Returns whether the open CAR has broken off since the last call.
    pub(crate) fn take_interruption(&mut self) -> bool {
        std::mem::take(&mut self.interrupted)
    }

    /// Opens a CAR in place of the current one, if a source has one. `repeated` are blocks at its
    /// start that the walk has visited.
    pub(crate) async fn open(&mut self, path: IpfsPath, scope: Scope, repeated: Vec<ContentKey>) {
        self.close().await;
        if self.at_hand {
            return;
        }
        let fetch = FetchCar {
            path,
            scope,
            duplicates: self.had.is_none(),
        };
        loop {
            let without = [&self.useless[..], &self.broken].concat();
            let place = match self.sources.choose(Want::Car, &without, self.port.now()) {
                Ok(place) => place,
                Err(_) if self.broken.is_empty() => return,
                Err(_) => {
                    self.broken.clear();
                    continue;
                }
            };
            let Some(gateway) = self.sources.gateway(place) else {
                return;
            };
            let Ok(request) = fetch.prepare(&gateway) else {
                return;
            };
            let busy = self.sources.begin(place);
            let ask = Ask {
                operation: "fetch_car",
                limit: 0,
                fresh_connection: false,
            };
            match ask.open(&self.port, request).await {
                Ok(head) => {
                    if let Some(ordered) = is_car(head.headers()) {
                        self.opened += 1;
                        self.repeated = repeated;
                        self.stream = Some(CarStream::new(busy, ordered));
                        return;
                    }
                    self.port.close().await;
                    self.sources.has_no_cars(place);
                }
                Err(Told::Response(response, _)) => {
                    let error = refusal(&response);
                    if matches!(error.status(), Some(400 | 406 | 415 | 501)) {
                        self.sources.has_no_cars(place);
                    }
                    self.sources.failed(place, &error, self.port.now());
                }
                Err(Told::Failure(error, _)) => {
                    self.sources.failed(place, &error, self.port.now());
                }
            }
            self.useless.push(place);
        }
    }

    /// Returns a verified block.
    pub(crate) async fn block(&mut self, cid: &Cid) -> Result<Bytes> {
        if cid.as_cid().hash().code() == IDENTITY {
            return Ok(Bytes::copy_from_slice(cid.as_cid().hash().digest()));
        }
        if let Err(cause @ BlockError::UnsupportedHash(_)) = verify_block(cid.as_cid(), &[]) {
            return Err(Error::invalid_input("cid", cause.to_string()));
        }
        let repeats = self.blocks.was_used(cid);
        if let Some(block) = self.blocks.take(cid) {
            if let Some(stream) = self.stream.as_mut().filter(|_| repeats) {
                stream.owed = stream.owed.saturating_add(1);
            }
            return Ok(block);
        }
        let block = match self.streamed(cid).await {
            Some(block) => block,
            None if self.at_hand => self.look_up(cid).await?,
            None => self.single(cid).await?,
        };
        self.blocks.used(cid, &block);
        Ok(block)
    }

    /// Ends the walk: the connection of a CAR that ends here too can be reused.
    pub(crate) async fn finish(&mut self) {
        if self.stream.is_some() && matches!(self.port.pull().await, Ok(None)) {
            self.stream = None;
        }
        self.close().await;
    }

    /// Returns a block from the open CAR; `None` if it isn't in there, or not next.
    async fn streamed(&mut self, cid: &Cid) -> Option<Bytes> {
        loop {
            let stream = self.stream.as_mut()?;
            let (found, block) = match stream.next(&self.port).await {
                Ok(Some(next)) => next,
                Ok(None) => {
                    self.interrupt().await;
                    return None;
                }
                Err(error) => {
                    let place = stream.place();
                    self.sources.failed(place, &error, self.port.now());
                    self.interrupt().await;
                    return None;
                }
            };
            let key = found.content_key();
            if let Some(at) = self.repeated.iter().position(|known| *known == key) {
                self.repeated.remove(at);
                continue;
            }
            if let Some(had) = &self.had
                && !found.same_content(cid)
                && had.contains(found.as_cid())
            {
                stream.repeats += 1;
                if stream.repeats <= had.len() {
                    continue;
                }
                self.interrupt().await;
                return None;
            }
            if verify_block(found.as_cid(), &block).is_err() {
                self.sources.lied(stream.place());
                self.interrupt().await;
                return None;
            }
            if found.same_content(cid) {
                if !std::mem::replace(&mut stream.served, true) {
                    self.sources.served(stream.place());
                }
                stream.useful = stream.useful.saturating_add(1);
                return Some(block);
            }
            let repeats = self.blocks.was_used(&found);
            if repeats && stream.owed > 0 {
                stream.owed -= 1;
                continue;
            }
            stream.passed_over += 1;
            if repeats && stream.passed_over <= MOST_PASSED_OVER {
                // It was fetched individually, since the CAR was late.
                continue;
            }
            let ordered = stream.ordered;
            let lost = stream.passed_over > MOST_PASSED_OVER && ordered;
            if lost || !self.blocks.keep(&found, block) {
                self.interrupt().await;
                return None;
            }
            if ordered {
                return None;
            }
        }
    }

    /// Returns one of the driver's local blocks.
    async fn look_up(&self, cid: &Cid) -> Result<Bytes> {
        let Some(block) = self.port.look_up(cid.clone()).await? else {
            let reason = format!("block {cid} is missing");
            return Err(Error::new(ErrorKind::NotFound, reason));
        };
        match verify_block(cid.as_cid(), &block) {
            Ok(()) => Ok(block),
            Err(_) => {
                let reason = format!("block {cid} doesn't match its CID");
                Err(Error::new(ErrorKind::Decode, reason))
            }
        }
    }

    /// Fetches a single block from the best source that has it.
    async fn single(&mut self, cid: &Cid) -> Result<Bytes> {
        let operation = FetchBlock::new(cid.clone());
        let began = self.port.now();
        // Sources that don't have it, and those that failed in this round.
        let (mut lacking, mut failed) = (Vec::new(), Vec::new());
        let mut rounds = 0;
        let mut last = None;
        loop {
            let now = self.port.now();
            let without = [&lacking[..], &failed].concat();
            let delay = match self.sources.choose(Want::Block, &without, now) {
                Ok(place) => match self.ask(place, &operation).await {
                    Ok(block) => return Ok(block),
                    Err(error) => {
                        let places = if error.is_retryable() {
                            &mut failed
                        } else {
                            &mut lacking
                        };
                        places.push(place);
                        last = Some(worse(last, error));
                        continue;
                    }
                },
                Err(NoSource::Until(until)) => until.saturating_sub(now),
                Err(NoSource::Left) if failed.is_empty() => {
                    return Err(last.unwrap_or_else(|| nobody(cid)));
                }
                Err(NoSource::Left) => {
                    rounds += 1;
                    failed.clear();
                    if rounds >= self.retry.attempts {
                        return Err(last.unwrap_or_else(|| nobody(cid)));
                    }
                    self.retry.delay(rounds, self.port.entropy())
                }
            };
            let spent = now.saturating_sub(began).saturating_add(delay);
            if spent > self.retry.budget {
                return Err(last.unwrap_or_else(|| resting(cid, delay)));
            }
            self.port.sleep(delay).await;
        }
    }

    /// Requests a block from one source.
    async fn ask(&mut self, place: Place, operation: &FetchBlock) -> Result<Bytes> {
        let Some(gateway) = self.sources.gateway(place) else {
            return Err(nobody(operation.cid()));
        };
        let busy = self.sources.begin(place);
        let mut stale = 0;
        let failed = loop {
            let request = operation.prepare(&gateway)?;
            let ask = Ask {
                operation: "fetch_block",
                limit: operation.limit(),
                fresh_connection: stale > 0,
            };
            let failed = match ask.send(&self.port, request).await {
                Told::Failure(error, delivery) => Failed::silent(error.of_gateway(), delivery),
                Told::Response(response, delivery) => {
                    let block = {
                        let mut borrowed = Response::new(&response.body()[..]);
                        *borrowed.status_mut() = response.status();
                        borrowed.headers_mut().clone_from(response.headers());
                        operation.parse(&borrowed).map(std::borrow::Cow::into_owned)
                    };
                    match block {
                        Ok(block) if verify_block(operation.cid().as_cid(), &block).is_ok() => {
                            self.sources.served(place);
                            return Ok(block.into());
                        }
                        Ok(_) => {
                            self.sources.lied(place);
                            let cid = operation.cid();
                            let reason =
                                format!("the gateway {gateway} served wrong bytes for block {cid}");
                            return Err(Error::new(ErrorKind::Decode, reason));
                        }
                        Err(error) => Failed::refused(error, delivery),
                    }
                }
            };
            if failed.is_stale() && stale < STALE {
                stale += 1;
                continue;
            }
            break failed;
        };
        drop(busy);
        self.sources.failed(place, &failed.error, self.port.now());
        Err(failed.error)
    }

    /// Drops the open CAR, which isn't useful anymore.
    async fn interrupt(&mut self) {
        if let Some(stream) = &self.stream {
            let places = if stream.useful >= USEFUL {
                &mut self.broken
            } else {
                &mut self.useless
            };
            places.push(stream.place());
            self.interrupted = true;
        }
        self.close().await;
    }

    async fn close(&mut self) {
        self.repeated.clear();
        if self.stream.take().is_some() {
            self.port.close().await;
        }
    }
}

fn refusal(response: &Response<Bytes>) -> Error {
    refusal::from_gateway(response.status(), response.headers(), response.body())
}

/// Returns the more informative of two failures: that a source doesn't have a block says little if
/// another couldn't be asked.
fn worse(last: Option<Error>, error: Error) -> Error {
    match last {
        Some(last) if error.kind() == ErrorKind::NotFound || last.is_retryable() => last,
        _ => error,
    }
}

fn nobody(cid: &Cid) -> Error {
    let reason = format!("every gateway has served wrong blocks, so {cid} can't be fetched");
    Error::new(ErrorKind::Decode, reason)
}

fn resting(cid: &Cid, delay: Duration) -> Error {
    let reason = format!("every gateway that may have block {cid} has asked clients to wait");
    Error::new(ErrorKind::RateLimited, reason).with_retry_after(Some(delay))
}
