use cid::Cid;

/// The root of something imported: a file, a folder or a symlink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// The CID of the root block.
    pub cid: Cid,
    /// The size of the whole DAG in bytes: the root block and, through every link, all blocks below
    /// it, one that is linked twice counted twice. This is what a link to the node carries as
    /// `Tsize`.
    pub dag_size: u64,
    /// The bytes of content: of a file its length, of a folder the sum of what is in it, of a
    /// symlink the length of its target.
    pub size: u64,
}
