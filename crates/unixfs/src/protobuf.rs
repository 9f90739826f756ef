//! The parts of protobuf that dag-pb and UnixFS need, written field by field: the order of fields
//! affects the CID, so a derived encoder can't be used.

const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const BYTES: u64 = 2;
const FIXED32: u64 = 5;

pub(crate) fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn write_uint(out: &mut Vec<u8>, field: u64, value: u64) {
    write_varint(out, field << 3 | VARINT);
    write_varint(out, value);
}

pub(crate) fn write_fixed32(out: &mut Vec<u8>, field: u64, value: u32) {
    write_varint(out, field << 3 | FIXED32);
    out.extend_from_slice(&value.to_le_bytes());
}

/// Writes the tag and length of a bytes field, after which the caller appends `len` bytes.
pub(crate) fn write_length(out: &mut Vec<u8>, field: u64, len: usize) {
    write_varint(out, field << 3 | BYTES);
    write_varint(out, len as u64);
}

pub(crate) fn write_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    write_length(out, field, bytes.len());
    out.extend_from_slice(bytes);
}

pub(crate) fn varint_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Returns the length of a bytes field with a one-byte tag.
pub(crate) fn bytes_len(len: usize) -> usize {
    1 + varint_len(len as u64) + len
}

/// The value of a field, by wire type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Uint(u64),
    Fixed,
    Bytes(&'a [u8]),
}

/// A message that ends within a field, or has a field of an unknown wire type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The fields of a message, in order.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, Malformed> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = read_varint(&mut self.0)?;
        let value = match tag & 7 {
            VARINT => Value::Uint(read_varint(&mut self.0)?),
            FIXED64 => self.take(8).map(|_| Value::Fixed)?,
            FIXED32 => self.take(4).map(|_| Value::Fixed)?,
            BYTES => {
                let len = read_varint(&mut self.0)?;
                Value::Bytes(self.take(len)?)
            }
            _ => return Err(Malformed),
        };
        Ok(Some((tag >> 3, value)))
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], Malformed> {
        let len = usize::try_from(len).map_err(|_| Malformed)?;
        let (taken, rest) = self.0.split_at_checked(len).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }
}

pub(crate) fn read_varint(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(Malformed)?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            return Err(Malformed);
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_varint_is_as_long_as_told_and_reads_back() {
        for value in (0..64)
            .map(|bit| 1 << bit)
            .flat_map(|v: u64| [v - 1, v, v + 1])
            .chain([u64::MAX])
        {
            let mut out = Vec::new();
            write_varint(&mut out, value);
            assert_eq!(out.len(), varint_len(value), "{value}");
            let mut rest = &out[..];
            assert_eq!(read_varint(&mut rest), Ok(value));
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn a_varint_over_64_bits_is_malformed() {
        assert_eq!(read_varint(&mut &[0xff; 9][..]), Err(Malformed));
        assert_eq!(
            read_varint(&mut &[&[0xff; 9][..], &[2]].concat()[..]),
            Err(Malformed)
        );
        assert_eq!(
            read_varint(&mut &[&[0xff; 10][..], &[1]].concat()[..]),
            Err(Malformed)
        );
    }
}
