use bytes::{Buf, Bytes};
use cid::Cid;

use crate::{
    error::CarError,
    header::Header,
    input::Input,
    limits::CarLimits,
    varint::{Progress, Varint},
};

/// More than any CID has whose digest can be read.
const LONGEST_CID: u64 = 128;
/// Characteristics, and where the payload and the index lie.
const V2_HEADER: usize = 40;

/// An item of a CAR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CarItem {
    /// The header, which comes first and once.
    Header(Header),
    /// A block. **Its bytes aren't verified against the CID**; see
    /// [`verify_block`](w3pin_unixfs::verify_block).
    Block {
        /// The CID stated before the block.
        cid: Cid,
        /// Its bytes: a view of the input if they were pushed in one piece, otherwise a copy.
        bytes: Bytes,
    },
}

/// Decodes a CAR from bytes that are pushed as they arrive.
///
/// [`push`](Self::push) bytes, take items with [`next`](Self::next) until there are none, and
/// repeat; at the end of the input, [`finish`](Self::finish) checks that the CAR is complete.
/// Between two pushes at most one incomplete block is kept in memory. Errors are final: further
/// calls return the same error.
#[derive(Clone, Debug)]
pub struct CarDecoder {
    limits: CarLimits,
    input: Input,
    stage: Stage,
    /// The length of the part that comes, as far as it is known.
    varint: Varint,
    length: Option<usize>,
    /// Bytes of the CAR that were taken.
    offset: u64,
    /// Where the part that is being read begins.
    start: u64,
    /// Where the blocks of a CARv2 end.
    payload_end: Option<u64>,
}

#[derive(Clone, Debug)]
enum Stage {
    Header,
    /// The fixed header of a CARv2.
    V2Header,
    /// What lies before the payload.
    Padding {
        payload: u64,
    },
    PayloadHeader,
    Blocks,
    /// What lies behind the payload: an index, which isn't needed.
    Index,
    Failed(CarError),
}

impl Default for CarDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl CarDecoder {
    /// Creates a decoder with the default [limits](CarLimits).
    pub fn new() -> Self {
        Self::with_limits(CarLimits::default())
    }

    /// Creates a decoder with other limits.
    pub fn with_limits(limits: CarLimits) -> Self {
        Self {
            limits,
            input: Input::default(),
            stage: Stage::Header,
            varint: Varint::default(),
            length: None,
            offset: 0,
            start: 0,
            payload_end: None,
        }
    }

    /// Adds the next bytes of the CAR, any number of them.
    pub fn push(&mut self, bytes: Bytes) {
        if !matches!(self.stage, Stage::Failed(_)) {
            self.input.push(bytes);
        }
    }

    /// Returns the next complete item, or `None` if more bytes are needed.
    ///
    /// # Errors
    ///
    /// The first error in the CAR, from then on always.
    // It isn't an iterator, since none isn't the end.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<CarItem>, CarError> {
        let next = self.advance();
        if let Err(cause) = &next {
            self.stage = Stage::Failed(cause.clone());
            self.input = Input::default();
        }
        next
    }

    /// Returns how many bytes of the CAR the returned items take. After a block, this is the end of
    /// its bytes.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the number of pushed bytes in memory that haven't been returned yet.
    pub fn held(&self) -> usize {
        self.input.held()
    }

    /// Checks that the CAR may end here: after its header or a block. Call it at the end of the
    /// input, when [`next`](Self::next) returns `None`.
    ///
    /// A CAR has no end marker, so one that was truncated between blocks looks complete. Only walking
    /// the DAG can tell whether all of its blocks are there.
    ///
    /// # Errors
    ///
    /// A CAR that is empty or cut off, and the error of [`next`](Self::next) if there was one.
    pub fn finish(&self) -> Result<(), CarError> {
        let is_at_start = self.offset == self.start && self.input.is_empty();
        match &self.stage {
            Stage::Failed(cause) => Err(cause.clone()),
            Stage::Index => Ok(()),
            Stage::Blocks if is_at_start && self.payload_end.is_none() => Ok(()),
            Stage::Header if is_at_start => Err(CarError::Empty),
            Stage::Header => Err(CarError::HeaderCutOff),
            _ => Err(CarError::Truncated { offset: self.start }),
        }
    }

    fn advance(&mut self) -> Result<Option<CarItem>, CarError> {
        loop {
            match &self.stage {
                Stage::Header => {
                    let Some(header) = self.header()? else {
                        return Ok(None);
                    };
                    match header.version {
                        1 => {
                            self.stage = Stage::Blocks;
                            return Ok(Some(CarItem::Header(header)));
                        }
                        2 => self.stage = Stage::V2Header,
                        version => return Err(CarError::UnsupportedVersion(version)),
                    }
                }
                Stage::V2Header => {
                    let Some(fixed) = self.take(V2_HEADER) else {
                        return Ok(None);
                    };
                    self.start_payload(fixed)?;
                }
                Stage::Padding { payload } => {
                    let payload = *payload;
                    self.offset += self.input.skip(payload - self.offset);
                    if self.offset < payload {
                        return Ok(None);
                    }
                    self.start = payload;
                    self.stage = Stage::PayloadHeader;
                }
                Stage::PayloadHeader => {
                    let Some(header) = self.header()? else {
                        return Ok(None);
                    };
                    if header.version != 1 {
                        return Err(invalid("the payload of a CARv2 isn't a CARv1"));
                    }
                    self.stage = Stage::Blocks;
                    let roots = header.roots;
                    return Ok(Some(CarItem::Header(Header { version: 2, roots })));
                }
                Stage::Blocks if self.payload_end == Some(self.offset) && self.is_between() => {
                    self.stage = Stage::Index;
                }
                Stage::Blocks => return self.block(),
                Stage::Index => {
                    self.offset += self.input.skip(u64::MAX - self.offset);
                    return Ok(None);
                }
                Stage::Failed(cause) => return Err(cause.clone()),
            }
        }
    }

    /// Reads where the payload of a CARv2 lies.
    fn start_payload(&mut self, mut fixed: Bytes) -> Result<(), CarError> {
        fixed.advance(16); // characteristics, none of which matters here
        let (payload, length) = (fixed.get_u64_le(), fixed.get_u64_le());
        if payload < self.offset {
            return Err(invalid("the payload of a CARv2 begins within its header"));
        }
        let end = payload.checked_add(length);
        if end.is_none() || length == 0 {
            return Err(invalid("the payload of a CARv2 has no sound length"));
        }
        self.payload_end = end;
        self.stage = Stage::Padding { payload };
        Ok(())
    }

    fn header(&mut self) -> Result<Option<Header>, CarError> {
        let limit = self.limits.header_bytes;
        let too_long = |length| CarError::HeaderTooLong { length, limit };
        let header = self.section(limit as u64, too_long)?;
        header.map(|cbor| Header::parse(&cbor)).transpose()
    }

    fn block(&mut self) -> Result<Option<CarItem>, CarError> {
        let (offset, limit) = (self.start, self.limits.block_bytes);
        let too_long = CarError::BlockTooLong { offset, limit };
        let longest = (limit as u64).saturating_add(LONGEST_CID);
        let Some(mut section) = self.section(longest, |_| too_long.clone())? else {
            return Ok(None);
        };
        let mut rest = &section[..];
        let cid = Cid::read_bytes(&mut rest).map_err(|_| CarError::InvalidCid { offset })?;
        let length = rest.len();
        if length > limit {
            return Err(too_long);
        }
        let bytes = section.split_off(section.len() - length);
        Ok(Some(CarItem::Block { cid, bytes }))
    }

    /// What stands behind its length.
    fn section(
        &mut self,
        longest: u64,
        too_long: impl FnOnce(u64) -> CarError,
    ) -> Result<Option<Bytes>, CarError> {
        let offset = self.start;
        let length = match self.length {
            Some(length) => length,
            None => {
                let Some(length) = self.take_length()? else {
                    return Ok(None);
                };
                let length = usize::try_from(length)
                    .ok()
                    .filter(|_| length <= longest)
                    .ok_or_else(|| too_long(length))?;
                let end = self.offset.saturating_add(length as u64);
                if self.payload_end.is_some_and(|payload| end > payload) {
                    return Err(CarError::BeyondPayload { offset });
                }
                *self.length.insert(length)
            }
        };
        let section = self.take(length);
        if section.is_some() {
            self.length = None;
        }
        Ok(section)
    }

    fn take_length(&mut self) -> Result<Option<u64>, CarError> {
        let offset = self.start;
        loop {
            if self.payload_end == Some(self.offset) {
                return Err(CarError::BeyondPayload { offset });
            }
            let Some(byte) = self.input.take_byte() else {
                return Ok(None);
            };
            self.offset += 1;
            match self.varint.push(byte) {
                Progress::Complete(length) => return Ok(Some(length)),
                Progress::Incomplete => {}
                Progress::Endless => return Err(CarError::EndlessLength { offset }),
            }
        }
    }

    /// A part of this length, the next begins behind it.
    fn take(&mut self, length: usize) -> Option<Bytes> {
        let part = self.input.take(length)?;
        self.offset = self.offset.saturating_add(length as u64);
        self.start = self.offset;
        Some(part)
    }

    fn is_between(&self) -> bool {
        self.length.is_none() && !self.varint.is_begun()
    }
}

fn invalid(reason: &str) -> CarError {
    CarError::InvalidHeader {
        reason: reason.to_owned(),
    }
}
