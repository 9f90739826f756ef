//! Tests with CARs of other implementations.

use w3pin_car::{CarItem, CarReader, header, section_head};
use w3pin_unixfs::verify_block;

use crate::pieces::decode;

const FIXTURES: [(&str, &[u8], usize); 5] = [
    (
        "bafybeie72edlprgtlwwctzljf6gkn2wnlrddqjbkxo3jomh4n7omwblxly",
        include_bytes!("../fixtures/gateway-raw-block.car"),
        3,
    ),
    (
        "bafybeietjm63oynimmv5yyqay33nui4y4wx6u3peezwetxgiwvfmelutzu",
        include_bytes!("../fixtures/trustless_gateway_car/subdir-with-two-single-block-files.car"),
        4,
    ),
    (
        "bafybeia264q44a3kmfc2otctzu4egp2k235o3t7mslz2yjraymp4nv6asi",
        include_bytes!("../fixtures/trustless_gateway_car/dir-with-dag-cbor-with-links.car"),
        9,
    ),
    (
        "QmYhmPjhFjYFyaoiuNzYv8WGavpSRDwdHWe5B4M5du5Rtk",
        include_bytes!("../fixtures/trustless_gateway_car/file-3k-and-3-blocks-missing-block.car"),
        3,
    ),
    (
        "QmWvY6FaqFMS89YAQ9NAPjVP4WZKA1qbHbicc9HeSKQTgt",
        include_bytes!("../fixtures/path_gateway_unixfs/symlink.car"),
        3,
    ),
];

#[test]
fn they_are_read_at_any_pace_and_written_alike() {
    for (root, car, blocks) in FIXTURES {
        let root = root.parse().unwrap();
        let mut reader = CarReader::open(car).unwrap();
        assert_eq!(reader.header().roots, [root]);
        let mut written = header(&[root]);
        let mut count = 0;
        while let Some((cid, bytes)) = reader.next_block().unwrap() {
            verify_block(&cid, &bytes).unwrap();
            written.extend(section_head(&cid, bytes.len()));
            written.extend(&bytes);
            count += 1;
        }
        assert_eq!(count, blocks, "{root}");
        assert_eq!(written, car, "{root}");
        let whole = decode(car, usize::MAX).unwrap();
        assert!(matches!(whole[0], CarItem::Header(_)));
        assert_eq!(whole.len(), 1 + blocks);
        assert_eq!(decode(car, 1).unwrap(), whole);
    }
}

#[test]
fn cut_anywhere_they_give_only_whole_blocks() {
    for (root, car, _) in FIXTURES {
        let whole = decode(car, usize::MAX).unwrap();
        for cut in 0..car.len() {
            if let Ok(items) = decode(&car[..cut], 100) {
                assert_eq!(items, whole[..items.len()], "{root} cut at {cut}");
            }
        }
    }
}
