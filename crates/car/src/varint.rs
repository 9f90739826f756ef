/// The most bytes of a number, which has 63 bits then.
const LONGEST: u32 = 9;

/// A number of which some bytes have come: <https://github.com/multiformats/unsigned-varint>.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Varint {
    number: u64,
    bytes: u32,
}

/// What another byte makes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Complete(u64),
    Incomplete,
    Endless,
}

impl Varint {
    pub(crate) fn push(&mut self, byte: u8) -> Progress {
        self.number |= u64::from(byte & 0x7f) << (7 * self.bytes);
        self.bytes += 1;
        if byte & 0x80 == 0 {
            let number = self.number;
            *self = Self::default();
            return Progress::Complete(number);
        }
        if self.bytes == LONGEST {
            return Progress::Endless;
        }
        Progress::Incomplete
    }

    pub(crate) fn is_begun(&self) -> bool {
        self.bytes > 0
    }
}

pub(crate) fn put(output: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        output.push(number as u8 | 0x80);
        number >>= 7;
    }
    output.push(number as u8);
}
