//! Compares everything with the `sha2` crate.

use std::iter;

use chacha20::{
    ChaCha20,
    cipher::{KeyIvInit as _, StreamCipher as _},
};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use w3pin_sha256::{Digest, digest, digests, hashes_two_at_once};

fn expected(message: &[u8]) -> Digest {
    Sha256::digest(message).into()
}

fn random_bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    ChaCha20::new(&[7; 32].into(), &[0; 12].into()).apply_keystream(&mut bytes);
    bytes
}

#[test]
fn two_at_once_where_the_processor_can() {
    #[cfg(target_arch = "x86_64")]
    let able = is_x86_feature_detected!("sha")
        && is_x86_feature_detected!("sse4.1")
        && is_x86_feature_detected!("ssse3");
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    let able = std::arch::is_aarch64_feature_detected!("sha2");
    #[cfg(not(any(
        target_arch = "x86_64",
        all(target_arch = "aarch64", target_endian = "little")
    )))]
    let able = false;
    assert_eq!(hashes_two_at_once(), able);
}

#[test]
fn known_answers() {
    // FIPS 180-4 examples: "abc", and 56 letters whose padding takes a separate block.
    let [short, long] = digests([
        &[b"abc"],
        &[b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"],
    ]);
    assert_eq!(short[..8], [0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea]);
    assert_eq!(long[..8], [0x24, 0x8d, 0x6a, 0x61, 0xd2, 0x06, 0x38, 0xb8]);
}

#[test]
fn every_short_length_beside_itself() {
    let bytes = random_bytes(301);
    for length in 0..300 {
        let (first, second) = (&bytes[..length], &bytes[1..=length]);
        assert_eq!(
            digests([&[first], &[second]]),
            [expected(first), expected(second)],
            "{length} bytes"
        );
        assert_eq!(digest(&[first]), expected(first), "{length} bytes");
    }
}

#[test]
fn every_pair_of_lengths_around_the_edges_of_blocks() {
    let bytes = random_bytes(4 * 64 + 11);
    let lengths = || (0..=4).flat_map(|blocks| [-9_i64, -8, -1, 0, 1].map(|off| 64 * blocks + off));
    let lengths = || lengths().filter_map(|length| usize::try_from(length).ok());
    for (first, second) in lengths().flat_map(|first| lengths().map(move |second| (first, second)))
    {
        let (first, second) = (&bytes[..first], &bytes[10..10 + second]);
        assert_eq!(
            digests([&[first], &[second]]),
            [expected(first), expected(second)],
            "{} and {} bytes",
            first.len(),
            second.len()
        );
    }
}

#[test]
fn one_much_longer_than_the_other() {
    let bytes = random_bytes(100_000);
    for (first, second) in [(100_000, 0), (0, 100_000), (99_999, 4_096), (65, 65_536)] {
        let (first, second) = (&bytes[..first], &bytes[..second]);
        assert_eq!(
            digests([&[first], &[second]]),
            [expected(first), expected(second)]
        );
    }
}

#[test]
fn framed_chunks() {
    let bytes = random_bytes(2 * 262_144);
    let (first, second) = bytes.split_at(262_144);
    let (header, trailer) = (&bytes[..10], &bytes[..4]);
    let framed = |chunk: &[u8]| expected(&[header, chunk, trailer].concat());
    assert_eq!(
        digests([&[header, first, trailer], &[header, second, trailer]]),
        [framed(first), framed(second)]
    );
}

#[test]
fn no_parts_and_empty_parts() {
    let empty = expected(b"");
    assert_eq!(digests([&[], &[b"", b"", b""]]), [empty, empty]);
    assert_eq!(
        digests([&[b"", b"ab", b"", b"c"], &[]]),
        [expected(b"abc"), empty]
    );
    assert_eq!(digest(&[]), empty);
}

/// Splits a message at these shares of its length.
fn cut<'a>(message: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places
        .iter()
        .map(|place| place.index(message.len() + 1))
        .collect();
    places.sort_unstable();
    let starts = iter::once(0).chain(places.iter().copied());
    let ends = places.iter().copied().chain([message.len()]);
    starts
        .zip(ends)
        .map(|(start, end)| &message[start..end])
        .collect()
}

fn message() -> impl Strategy<Value = (Vec<u8>, Vec<prop::sample::Index>)> {
    (
        prop::collection::vec(any::<u8>(), 0..2_000),
        prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    )
}

proptest! {
    #[test]
    fn any_two_messages_in_any_parts(first in message(), second in message()) {
        let [cut_first, cut_second] = [&first, &second].map(|(bytes, places)| cut(bytes, places));
        prop_assert_eq!(
            digests([&cut_first, &cut_second]),
            [expected(&first.0), expected(&second.0)]
        );
        prop_assert_eq!(digest(&cut_first), expected(&first.0));
    }
}
