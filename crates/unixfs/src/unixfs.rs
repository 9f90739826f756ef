//! The UnixFS `Data` message in a dag-pb block.

use crate::attributes::Attributes;
use crate::protobuf::{varint_len, write_bytes, write_length, write_uint};

pub(crate) const TYPE_RAW: u64 = 0;
pub(crate) const TYPE_DIRECTORY: u64 = 1;
pub(crate) const TYPE_FILE: u64 = 2;
pub(crate) const TYPE_SYMLINK: u64 = 4;
pub(crate) const TYPE_HAMT_SHARD: u64 = 5;

pub(crate) const FIELD_TYPE: u64 = 1;
pub(crate) const FIELD_DATA: u64 = 2;
pub(crate) const FIELD_FILE_SIZE: u64 = 3;
pub(crate) const FIELD_BLOCK_SIZES: u64 = 4;
pub(crate) const FIELD_HASH_TYPE: u64 = 5;
pub(crate) const FIELD_FANOUT: u64 = 6;

/// murmur3-x64-64: the first half of the 128-bit hash.
pub(crate) const HASH_MURMUR3: u64 = 0x22;

/// The whole `Data` of a folder.
pub(crate) const DIRECTORY: [u8; 2] = [0x08, TYPE_DIRECTORY as u8];

/// Returns what precedes and follows a leaf's chunk: a chunk of a file is `Type`, `Data`,
/// `filesize`, and the chunk itself needn't be copied between them.
pub(crate) fn leaf_frame(
    kind: u64,
    len: usize,
    file_size: bool,
    attributes: &Attributes,
) -> (Vec<u8>, Vec<u8>) {
    let mut trailer = Vec::new();
    if file_size {
        write_uint(&mut trailer, FIELD_FILE_SIZE, len as u64);
    }
    attributes.write(&mut trailer);

    let mut head = Vec::with_capacity(16);
    write_uint(&mut head, FIELD_TYPE, kind);
    if len > 0 {
        write_length(&mut head, FIELD_DATA, len);
    }
    let mut header = Vec::with_capacity(24);
    write_length(
        &mut header,
        crate::dag_pb::FIELD_DATA,
        head.len() + len + trailer.len(),
    );
    header.append(&mut head);
    (header, trailer)
}

/// Returns the `Data` of a file with several blocks.
pub(crate) fn file(
    size: u64,
    block_sizes: impl ExactSizeIterator<Item = u64>,
    attributes: &Attributes,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(16 + block_sizes.len() * (1 + varint_len(size)));
    write_uint(&mut out, FIELD_TYPE, TYPE_FILE);
    write_uint(&mut out, FIELD_FILE_SIZE, size);
    for block_size in block_sizes {
        write_uint(&mut out, FIELD_BLOCK_SIZES, block_size);
    }
    attributes.write(&mut out);
    out
}

pub(crate) fn symlink(target: &str, attributes: &Attributes) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 + target.len());
    write_uint(&mut out, FIELD_TYPE, TYPE_SYMLINK);
    write_bytes(&mut out, FIELD_DATA, target.as_bytes());
    attributes.write(&mut out);
    out
}

/// Returns the `Data` of a shard; `bitfield` is a single 256-bit number, big-endian, whose leading
/// zeros are dropped as in Kubo.
pub(crate) fn hamt_shard(bitfield: &[u8; 32]) -> Vec<u8> {
    let zeros = bitfield.iter().take_while(|byte| **byte == 0).count();
    let mut out = Vec::with_capacity(48);
    write_uint(&mut out, FIELD_TYPE, TYPE_HAMT_SHARD);
    write_bytes(
        &mut out,
        FIELD_DATA,
        bitfield.get(zeros..).unwrap_or_default(),
    );
    write_uint(&mut out, FIELD_HASH_TYPE, HASH_MURMUR3);
    write_uint(&mut out, FIELD_FANOUT, 256);
    out
}
