//! Documents, and paths within them.

mod descend;

pub(super) use w3pin_core::ipld::{UnreadableBlock, links};

pub(super) use self::descend::{Reached, descend};
