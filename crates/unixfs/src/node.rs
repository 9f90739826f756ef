use cid::Cid;

/// The root of imported content: a file, a folder or a symlink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// The CID of the root block.
    pub cid: Cid,
    /// The size of the whole DAG in bytes: the root block and all blocks below it, counted once for
    /// each link. Links to the node state it as `Tsize`.
    pub dag_size: u64,
    /// The bytes of content: the length of a file, the sum of a folder's content, or the length of
    /// a symlink's target.
    pub size: u64,
}
