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
    /// DAGs that come from a source at once.
    pub(crate) retrievals: usize,
    /// The most blocks of one of them.
    pub(crate) retrieval_blocks: u64,
}

impl MemoryPlan {
    /// The least that a server can work with, and one that gets content from a source.
    const LEAST: [u64; 2] = [64 * MIB, 160 * MIB];
    /// The program, its threads and the database's cache.
    const PROGRAM: u64 = 40 * MIB;
    /// What a connection takes that gives or gets as much at a time as it may.
    const CONNECTION: u64 = 64 << 10;
    /// What an upload takes besides a chunk and its folder: pieces of its body on their way, the ends
    /// of the pack and of its index, and its metadata.
    const UPLOAD: u64 = MIB;
    /// What a DAG that comes from a source takes besides its blocks: blocks that came early, links that wait
    /// for their turn, and the ends of the pack and of its index.
    const RETRIEVAL: u64 = 20 * MIB;
    /// What a block of it takes.
    const RETRIEVED_BLOCK: u64 = 32;
    /// The bytes that one such DAG gets at least.
    const EACH_RETRIEVAL: u64 = 36 * MIB;
    /// More at once help little: their blocks come from the same gateways.
    const MOST_RETRIEVALS: u64 = 8;

    /// The least memory of a server that does or doesn't get content from a source.
    pub(crate) fn least(has_source: bool) -> u64 {
        Self::LEAST[usize::from(has_source)]
    }

    /// The shares of `limits.memory_bytes`, where a file is cut into chunks of this size.
    pub(crate) fn new(limits: &Limits, chunk_bytes: usize, has_source: bool) -> Self {
        let all = limits.memory_bytes.max(Self::least(has_source)) - Self::PROGRAM;
        let third = if has_source { all / 3 } else { 0 };
        let most = Self::MOST_RETRIEVALS.min(limits.retrievals as u64);
        let retrievals = (third / Self::EACH_RETRIEVAL).min(most);
        let each = third / retrievals.max(1);
        let shared = all - third;
        // A twelfth stays free for what the allocator keeps.
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
