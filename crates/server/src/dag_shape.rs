use w3pin_unixfs::{DagNode, Kind};

/// What the root block says about its DAG.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DagShape {
    pub(crate) size: u64,
    pub(crate) is_dir: bool,
}

impl DagShape {
    pub(crate) fn of(node: &DagNode<'_>, block_bytes: usize) -> Self {
        let below = node.links().iter().map(|link| link.dag_size);
        Self {
            size: below.fold(block_bytes as u64, u64::saturating_add),
            is_dir: matches!(node.kind(), Kind::Directory | Kind::HamtShard),
        }
    }
}
