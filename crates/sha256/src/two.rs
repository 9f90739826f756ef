use sha2::block_api::compress256;

use crate::Digest;
use crate::blocks::Blocks;

mod x86;

pub(crate) use self::x86::is_available;

/// What a message has come to after some of its blocks.
type State = [u32; 8];

/// The state before the first block (FIPS 180-4, 5.3.3).
const START: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The digests of two messages, if the processor can hash both at once.
pub(crate) fn digests(messages: [&[&[u8]]; 2]) -> Option<[Digest; 2]> {
    let mut states = [START; 2];
    let [mut first, mut second] = messages.map(Blocks::new);
    loop {
        let both = first.next().len().min(second.next().len());
        if both == 0 {
            break;
        }
        x86::compress(&mut states, [&first.next()[..both], &second.next()[..both]])?;
        first.advance(both);
        second.advance(both);
    }
    for (state, rest) in states.iter_mut().zip([&mut first, &mut second]) {
        while !rest.next().is_empty() {
            compress256(state, rest.next());
            rest.advance(rest.next().len());
        }
    }
    Some(states.map(written))
}

fn written(state: State) -> Digest {
    let mut digest = [0; 32];
    for (bytes, word) in digest.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    digest
}
