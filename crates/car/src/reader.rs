use std::io::{self, BufRead};

use bytes::Bytes;
use cid::Cid;

use crate::{
    decoder::{CarDecoder, CarItem},
    error::CarError,
    header::Header,
    limits::CarLimits,
};

/// Reads a CAR from a file or any other blocking reader.
///
/// ```no_run
/// use std::{fs::File, io::BufReader};
///
/// let file = BufReader::with_capacity(1 << 20, File::open("content.car")?);
/// let mut car = w3pin_car::CarReader::open(file)?;
/// println!("{:?}", car.header().roots);
/// while let Some((cid, bytes)) = car.next_block()? {
///     println!("{cid} {}", bytes.len());
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct CarReader<R> {
    input: R,
    decoder: CarDecoder,
    header: Header,
}

impl<R: BufRead> CarReader<R> {
    /// Reads the header, with the default [limits](CarLimits).
    ///
    /// # Errors
    ///
    /// Errors of the input, and a [`CarError`] as the source of an [`io::Error`].
    pub fn open(input: R) -> io::Result<Self> {
        Self::with_limits(input, CarLimits::default())
    }

    /// Like [`open`](Self::open), with other limits.
    ///
    /// # Errors
    ///
    /// The errors of [`open`](Self::open).
    pub fn with_limits(mut input: R, limits: CarLimits) -> io::Result<Self> {
        let mut decoder = CarDecoder::with_limits(limits);
        match next_item(&mut input, &mut decoder)? {
            Some(CarItem::Header(header)) => Ok(Self {
                input,
                decoder,
                header,
            }),
            _ => Err(CarError::Empty.into()),
        }
    }

    /// Returns the header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns how many bytes of the CAR have been read. After a block, this is the end of its
    /// bytes.
    pub fn offset(&self) -> u64 {
        self.decoder.offset()
    }

    /// Returns the next block, or `None` at the end of a complete CAR. Its digest isn't verified.
    ///
    /// # Errors
    ///
    /// The errors of [`open`](Self::open).
    pub fn next_block(&mut self) -> io::Result<Option<(Cid, Bytes)>> {
        loop {
            match next_item(&mut self.input, &mut self.decoder)? {
                Some(CarItem::Block { cid, bytes }) => return Ok(Some((cid, bytes))),
                Some(CarItem::Header(_)) => {}
                None => return Ok(None),
            }
        }
    }
}

/// The next item, or none at the end.
fn next_item(input: &mut impl BufRead, decoder: &mut CarDecoder) -> io::Result<Option<CarItem>> {
    loop {
        if let Some(item) = decoder.next()? {
            return Ok(Some(item));
        }
        let bytes = match input.fill_buf() {
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            bytes => bytes?,
        };
        if bytes.is_empty() {
            decoder.finish()?;
            return Ok(None);
        }
        let bytes = Bytes::copy_from_slice(bytes);
        input.consume(bytes.len());
        decoder.push(bytes);
    }
}
