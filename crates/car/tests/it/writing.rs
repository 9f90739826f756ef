use w3pin_car::{header, section_head};
use w3pin_unixfs::Cid;

use crate::pieces::{decode, hello, other};

#[test]
fn headers_are_those_of_other_writers() {
    let written = header(&[hello()]);
    assert!(written.starts_with(b"\x3a\xa2\x65roots\x81\xd8\x2a\x58\x25\x00\x01\x55\x12\x20"));
    assert!(written.ends_with(b"\x67version\x01"));
    // A CIDv0 stays one.
    assert!(header(&[other()]).starts_with(b"\x38\xa2\x65roots\x81\xd8\x2a\x58\x23\x00\x12\x20"));
    assert_eq!(header(&[]), b"\x11\xa2\x65roots\x80\x67version\x01");
    // A short digest's CID in the fewest bytes.
    let identity: Cid = "bafkqaaa".parse().unwrap();
    assert!(header(&[identity]).starts_with(b"\x19\xa2\x65roots\x81\xd8\x2a\x45\0\x01\x55\0\0"));
}

#[test]
fn any_number_of_roots_can_be_read_again() {
    for count in [0, 1, 23, 24, 255, 256, 700] {
        let items = decode(&header(&vec![hello(); count]), 1000);
        assert_eq!(items.unwrap().len(), 1, "{count}");
    }
}

#[test]
fn a_section_head_counts_the_cid() {
    assert_eq!(section_head(&hello(), 0)[..2], [36, 1]);
    assert_eq!(section_head(&other(), 94)[..3], [0x80, 0x01, 0x12]);
}
