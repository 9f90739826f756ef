//! Processors without supported SHA instructions.

use super::State;
use crate::blocks::Block;

pub(crate) fn is_available() -> bool {
    false
}

pub(super) fn compress(_: &mut [State; 2], _: [&[Block]; 2]) -> Option<()> {
    None
}
