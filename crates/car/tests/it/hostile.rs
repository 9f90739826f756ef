use bytes::Bytes;
use w3pin_car::{CarDecoder, CarError, CarLimits, header, section_head};
use w3pin_unixfs::MAX_BLOCK_SIZE;

use crate::pieces::{HELLO, decode, decode_within, hello, section, version_1, version_2};

/// The error of a header followed by these bytes.
fn refused(more: &[u8]) -> CarError {
    let car = [&header(&[hello()])[..], more].concat();
    let whole = decode(&car, usize::MAX).unwrap_err();
    assert_eq!(decode(&car, 1).unwrap_err(), whole);
    whole
}

#[test]
fn lengths_that_do_not_end_are_refused() {
    let offset = header(&[hello()]).len() as u64;
    assert_eq!(refused(&[0xff; 9]), CarError::EndlessLength { offset });
    assert_eq!(refused(&[0x80; 100]), CarError::EndlessLength { offset });
    assert_eq!(
        decode(&[0xff; 20], 1),
        Err(CarError::EndlessLength { offset: 0 })
    );
}

#[test]
fn nothing_waits_for_a_length_that_can_not_be() {
    let mut huge = vec![0xff; 8];
    huge.push(0x7f);
    let limit = CarLimits::default().header_bytes;
    let length = (1 << 63) - 1;
    assert_eq!(
        decode(&huge, 1),
        Err(CarError::HeaderTooLong { length, limit })
    );
    let offset = header(&[hello()]).len() as u64;
    let limit = MAX_BLOCK_SIZE;
    let too_long = CarError::BlockTooLong { offset, limit };
    assert_eq!(refused(&huge), too_long);
    // The maximum length allows for the longest CID.
    let barely = section(&hello(), &vec![0; MAX_BLOCK_SIZE + 1]);
    assert_eq!(refused(&barely), too_long);
    assert_eq!(
        refused(&section_head(&hello(), MAX_BLOCK_SIZE + 200)),
        too_long
    );
    let largest = [header(&[]), section(&hello(), &vec![0; MAX_BLOCK_SIZE])].concat();
    assert_eq!(decode(&largest, 4096).unwrap().len(), 2);
}

#[test]
fn limits_are_kept() {
    let limits = CarLimits::default()
        .block_bytes(HELLO.len())
        .header_bytes(100);
    let car = [header(&[hello()]), section(&hello(), HELLO)].concat();
    assert_eq!(decode_within(limits, &car, 3).unwrap().len(), 2);
    let longer = section(&hello(), b"hello worlds");
    let cause = decode_within(limits, &[&car[..], &longer].concat(), 3).unwrap_err();
    assert!(matches!(cause, CarError::BlockTooLong { .. }), "{cause}");
    let cause = decode_within(limits, &header(&[hello(); 3]), 3).unwrap_err();
    assert!(matches!(cause, CarError::HeaderTooLong { .. }), "{cause}");
}

#[test]
fn blocks_without_a_cid_are_refused() {
    for section in [
        &b"\0"[..],                                              // nothing, as padding would be
        b"\x01\x01",                                             // cut off
        b"\x05\x05\x55\x12\x20\0",                               // of no version that is known
        b"\x03\x12\x20\x01",           // a digest that is shorter than it says
        b"\x06\x01\x55\0\xff\x01\x01", // a digest of 255 bytes
        b"\x0c\x01\x55\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", // an endless code
    ] {
        let cause = refused(section);
        assert!(
            matches!(cause, CarError::InvalidCid { .. }),
            "{section:?}: {cause}"
        );
    }
}

#[test]
fn headers_that_are_none_are_refused() {
    let link = [&b"\xd8\x2a\x58\x25\0"[..], &hello().to_bytes()].concat();
    let roots_twice = b"\xa3\x65roots\x80\x65roots\x80\x67version\x01".to_vec();
    let no_list = [&b"\xa2\x65roots"[..], &link, b"\x67version\x01"].concat();
    let no_prefix = [
        &b"\xa2\x65roots\x81\xd8\x2a\x58\x24"[..],
        &hello().to_bytes(),
        b"\x67version\x01",
    ]
    .concat();
    let deep = [&b"\xa2\x61x"[..], &[0x81; 10_000], b"\x00\x67version\x01"].concat();
    for cbor in [
        &b""[..],
        b"\xf6",
        b"\x01",
        b"\x80",
        b"\xa0",
        b"<!doctype html>",
        b"\xa1\x67version\x61\x31",
        b"\xa1\x67version\x20",
        b"\xa1\x67version\xf6",
        b"\xa1\x67version\x01\0",
        b"\xa2\x65roots\xf6\x67version\x01",
        b"\xa2\x65roots\x81\x01\x67version\x01",
        // A list, a map and a text with excessive lengths.
        b"\xa2\x65roots\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff\x67version\x01",
        b"\xa1\x7b\xff\xff\xff\xff\xff\xff\xff\xff",
        // Of indefinite length.
        b"\xbf\x67version\x01\xff",
        &roots_twice,
        &no_list,
        &no_prefix,
        &deep,
    ] {
        let mut car = Vec::new();
        let mut length = cbor.len();
        while length >= 0x80 {
            car.push(length as u8 | 0x80);
            length >>= 7;
        }
        car.push(length as u8);
        car.extend(cbor);
        let cause = decode(&car, 1).unwrap_err();
        assert!(
            matches!(cause, CarError::InvalidHeader { .. }),
            "{cbor:?}: {cause:?}"
        );
        let said = cause.to_string();
        assert!(said.len() < 300 && !said.contains('{'), "{said}");
    }
    for version in [0, 3, 23] {
        let car = [&b"\x0a\xa1\x67version"[..], &[version]].concat();
        assert_eq!(
            decode(&car, 1),
            Err(CarError::UnsupportedVersion(version.into()))
        );
    }
}

#[test]
fn a_version_2_that_contradicts_itself_is_refused() {
    let change = |place: usize, number: u64| {
        let mut car = version_2();
        car[place..place + 8].copy_from_slice(&number.to_le_bytes());
        decode(&car, 9).unwrap_err()
    };
    const PLACE: usize = 27;
    const LENGTH: usize = 35;
    for cause in [
        change(PLACE, 0),
        change(PLACE, 50),
        change(LENGTH, 0),
        change(LENGTH, u64::MAX),
    ] {
        assert!(matches!(cause, CarError::InvalidHeader { .. }), "{cause}");
    }
    // Never reached.
    let far = change(PLACE, u64::MAX - 100_000);
    assert!(matches!(far, CarError::Truncated { offset: 51 }), "{far}");
    for length in [
        3,
        version_1().len() as u64 - 1,
        version_1().len() as u64 - 1001,
    ] {
        let cause = change(LENGTH, length);
        assert!(
            matches!(cause, CarError::BeyondPayload { .. }),
            "{length}: {cause}"
        );
    }
    // Longer than the rest, and one nested in the other.
    let cause = change(LENGTH, 1 << 40);
    assert!(!matches!(cause, CarError::BeyondPayload { .. }), "{cause}");
    let mut nested = version_2();
    nested.truncate(71);
    nested.extend(version_2());
    nested[LENGTH..LENGTH + 8].copy_from_slice(&10_000_u64.to_le_bytes());
    let cause = decode(&nested, 9).unwrap_err();
    assert!(matches!(cause, CarError::InvalidHeader { .. }), "{cause}");
}

#[test]
fn an_error_stays() {
    let mut decoder = CarDecoder::new();
    decoder.push(Bytes::from_static(&[0xff; 20]));
    let cause = decoder.next().unwrap_err();
    decoder.push(version_1().into());
    assert_eq!(decoder.next(), Err(cause.clone()));
    assert_eq!(decoder.finish(), Err(cause));
}
