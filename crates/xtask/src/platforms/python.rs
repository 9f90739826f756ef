//! CPython without the global lock.

use super::{Debian, Outcome};
use crate::Result;

/// Its wheel, which is of one version, as its ABI isn't stable yet.
pub(crate) fn free_threaded(debian: &Debian, outcome: &mut Outcome) -> Result {
    debian.run("command -v python3.14t")?;
    outcome.built.push("wheel");
    Ok(())
}
