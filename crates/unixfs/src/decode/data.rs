use super::{DecodeError, Kind};
use crate::protobuf::{Fields, Value, read_varint};
use crate::unixfs::{
    FIELD_BLOCK_SIZES, FIELD_DATA, FIELD_FANOUT, FIELD_FILE_SIZE, FIELD_HASH_TYPE, FIELD_TYPE,
    HASH_MURMUR3, TYPE_DIRECTORY, TYPE_FILE, TYPE_HAMT_SHARD, TYPE_RAW, TYPE_SYMLINK,
};

/// The fields of a UnixFS `Data` message; unknown ones, mode and mtime are ignored.
pub(super) struct Data<'a> {
    pub(super) kind: Kind,
    pub(super) data: &'a [u8],
    pub(super) file_size: Option<u64>,
    pub(super) block_sizes: Vec<u64>,
    pub(super) fanout: Option<u64>,
}

impl<'a> Data<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut fields = Fields(bytes);
        let mut kind = None;
        let (mut data, mut file_size, mut hash_type, mut fanout) = (None, None, None, None);
        let mut block_sizes = Vec::new();
        while let Some(field) = fields.next()? {
            match field {
                (FIELD_TYPE, Value::Uint(value)) => set(&mut kind, value)?,
                (FIELD_DATA, Value::Bytes(bytes)) => set(&mut data, bytes)?,
                (FIELD_FILE_SIZE, Value::Uint(size)) => set(&mut file_size, size)?,
                (FIELD_BLOCK_SIZES, Value::Uint(size)) => block_sizes.push(size),
                // Packed, as some encoders write repeated numbers.
                (FIELD_BLOCK_SIZES, Value::Bytes(mut bytes)) => {
                    while !bytes.is_empty() {
                        block_sizes.push(read_varint(&mut bytes)?);
                    }
                }
                (FIELD_HASH_TYPE, Value::Uint(value)) => set(&mut hash_type, value)?,
                (FIELD_FANOUT, Value::Uint(value)) => set(&mut fanout, value)?,
                (FIELD_TYPE..=FIELD_FANOUT, _) => {
                    return Err(DecodeError::NotUnixFs("a field of the wrong type"));
                }
                _ => {}
            }
        }
        let kind = match kind.ok_or(DecodeError::NotUnixFs("no type"))? {
            TYPE_RAW => Kind::Raw,
            TYPE_DIRECTORY => Kind::Directory,
            TYPE_FILE => Kind::File,
            TYPE_SYMLINK => Kind::Symlink,
            TYPE_HAMT_SHARD => Kind::HamtShard,
            other => return Err(DecodeError::UnsupportedType(other)),
        };
        if kind == Kind::HamtShard && hash_type != Some(HASH_MURMUR3) {
            return Err(DecodeError::Shard("its hash is not murmur3-x64-64"));
        }
        let data = data.unwrap_or_default();
        Ok(Self {
            kind,
            data,
            file_size,
            block_sizes,
            fanout,
        })
    }
}

fn set<T>(field: &mut Option<T>, value: T) -> Result<(), DecodeError> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(DecodeError::NotUnixFs("a repeated field")),
    }
}
