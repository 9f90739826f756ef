//! CARs to read, and ways to read them.

use bytes::Bytes;
use w3pin_car::{CarDecoder, CarError, CarItem, CarLimits, header, section_head};
use w3pin_unixfs::Cid;

pub(crate) const HELLO: &[u8] = b"hello world";

pub(crate) fn hello() -> Cid {
    "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
        .parse()
        .unwrap()
}

/// A CID that matches no content.
pub(crate) fn other() -> Cid {
    "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn"
        .parse()
        .unwrap()
}

pub(crate) fn section(cid: &Cid, block: &[u8]) -> Vec<u8> {
    [&section_head(cid, block.len())[..], block].concat()
}

/// Two blocks, the second of 1000 bytes.
pub(crate) fn version_1() -> Vec<u8> {
    [
        header(&[hello()]),
        section(&hello(), HELLO),
        section(&other(), &[7; 1000]),
    ]
    .concat()
}

/// The same as a CARv2, with padding before the blocks and an index after them.
pub(crate) fn version_2() -> Vec<u8> {
    let payload = version_1();
    let mut car = b"\x0a\xa1\x67version\x02".to_vec();
    car.extend([0xff; 16]); // characteristics
    let place = 51 + 20;
    for number in [place, payload.len(), place + payload.len()] {
        car.extend((number as u64).to_le_bytes());
    }
    car.extend([0; 20]);
    car.extend(payload);
    car.extend(b"\x81\x08 an index of any kind");
    car
}

/// All items, if the bytes arrive in pieces of this length.
pub(crate) fn decode(car: &[u8], piece: usize) -> Result<Vec<CarItem>, CarError> {
    decode_within(CarLimits::default(), car, piece)
}

pub(crate) fn decode_within(
    limits: CarLimits,
    car: &[u8],
    piece: usize,
) -> Result<Vec<CarItem>, CarError> {
    let mut decoder = CarDecoder::with_limits(limits);
    let mut items = Vec::new();
    for piece in car.chunks(piece) {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(item) = decoder.next()? {
            items.push(item);
        }
    }
    assert_eq!(decoder.next()?, None);
    decoder.finish()?;
    Ok(items)
}
