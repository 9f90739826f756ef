//! Writes the body of an upload to a file.

use std::io::Write;

use tokio::runtime::Handle;
use w3pin_core::{Computed, Error, ErrorKind, Multipart, Result, Roots, Segment};
use w3pin_unixfs::Profile;

use super::outgoing::Source;

/// The number of bytes to read at a time.
const BLOCK: usize = 256 * 1024;

/// Writes the body that would be sent, and computes the content's roots. Blocks; call it on a
/// runtime's blocking thread.
pub(crate) fn write_body(
    plan: &Multipart,
    source: &Source,
    profiles: &[Profile],
    body: &mut dyn Write,
) -> Result<Vec<Computed>> {
    let unwritable = |cause: std::io::Error| {
        Error::new(
            ErrorKind::LocalIo,
            format!("the body can't be written ({cause})"),
        )
        .with_source(cause)
    };
    let mut roots = Roots::new(profiles, plan);
    let mut block = vec![0; BLOCK];
    for segment in plan.segments() {
        let index = match segment {
            Segment::Bytes(bytes) => {
                body.write_all(&bytes).map_err(unwritable)?;
                continue;
            }
            Segment::Source { index, .. } => index,
        };
        let Some(part) = plan.parts().get(index) else {
            continue;
        };
        let mut reader = source.open(part.name())?;
        let mut read = 0;
        loop {
            let count = Handle::current().block_on(reader.read(&mut block))?;
            if count == 0 {
                break;
            }
            read += count as u64;
            body.write_all(&block[..count]).map_err(unwritable)?;
            roots.update(&block[..count])?;
        }
        if part.length().is_some_and(|length| length != read) {
            return Err(reader.changed(format!(
                "the content changed while it was read: there were {read} bytes"
            )));
        }
        roots.end_file(&[])?;
    }
    roots.finish()
}
