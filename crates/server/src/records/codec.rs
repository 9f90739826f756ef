//! The encoding of accounts and pins in the database: JSON followed by its CRC-32.

use serde::{Serialize, de::DeserializeOwned};

use crate::error::StoreError;

/// Encodes a value.
pub(super) fn encode(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let mut bytes =
        serde_json::to_vec(value).map_err(|_| StoreError::Damaged("a record can't be written"))?;
    let checksum = crc32fast::hash(&bytes);
    bytes.extend(checksum.to_le_bytes());
    Ok(bytes)
}

/// Decodes a value; `None` if it is corrupt. Version 1 had no checksum.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let json = match bytes.split_last_chunk() {
        Some((json, checksum)) if crc32fast::hash(json) == u32::from_le_bytes(*checksum) => json,
        _ => bytes,
    };
    serde_json::from_slice(json).ok()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn any_flipped_bit_is_noticed() {
        let kept = encode(&["name", "value"]).unwrap();
        assert_eq!(decode::<[String; 2]>(&kept).unwrap(), ["name", "value"]);
        for bit in 0..kept.len() * 8 {
            let mut bytes = kept.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode::<[String; 2]>(&bytes), None, "bit {bit}");
        }
    }

    #[test]
    fn records_of_the_first_version_are_read() {
        assert_eq!(decode::<[u8; 1]>(b"[1]"), Some([1]));
    }
}
