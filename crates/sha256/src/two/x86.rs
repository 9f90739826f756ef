//! Interleaves the rounds of two messages, with the SHA instructions of x86-64.

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_extract_epi32, _mm_loadu_si128, _mm_set_epi8,
    _mm_set_epi32, _mm_setzero_si128, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32,
    _mm_sha256rnds2_epu32, _mm_shuffle_epi8, _mm_shuffle_epi32,
};

use super::{K, State};
use crate::blocks::Block;

/// One value for each of the two messages. Four pairs of message words and two of state occupy
/// twelve of the sixteen registers: a third message would leave none for intermediate results.
type Pair = [__m128i; 2];

/// Returns whether this processor has the instructions.
pub(crate) fn is_available() -> bool {
    is_x86_feature_detected!("sha")
        && is_x86_feature_detected!("sse4.1")
        && is_x86_feature_detected!("ssse3")
}

/// Compresses the blocks of both messages into their states, as many as the shorter slice has.
/// Returns `None` without doing anything if the processor can't.
pub(super) fn compress(states: &mut [State; 2], blocks: [&[Block]; 2]) -> Option<()> {
    if !is_available() {
        return None;
    }
    #[expect(
        unsafe_code,
        reason = "only the caller can know what the processor has"
    )]
    // SAFETY: the processor has all features that the function is compiled for.
    unsafe {
        with_sha(states, blocks);
    }
    Some(())
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn with_sha(states: &mut [State; 2], [first, second]: [&[Block]; 2]) {
    let mut state = Registers::load(states);
    for (first, second) in first.iter().zip(second) {
        let before = state;
        let mut words = [[_mm_setzero_si128(); 2]; 4];
        for (quad, words) in words.iter_mut().enumerate() {
            *words = [big_endian(first, quad), big_endian(second, quad)];
            state.four_rounds(*words, quad);
        }
        for sixteen in 1..4 {
            for quad in 0..4 {
                let [w0, w1, w2, w3] = [quad, quad + 1, quad + 2, quad + 3].map(|word| word % 4);
                words[quad] = schedule(words[w0], words[w1], words[w2], words[w3]);
                state.four_rounds(words[quad], 4 * sixteen + quad);
            }
        }
        state.abef = add(state.abef, before.abef);
        state.cdgh = add(state.cdgh, before.cdgh);
    }
    state.store(states);
}

/// The states of both messages in the order of the instructions. The letters are the names of the
/// words in FIPS 180-4, the highest first.
#[derive(Clone, Copy)]
struct Registers {
    abef: Pair,
    cdgh: Pair,
}

impl Registers {
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn load(states: &[State; 2]) -> Self {
        let mut registers = Self {
            abef: [_mm_setzero_si128(); 2],
            cdgh: [_mm_setzero_si128(); 2],
        };
        for (lane, state) in states.iter().enumerate() {
            let [a, b, c, d, e, f, g, h] = state.map(u32::cast_signed);
            registers.abef[lane] = _mm_set_epi32(a, b, e, f);
            registers.cdgh[lane] = _mm_set_epi32(c, d, g, h);
        }
        registers
    }

    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn store(self, states: &mut [State; 2]) {
        for (lane, state) in states.iter_mut().enumerate() {
            let (abef, cdgh) = (self.abef[lane], self.cdgh[lane]);
            *state = [
                _mm_extract_epi32::<3>(abef),
                _mm_extract_epi32::<2>(abef),
                _mm_extract_epi32::<3>(cdgh),
                _mm_extract_epi32::<2>(cdgh),
                _mm_extract_epi32::<1>(abef),
                _mm_extract_epi32::<0>(abef),
                _mm_extract_epi32::<1>(cdgh),
                _mm_extract_epi32::<0>(cdgh),
            ]
            .map(i32::cast_unsigned);
        }
    }

    /// Computes rounds `4 * quad` to `4 * quad + 3` of both messages.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn four_rounds(&mut self, words: Pair, quad: usize) {
        let [k0, k1, k2, k3] = K[quad].map(u32::cast_signed);
        let input = add(words, [_mm_set_epi32(k3, k2, k1, k0); 2]);
        for lane in [0, 1] {
            self.cdgh[lane] = _mm_sha256rnds2_epu32(self.cdgh[lane], self.abef[lane], input[lane]);
        }
        for lane in [0, 1] {
            let upper = _mm_shuffle_epi32::<0b1110>(input[lane]);
            self.abef[lane] = _mm_sha256rnds2_epu32(self.abef[lane], self.cdgh[lane], upper);
        }
    }
}

/// Computes the next four words of the message schedule from the last sixteen, the oldest first.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn schedule(w0: Pair, w1: Pair, w2: Pair, w3: Pair) -> Pair {
    let mut next = w0;
    for lane in [0, 1] {
        let begun = _mm_sha256msg1_epu32(w0[lane], w1[lane]);
        let seven_back = _mm_alignr_epi8::<4>(w3[lane], w2[lane]);
        next[lane] = _mm_sha256msg2_epu32(_mm_add_epi32(begun, seven_back), w3[lane]);
    }
    next
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn add(left: Pair, right: Pair) -> Pair {
    [
        _mm_add_epi32(left[0], right[0]),
        _mm_add_epi32(left[1], right[1]),
    ]
}

/// Loads four big-endian words of a block.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn big_endian(block: &Block, quad: usize) -> __m128i {
    let bytes = &block.as_chunks::<16>().0[quad];
    #[expect(unsafe_code, reason = "a load through a pointer")]
    // SAFETY: the 16 bytes lie in `bytes`, and this load needs no alignment.
    let words = unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
    let swap = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    _mm_shuffle_epi8(words, swap)
}
