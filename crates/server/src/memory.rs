use crate::limits::Limits;

const MIB: u64 = 1 << 20;

/// How the memory of a server is divided, so that all shares together stay below the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemoryPlan {
    /// Concurrent connections.
    pub(crate) connections: usize,
    /// Concurrent uploads.
    pub(crate) uploads: usize,
    /// Bytes for the names and links of all folders being uploaded.
    pub(crate) folder_bytes: usize,
    /// Bytes for blocks that readers hold.
    pub(crate) block_bytes: usize,
    /// Bytes for the state of readers of whole DAGs.
    pub(crate) walk_bytes: usize,
    /// Concurrent DAGs from a source.
    pub(crate) retrievals: usize,
    /// The most blocks of one such DAG.
    pub(crate) retrieval_blocks: u64,
}

impl MemoryPlan {
    /// The minimum for a server without and with a source.
    const LEAST: [u64; 2] = [64 * MIB, 160 * MIB];
    /// The program, its threads and the database's cache.
    const PROGRAM: u64 = 40 * MIB;
    /// A connection that sends or receives as much at a time as allowed.
    const CONNECTION: u64 = 64 << 10;
    /// An upload besides a chunk and its folder: queued pieces of its body, the buffers of the pack
    /// and its index, and its metadata.
    const UPLOAD: u64 = MIB;
    /// A DAG from a source besides its blocks: blocks that arrived early, pending links, and the
    /// buffers of the pack and its index.
    const RETRIEVAL: u64 = 20 * MIB;
    /// A block of such a DAG.
    const RETRIEVED_BLOCK: u64 = 32;
    /// The minimum for each such DAG.
    const EACH_RETRIEVAL: u64 = 36 * MIB;
    /// More at once hardly help, since their blocks come from the same gateways.
    const MOST_RETRIEVALS: u64 = 8;

    /// Returns the minimum memory of a server with or without a source.
    pub(crate) fn least(has_source: bool) -> u64 {
        Self::LEAST[usize::from(has_source)]
    }

    /// Divides `limits.memory_bytes` for files that are cut into chunks of this size.
    pub(crate) fn new(limits: &Limits, chunk_bytes: usize, has_source: bool) -> Self {
        let all = limits.memory_bytes.max(Self::least(has_source)) - Self::PROGRAM;
        let third = if has_source { all / 3 } else { 0 };
        let most = Self::MOST_RETRIEVALS.min(limits.retrievals as u64);
        let retrievals = (third / Self::EACH_RETRIEVAL).min(most);
        let each = third / retrievals.max(1);
        let shared = all - third;
        // A twelfth stays free for the allocator's overhead.
        let share = |sixths: u64| shared / 6 * sixths / 2;
        let count = |bytes: u64, each: u64| usize::try_from(bytes / each).unwrap_or(usize::MAX);
        let upload = Self::UPLOAD + chunk_bytes as u64;
        Self {
            connections: limits.connections.min(count(share(4), Self::CONNECTION)),
            uploads: limits.uploads.min(count(share(2), upload)).max(1),
            folder_bytes: count(share(4), 1),
            block_bytes: count(share(1) / 4 * 3, 1),
            walk_bytes: count(share(1) / 4, 1),
            retrievals: count(retrievals, 1),
            retrieval_blocks: each.saturating_sub(Self::RETRIEVAL) / Self::RETRIEVED_BLOCK,
        }
    }
}

#[cfg(test)]
mod tests {
    use w3pin_unixfs::{FileBuilder, Profile, TreeBuilder};

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
                for has_source in [false, true] {
                    let plan = MemoryPlan::new(&limits, chunk, has_source);
                    let upload = (MemoryPlan::UPLOAD + chunk as u64) * plan.uploads as u64;
                    let blocks = plan.retrieval_blocks * MemoryPlan::RETRIEVED_BLOCK;
                    let retrieval = MemoryPlan::RETRIEVAL + blocks;
                    let all = MemoryPlan::PROGRAM
                        + MemoryPlan::CONNECTION * plan.connections as u64
                        + upload
                        + plan.folder_bytes as u64
                        + plan.block_bytes as u64
                        + plan.walk_bytes as u64
                        + retrieval * plan.retrievals as u64;

                    let least = MemoryPlan::least(has_source);
                    assert!(all <= limits.memory_bytes.max(least), "{plan:?}");
                    assert!(plan.connections >= 100 && plan.uploads >= 1, "{plan:?}");
                    assert_eq!(plan.retrievals >= 1, has_source, "{plan:?}");
                }
            }
        }
    }

    #[test]
    fn a_folder_of_about_as_many_files_as_an_upload_may_have_fits() {
        let limits = Limits::default();
        let profile = Profile::default();
        let plan = MemoryPlan::new(&limits, profile.chunk_size(), false);
        let mut file = FileBuilder::new(&profile);
        file.push(b"content");
        let node = file.root();
        let mut tree = TreeBuilder::new(&profile);
        for number in 0..249_000 {
            let name = format!("of many files/number {number:06}.json");
            tree.add_file(&name, node).unwrap();
        }
        // One account has at most three quarters.
        assert!(tree.memory() <= plan.folder_bytes - plan.folder_bytes / 4);
        assert!(limits.parts > 249_000);
    }
}
