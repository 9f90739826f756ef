//! Interleaves the rounds of two messages, with the SHA instructions of ARM64.

use std::arch::{
    aarch64::{
        uint32x4_t, vaddq_u32, vdupq_n_u32, vld1q_u8, vld1q_u32, vreinterpretq_u32_u8, vrev32q_u8,
        vsha256h2q_u32, vsha256hq_u32, vsha256su0q_u32, vsha256su1q_u32, vst1q_u32,
    },
    is_aarch64_feature_detected,
};

use super::{K, State};
use crate::blocks::Block;

/// One value for each of the two messages.
type Pair = [uint32x4_t; 2];

/// Returns whether this processor has the instructions.
pub(crate) fn is_available() -> bool {
    is_aarch64_feature_detected!("sha2")
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

#[target_feature(enable = "sha2")]
fn with_sha(states: &mut [State; 2], [first, second]: [&[Block]; 2]) {
    let mut state = Registers::load(states);
    for (first, second) in first.iter().zip(second) {
        let before = state;
        let mut words = [[vdupq_n_u32(0); 2]; 4];
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
        state.abcd = add(state.abcd, before.abcd);
        state.efgh = add(state.efgh, before.efgh);
    }
    state.store(states);
}

/// The states of both messages. The letters are the names of the words in FIPS 180-4, the lowest
/// lane first.
#[derive(Clone, Copy)]
struct Registers {
    abcd: Pair,
    efgh: Pair,
}

impl Registers {
    #[inline]
    #[target_feature(enable = "sha2")]
    fn load(states: &[State; 2]) -> Self {
        let half = |lane: usize, half: usize| load(&states[lane].as_chunks().0[half]);
        Self {
            abcd: [half(0, 0), half(1, 0)],
            efgh: [half(0, 1), half(1, 1)],
        }
    }

    #[inline]
    #[target_feature(enable = "sha2")]
    fn store(self, states: &mut [State; 2]) {
        for (lane, state) in states.iter_mut().enumerate() {
            let halves = state.as_chunks_mut::<4>().0;
            for (half, words) in halves.iter_mut().zip([self.abcd[lane], self.efgh[lane]]) {
                #[expect(unsafe_code, reason = "a store through a pointer")]
                // SAFETY: the four words lie in `half`.
                unsafe {
                    vst1q_u32(half.as_mut_ptr(), words);
                }
            }
        }
    }

    /// Computes rounds `4 * quad` to `4 * quad + 3` of both messages.
    #[inline]
    #[target_feature(enable = "sha2")]
    fn four_rounds(&mut self, words: Pair, quad: usize) {
        let input = add(words, [load(&K[quad]); 2]);
        let before = self.abcd;
        for lane in [0, 1] {
            self.abcd[lane] = vsha256hq_u32(self.abcd[lane], self.efgh[lane], input[lane]);
        }
        for lane in [0, 1] {
            self.efgh[lane] = vsha256h2q_u32(self.efgh[lane], before[lane], input[lane]);
        }
    }
}

/// Computes the next four words of the message schedule from the last sixteen, the oldest first.
#[inline]
#[target_feature(enable = "sha2")]
fn schedule(w0: Pair, w1: Pair, w2: Pair, w3: Pair) -> Pair {
    let mut next = w0;
    for lane in [0, 1] {
        let begun = vsha256su0q_u32(w0[lane], w1[lane]);
        next[lane] = vsha256su1q_u32(begun, w2[lane], w3[lane]);
    }
    next
}

#[inline]
#[target_feature(enable = "sha2")]
fn add(left: Pair, right: Pair) -> Pair {
    [vaddq_u32(left[0], right[0]), vaddq_u32(left[1], right[1])]
}

#[inline]
#[target_feature(enable = "sha2")]
fn load(words: &[u32; 4]) -> uint32x4_t {
    #[expect(unsafe_code, reason = "a load through a pointer")]
    // SAFETY: the four words lie in `words`.
    unsafe {
        vld1q_u32(words.as_ptr())
    }
}

/// Loads four big-endian words of a block.
#[inline]
#[target_feature(enable = "sha2")]
fn big_endian(block: &Block, quad: usize) -> uint32x4_t {
    let bytes = &block.as_chunks::<16>().0[quad];
    #[expect(unsafe_code, reason = "a load through a pointer")]
    // SAFETY: the 16 bytes lie in `bytes`, and this load needs no alignment.
    let words = unsafe { vld1q_u8(bytes.as_ptr()) };
    vreinterpretq_u32_u8(vrev32q_u8(words))
}
