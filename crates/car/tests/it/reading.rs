use bytes::Bytes;
use proptest::prelude::*;
use w3pin_car::{CarDecoder, CarError, CarItem, CarReader, header};

use crate::pieces::{HELLO, decode, hello, other, section, version_1, version_2};

#[test]
fn both_versions_are_read_however_they_come() {
    for (version, car) in [(1, version_1()), (2, version_2())] {
        let whole = decode(&car, usize::MAX).unwrap();
        let [CarItem::Header(header), first, second] = &whole[..] else {
            panic!("{whole:?}");
        };
        assert_eq!(
            (header.version, &header.roots[..]),
            (version, &[hello()][..])
        );
        let block = |cid, bytes: &[u8]| CarItem::Block {
            cid,
            bytes: Bytes::copy_from_slice(bytes),
        };
        assert_eq!(*first, block(hello(), HELLO));
        assert_eq!(*second, block(other(), &[7; 1000]));
        for piece in [1, 2, 3, 50, 51, 64, 1000] {
            assert_eq!(decode(&car, piece).unwrap(), whole, "pieces of {piece}");
        }
    }
}

#[test]
fn all_that_was_pushed_may_be_read_later() {
    for car in [version_1(), version_2()] {
        let mut decoder = CarDecoder::new();
        for byte in &car {
            decoder.push(Bytes::copy_from_slice(&[*byte]));
        }
        let mut items = Vec::new();
        while let Some(item) = decoder.next().unwrap() {
            items.push(item);
        }
        assert_eq!(decoder.finish(), Ok(()));
        assert_eq!(items, decode(&car, usize::MAX).unwrap());
    }
}

#[test]
fn a_block_within_a_piece_is_not_copied() {
    let car = Bytes::from(version_1());
    let mut decoder = CarDecoder::new();
    decoder.push(car.clone());
    let within = car.as_ptr_range();
    let mut blocks = 0;
    while let Some(item) = decoder.next().unwrap() {
        if let CarItem::Block { bytes, .. } = item {
            assert!(within.contains(&bytes.as_ptr()));
            blocks += 1;
        }
    }
    assert_eq!(blocks, 2);
}

#[test]
fn every_cut_is_told_but_those_between_blocks() {
    for car in [version_1(), version_2()] {
        let whole = decode(&car, usize::MAX).unwrap();
        let first = header(&[hello()]).len();
        let second = first + section(&hello(), HELLO).len();
        for cut in 0..car.len() {
            let read = decode(&car[..cut], 7);
            let is_version_1 = car.len() == version_1().len();
            match read {
                Err(CarError::Empty) => assert_eq!(cut, 0),
                Err(CarError::HeaderCutOff) => {
                    let starts = if is_version_1 { 0 } else { 51 };
                    assert!(cut <= starts + first, "{cut}");
                }
                Err(CarError::Truncated { offset }) => assert!(offset <= cut as u64, "{cut}"),
                Err(cause) => panic!("cut at {cut}: {cause}"),
                Ok(items) if is_version_1 => {
                    assert!([first, second].contains(&cut), "{cut}");
                    assert_eq!(items, whole[..items.len()]);
                }
                // The index isn't needed.
                Ok(items) => assert_eq!(
                    (items, cut >= 71 + version_1().len()),
                    (whole.clone(), true)
                ),
            }
        }
    }
}

#[test]
fn headers_of_others_are_read() {
    let root = hello().to_bytes();
    let link = [&b"\xd8\x2a\x58\x25\0"[..], &root].concat();
    let two = [&b"\xa2\x65roots\x82"[..], &link, &link, b"\x67version\x01"].concat();
    let turned = [&b"\xa2\x67version\x01\x65roots\x81"[..], &link].concat();
    let more = [&b"\xa3\x65roots\x80\x65other\x82\xf6\x81\x01\x67version\x01"[..]].concat();
    let none = b"\xa1\x67version\x01".to_vec();
    for (cbor, roots) in [(two, 2), (turned, 1), (more, 0), (none, 0)] {
        let car = [vec![cbor.len() as u8], cbor, section(&hello(), HELLO)].concat();
        let items = decode(&car, 5).unwrap();
        let CarItem::Header(header) = &items[0] else {
            panic!("{items:?}");
        };
        assert_eq!(header.roots, vec![hello(); roots]);
        assert_eq!(items.len(), 2);
    }
}

#[test]
fn a_reader_gives_the_same_as_a_decoder() {
    for car in [version_1(), version_2()] {
        for buffer in [1, 10, 100, 10_000] {
            let input = std::io::BufReader::with_capacity(buffer, &car[..]);
            let mut reader = CarReader::open(input).unwrap();
            assert_eq!(reader.header().roots, [hello()]);
            assert_eq!(
                reader.next_block().unwrap().unwrap(),
                (hello(), HELLO.into())
            );
            assert_eq!(reader.next_block().unwrap().unwrap().1, vec![7; 1000]);
            assert_eq!(reader.next_block().unwrap(), None);
            assert_eq!(reader.next_block().unwrap(), None);
        }
        let cut = CarReader::open(&car[..car.len() - 100]).and_then(|mut reader| {
            while reader.next_block()?.is_some() {}
            Ok(())
        });
        let cause = cut.unwrap_err();
        assert_eq!(cause.kind(), std::io::ErrorKind::UnexpectedEof);
        let cause = cause.get_ref().and_then(|cause| cause.downcast_ref());
        assert!(
            matches!(cause, Some(CarError::Truncated { .. })),
            "{cause:?}"
        );
    }
    let empty = CarReader::open(&b""[..]).unwrap_err();
    assert_eq!(empty.to_string(), "the CAR is empty");
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        blocks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..20),
        roots in 0..40_usize,
        piece in 1..500_usize,
    ) {
        let roots = vec![other(); roots];
        let mut car = header(&roots);
        for block in &blocks {
            car.extend(section(&hello(), block));
        }
        let mut items = decode(&car, piece).unwrap().into_iter();
        match items.next() {
            Some(CarItem::Header(header)) => prop_assert_eq!(header.roots, roots),
            item => panic!("{item:?}"),
        }
        let read: Vec<_> = items
            .map(|item| match item {
                CarItem::Block { bytes, .. } => bytes.to_vec(),
                item => panic!("{item:?}"),
            })
            .collect();
        prop_assert_eq!(read, blocks);
    }

    #[test]
    fn any_bytes_are_read_alike_in_any_pieces(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        place in 0..1000_usize,
        value in any::<u8>(),
        piece in 1..50_usize,
    ) {
        prop_assert_eq!(decode(&bytes, piece), decode(&bytes, usize::MAX));
        for mut car in [version_1(), version_2()] {
            let place = place % car.len();
            car[place] = value;
            prop_assert_eq!(decode(&car, piece), decode(&car, usize::MAX));
        }
    }
}
