use crate::limits::Limits;

const MIB: u64 = 1 << 20;

/// How the memory of a server is shared out, so that all shares together stay below the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemoryPlan {
    /// Connections at once.
    pub(crate) connections: usize,
    /// Uploads at once.
    pub(crate) uploads: usize,
    /// Bytes of the names and links of all folders that are being uploaded.
    pub(crate) folder_bytes: usize,
    /// Bytes of blocks that readers hold.
    pub(crate) block_bytes: usize,
    /// Bytes of what readers of whole DAGs have to remember.
    pub(crate) walk_bytes: usize,
}

impl MemoryPlan {
    /// The least that a server can work with.
    pub(crate) const LEAST: u64 = 64 * MIB;
    /// The program, its threads and the database's cache.
    const PROGRAM: u64 = 40 * MIB;
    /// What a connection takes that gives or gets as much at a time as it may.
    const CONNECTION: u64 = 64 << 10;
    /// What an upload takes besides a chunk and its folder: pieces of its body on their way, the ends
    /// of the pack and of its index, and its metadata.
    const UPLOAD: u64 = MIB;

    /// The shares of `limits.memory_bytes`, where a file is cut into chunks of this size.
    pub(crate) fn new(limits: &Limits, chunk_bytes: usize) -> Self {
        let shared = limits.memory_bytes.max(Self::LEAST) - Self::PROGRAM;
        // A sixth stays free for what the allocator keeps.
        let share = |sixths: u64| shared / 6 * sixths / 2;
        let count = |bytes: u64, each: u64| usize::try_from(bytes / each).unwrap_or(usize::MAX);
        let upload = Self::UPLOAD + chunk_bytes as u64;
        Self {
            connections: limits.connections.min(count(share(4), Self::CONNECTION)),
            uploads: limits.uploads.min(count(share(2), upload)).max(1),
            folder_bytes: count(share(3), 1),
            block_bytes: count(share(1) / 4 * 3, 1),
            walk_bytes: count(share(1) / 4, 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MemoryPlan;
    use crate::limits::Limits;

    #[test]
    fn the_shares_are_less_than_the_whole() {
        for mebibytes in [1, 64, 100, 256, 4096, 1 << 30] {
            for chunk in [1 << 10, 256 << 10, 1 << 20] {
                let limits = Limits {
                    memory_bytes: mebibytes << 20,
                    connections: usize::MAX,
                    uploads: usize::MAX,
                    ..Limits::default()
                };
                let plan = MemoryPlan::new(&limits, chunk);
                let upload = (MemoryPlan::UPLOAD + chunk as u64) * plan.uploads as u64;
                let all = MemoryPlan::PROGRAM
                    + MemoryPlan::CONNECTION * plan.connections as u64
                    + upload
                    + plan.folder_bytes as u64
                    + plan.block_bytes as u64
                    + plan.walk_bytes as u64;
                assert!(
                    all <= limits.memory_bytes.max(MemoryPlan::LEAST),
                    "{plan:?}"
                );
                assert!(plan.connections >= 100 && plan.uploads >= 1, "{plan:?}");
            }
        }
    }
}
