//! Where a walk gets its blocks from.

use bytes::Bytes;
use http::{Method, Request, Response};
use w3pin_car::{CarDecoder, CarItem};
use w3pin_unixfs::{BlockError, verify_block};

use super::{
    blocks::Blocks,
    sources::{Busy, NoSource, Place, Sources, Want},
};
use crate::{
    Cid, Error, ErrorKind, FetchBlock, IpfsPath, RequestBody, Result, RetryPolicy,
    calls::{
        attempts::Failed,
        call::Transmission,
        port::{Port, Told},
    },
    decisions::redirect::{MOST_REDIRECTS, location, without_credentials},
    values::cid::ContentKey,
    wire::{
        envelope,
        fetch_car::{FetchCar, Scope, is_car},
    },
};

/// Gets the blocks of one walk, one after the other, each checked: out of a CAR where one is open and
/// holds them, and else by itself from any source.
pub(crate) struct Lane<I> {
    port: Port<I>,
    sources: Sources,
    retry: RetryPolicy,
    blocks: Blocks,
    stream: Option<Stream>,
    /// Blocks that the walk has had and that the open CAR repeats.
    repeated: Vec<ContentKey>,
    /// Sources whose CARs were of no use to this walk.
    useless: Vec<Place>,
    interrupted: bool,
    opened: u32,
}

/// A CAR on its way.
struct Stream {
    busy: Busy,
    decoder: CarDecoder,
    /// Whether its blocks come in the order of the walk.
    ordered: bool,
    /// Blocks that the walk asked for and that weren't the next.
    passed_over: u32,
    served: bool,
}

/// The code of the hash that is the content itself.
const IDENTITY: u64 = 0;
/// A CAR in which the walk misses more blocks than this isn't of what was asked for.
const MOST_PASSED_OVER: u32 = 32;
/// Requests for the same block to the same source where a kept connection breaks.
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
            useless: Vec::new(),
            interrupted: false,
            opened: 0,
        }
    }

    /// Whether a CAR is open.
    pub(crate) fn is_streaming(&self) -> bool {
        self.stream.is_some()
    }

    /// How many CARs were opened.
    pub(crate) fn opened(&self) -> u32 {
        self.opened
    }

    /// Whether the CAR that was open broke off since this was asked last.
    pub(crate) fn take_interruption(&mut self) -> bool {
        std::mem::take(&mut self.interrupted)
    }

    /// Opens a CAR, in place of the one that is open, where a source has one. `repeated` are blocks at its
    /// beginning that the walk has had.
    pub(crate) async fn open(&mut self, path: IpfsPath, scope: Scope, repeated: Vec<ContentKey>) {
        self.close().await;
        let fetch = FetchCar { path, scope };
        while let Ok(place) = self
            .sources
            .choose(Want::Car, &self.useless, self.port.now())
        {
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
            match self.open_stream(&ask, request).await {
                Ok(head) => {
                    if let Some(ordered) = is_car(head.headers()) {
                        self.opened += 1;
                        self.repeated = repeated;
                        self.stream = Some(Stream {
                            busy,
                            decoder: CarDecoder::new(),
                            ordered,
                            passed_over: 0,
                            served: false,
                        });
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

    /// A block, checked.
    pub(crate) async fn block(&mut self, cid: &Cid) -> Result<Bytes> {
        if cid.as_cid().hash().code() == IDENTITY {
            return Ok(Bytes::copy_from_slice(cid.as_cid().hash().digest()));
        }
        if let Err(cause @ BlockError::UnsupportedHash(_)) = verify_block(cid.as_cid(), &[]) {
            return Err(Error::invalid_input("cid", cause.to_string()));
        }
        if let Some(block) = self.blocks.take(cid) {
            return Ok(block);
        }
        let block = match self.streamed(cid).await {
            Some(block) => block,
            None => self.single(cid).await?,
        };
        self.blocks.used(cid, &block);
        Ok(block)
    }

    /// Ends the walk: a CAR that ends here too leaves its connection to the next request.
    pub(crate) async fn finish(&mut self) {
        if self.stream.is_some() && matches!(self.port.pull().await, Ok(None)) {
            self.stream = None;
        }
        self.close().await;
    }

    /// A block out of the CAR that is open; none where it isn't in there, or not next.
    async fn streamed(&mut self, cid: &Cid) -> Option<Bytes> {
        loop {
            let stream = self.stream.as_mut()?;
            let (found, block) = match next_block(&self.port, &mut stream.decoder).await {
                Ok(Some((found, block))) => (Cid::from(found), block),
                Ok(None) => {
                    self.interrupt().await;
                    return None;
                }
                Err(error) => {
                    let place = stream.busy.place();
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
            if verify_block(found.as_cid(), &block).is_err() {
                self.sources.lied(stream.busy.place());
                self.interrupt().await;
                return None;
            }
            if found.same_content(cid) {
                if !std::mem::replace(&mut stream.served, true) {
                    self.sources.served(stream.busy.place());
                }
                return Some(block);
            }
            if self.blocks.was_used(&found) {
                // It repeats, or came by itself since it was late.
                continue;
            }
            stream.passed_over += 1;
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

    /// A block by itself, from the best source that has it.
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

    /// Asks one source for a block.
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
            let failed = match self.send(&ask, request).await {
                Told::Failure(error, delivery) => Failed::silent(error, delivery),
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
                            let reason = format!(
                                "the gateway {gateway} serves other bytes as the block {cid}"
                            );
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

    async fn send(&self, ask: &Ask, request: Request<()>) -> Told {
        let mut hops = Hops::new(request);
        loop {
            let told = self.port.send(ask.transmission(hops.request())).await.0;
            match &told {
                Told::Response(response, _) if hops.follow(response) => {}
                _ => return told,
            }
        }
    }

    async fn open_stream(&self, ask: &Ask, request: Request<()>) -> Result<Response<()>, Told> {
        let mut hops = Hops::new(request);
        loop {
            match self.port.open(ask.transmission(hops.request())).await {
                Err(Told::Response(response, _)) if hops.follow(&response) => {}
                opened => return opened,
            }
        }
    }

    /// Gives up the CAR that is open, which was of no more use.
    async fn interrupt(&mut self) {
        if let Some(stream) = &self.stream {
            self.useless.push(stream.busy.place());
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

/// How a request is sent.
struct Ask {
    operation: &'static str,
    limit: usize,
    fresh_connection: bool,
}

impl Ask {
    fn transmission(&self, request: Request<RequestBody>) -> Transmission {
        Transmission {
            operation: self.operation,
            attempt: 1,
            request,
            profiles: Vec::new(),
            pause: std::time::Duration::ZERO,
            fresh_connection: self.fresh_connection,
            response_limit: self.limit,
            creates: false,
        }
    }
}

/// A request, wherever it is sent on to.
struct Hops {
    request: Request<()>,
    left: u32,
}

impl Hops {
    fn new(request: Request<()>) -> Self {
        Self {
            request,
            left: MOST_REDIRECTS,
        }
    }

    fn request(&self) -> Request<RequestBody> {
        self.request.clone().map(|()| RequestBody::Empty)
    }

    /// Whether the response points somewhere that may be asked.
    fn follow(&mut self, response: &Response<Bytes>) -> bool {
        let from = self.request.uri();
        let target = location(response).and_then(|to| without_credentials(from, to));
        let Some(target) = target.filter(|_| self.left > 0) else {
            return false;
        };
        self.left -= 1;
        *self.request.method_mut() = Method::GET;
        *self.request.uri_mut() = target;
        true
    }
}

/// The next block of a CAR, or none at its end.
async fn next_block<I>(
    port: &Port<I>,
    decoder: &mut CarDecoder,
) -> Result<Option<(::cid::Cid, Bytes)>> {
    let broken = |cause: w3pin_car::CarError| Error::new(ErrorKind::Decode, cause.to_string());
    loop {
        match decoder.next().map_err(broken)? {
            Some(CarItem::Block { cid, bytes }) => return Ok(Some((cid, bytes))),
            Some(_) => continue,
            None => {}
        }
        match port.pull().await? {
            Some(piece) => decoder.push(piece),
            None => {
                decoder.finish().map_err(broken)?;
                return Ok(None);
            }
        }
    }
}

fn refusal(response: &Response<Bytes>) -> Error {
    envelope::check(response.status(), response.headers(), response.body())
        .err()
        .unwrap_or_else(|| Error::new(ErrorKind::Decode, "the gateway's response isn't a CAR"))
}

/// Of several failures that which tells most: that a source doesn't have a block says little where
/// another couldn't be asked.
fn worse(last: Option<Error>, error: Error) -> Error {
    match last {
        Some(last) if error.kind() == ErrorKind::NotFound || last.is_retryable() => last,
        _ => error,
    }
}

fn nobody(cid: &Cid) -> Error {
    let reason = format!("no gateway is left to ask for the block {cid}");
    Error::new(ErrorKind::NotFound, reason)
}

fn resting(cid: &Cid, delay: std::time::Duration) -> Error {
    let reason = format!("every gateway that may have the block {cid} has asked to be left alone");
    Error::new(ErrorKind::RateLimited, reason).with_retry_after(Some(delay))
}
