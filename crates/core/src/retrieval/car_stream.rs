//! A CAR that is being streamed.

use std::time::Duration;

use bytes::Bytes;
use w3pin_car::{CarDecoder, CarError, CarItem};

use super::sources::{Busy, Place};
use crate::{Cid, Error, ErrorKind, Result, calls::port::Port};

/// A CAR that is streamed from a source.
pub(crate) struct CarStream {
    busy: Busy,
    decoder: CarDecoder,
    /// Whether its blocks are in the order of the walk.
    pub(crate) ordered: bool,
    /// Blocks that the walk requested and that weren't next.
    pub(crate) passed_over: u32,
    /// Blocks that the walk already has and that the CAR still has to repeat.
    pub(crate) owed: u32,
    /// Blocks that were repeated although each should occur once.
    pub(crate) repeats: usize,
    /// Whether the walk has used any of its blocks.
    pub(crate) served: bool,
    /// How many of its blocks the walk has used.
    pub(crate) useful: u32,
    pace: Pace,
}

/// A CAR that delivers less within this time is treated as stalled.
const PACE_TIME: Duration = Duration::from_secs(30);
const PACE_BYTES: usize = 32 * 1024;
impl CarStream {
    pub(crate) fn new(busy: Busy, ordered: bool) -> Self {
        Self {
            busy,
            decoder: CarDecoder::new(),
            ordered,
            passed_over: 0,
            owed: 0,
            repeats: 0,
            served: false,
            useful: 0,
            pace: Pace::default(),
        }
    }

    /// Returns the source.
    pub(crate) fn place(&self) -> Place {
        self.busy.place()
    }

    /// Returns the next block, unverified, or `None` at the end.
    pub(crate) async fn next<I>(&mut self, port: &Port<I>) -> Result<Option<(Cid, Bytes)>> {
        let broken = |cause: CarError| Error::new(ErrorKind::Decode, cause.to_string());
        loop {
            match self.decoder.next().map_err(broken)? {
                Some(CarItem::Block { cid, bytes }) => return Ok(Some((Cid::from(cid), bytes))),
                Some(CarItem::Header(_)) => continue,
                None => {}
            }
            let asked = port.now();
            match port.pull().await? {
                Some(piece) => {
                    let waited = port.now().saturating_sub(asked);
                    self.pace.check(waited, piece.len())?;
                    self.decoder.push(piece);
                }
                None => {
                    self.decoder.finish().map_err(broken)?;
                    return Ok(None);
                }
            }
        }
    }
}

/// How much of a CAR has arrived, and how long it was waited for.
#[derive(Default)]
struct Pace {
    waited: Duration,
    bytes: usize,
}

impl Pace {
    /// Adds bytes that arrived after a wait. The reader's own delays don't count against the
    /// source.
    fn check(&mut self, waited: Duration, bytes: usize) -> Result<()> {
        self.waited = self.waited.saturating_add(waited);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes >= PACE_BYTES {
            *self = Self::default();
        } else if self.waited > PACE_TIME {
            let reason = "the gateway sends less than 1 KiB a second";
            return Err(Error::new(ErrorKind::Timeout, reason));
        }
        Ok(())
    }
}
