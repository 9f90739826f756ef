//! Any bytes are a CAR or are refused, alike in whatever pieces they come, and what is written is read.
#![no_main]

use arbitrary::Arbitrary;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use w3pin_car::{CarDecoder, CarError, CarItem, CarLimits, header, section_head};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    car: &'a [u8],
    pieces: Vec<u8>,
}

fuzz_target!(|input: Input<'_>| {
    let whole = decode(input.car, &[]);
    assert_eq!(decode(input.car, &input.pieces), whole);
    assert_eq!(decode(input.car, &[1]), whole);

    // As far as it can be read.
    let mut written = Vec::new();
    for item in &whole.0 {
        match item {
            CarItem::Header(it) => written.extend(header(&it.roots)),
            CarItem::Block { cid, bytes } => {
                written.extend(section_head(cid, bytes.len()));
                written.extend(bytes);
            }
        }
    }
    if !written.is_empty() {
        let (items, end) = decode(&written, &[]);
        assert_eq!(end, Ok(()));
        assert_eq!(items.len(), whole.0.len());
        assert_eq!(items[1..], whole.0[1..]);
    }
});

/// The items, and how it ended.
fn decode(mut car: &[u8], pieces: &[u8]) -> (Vec<CarItem>, Result<(), CarError>) {
    let limits = CarLimits::default();
    let mut decoder = CarDecoder::with_limits(limits);
    let mut lengths = pieces
        .iter()
        .cycle()
        .map(|length| usize::from(*length).max(1));
    let mut items = Vec::new();
    loop {
        loop {
            match decoder.next() {
                Ok(Some(item)) => {
                    if let CarItem::Block { bytes, .. } = &item {
                        assert!(bytes.len() <= limits.block_bytes);
                    }
                    items.push(item);
                }
                Ok(None) => break,
                Err(cause) => return (items, Err(cause)),
            }
        }
        if car.is_empty() {
            return (items, decoder.finish());
        }
        let length = lengths.next().unwrap_or(car.len()).min(car.len());
        let (piece, rest) = car.split_at(length);
        decoder.push(Bytes::copy_from_slice(piece));
        car = rest;
    }
}
