use crate::protobuf;

/// Optional file attributes, stored in a root block.
///
/// The profiles don't store any, and importers disagree on how attributes change the DAG (Kubo
/// turns raw leaves off for the whole file, others keep them), so a CID with attributes rarely
/// predicts that of a service. Use them to rebuild DAGs that are known to have attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attributes {
    /// The POSIX mode: the permission bits, with setuid, setgid and sticky, e.g. `0o644`.
    pub mode: Option<u32>,
    /// The time of the last change of the content.
    pub mtime: Option<ModificationTime>,
}

/// A modification time, in seconds and nanoseconds since 1970-01-01 00:00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ModificationTime {
    /// Whole seconds, negative before 1970.
    pub seconds: i64,
    /// The remaining nanoseconds, below 1,000,000,000; omitted from the block if 0.
    pub nanoseconds: u32,
}

impl Attributes {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Appends the fields `mode` and `mtime` of a UnixFS `Data` message.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        if let Some(mode) = self.mode {
            protobuf::write_uint(out, 7, mode.into());
        }
        if let Some(mtime) = self.mtime {
            let mut time = Vec::with_capacity(16);
            protobuf::write_uint(&mut time, 1, mtime.seconds.cast_unsigned());
            if mtime.nanoseconds != 0 {
                protobuf::write_fixed32(&mut time, 2, mtime.nanoseconds);
            }
            protobuf::write_bytes(out, 8, &time);
        }
    }
}
