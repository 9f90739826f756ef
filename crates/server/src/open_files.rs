//! Limits the number of open files of the process.

/// Open files for other purposes than connections and uploads: the records, packs being read or
/// compacted, listeners, standard streams and the runtime.
const OTHERS: usize = 48;
/// Open files of an upload besides its connection: a pack and its index, or a connection to a node;
/// for a CAR also the received file and its block index.
const UPLOAD: usize = 4;

/// Returns the numbers of connections and uploads, up to the given ones, that fit into this many
/// open files.
pub(crate) fn share(files: u64, connections: usize, uploads: usize) -> (usize, usize) {
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    let free = files.saturating_sub(OTHERS);
    let uploads = uploads.min(free / 4 / UPLOAD).max(1);
    let connections = connections
        .min(free.saturating_sub(uploads * UPLOAD))
        .max(1);
    (connections, uploads)
}

/// Raises the soft limit of this process to the hard limit, and returns it.
#[cfg(unix)]
pub(crate) fn raise_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// The maximum that some systems enforce regardless of the limit (`OPEN_MAX` on macOS).
    const COMMON: u64 = 10_240;

    let limit = getrlimit(Resource::Nofile);
    let [soft, hard] = [limit.current, limit.maximum].map(|files| files.unwrap_or(u64::MAX));
    for files in [hard, hard.min(COMMON)] {
        let raised = Rlimit {
            current: Some(files).filter(|files| *files < u64::MAX),
            maximum: limit.maximum,
        };
        if files > soft && setrlimit(Resource::Nofile, raised).is_ok() {
            return files;
        }
    }
    soft
}

#[cfg(not(unix))]
pub(crate) fn raise_limit() -> u64 {
    u64::MAX
}

#[cfg(test)]
mod tests {
    use super::{OTHERS, UPLOAD, share};

    #[test]
    fn what_is_shared_out_is_there() {
        assert_eq!(share(u64::MAX, 1024, 64), (1024, 64));
        for files in 0..5000 {
            let (connections, uploads) = share(files, 1024, 64);
            let all = OTHERS + connections + uploads * UPLOAD;
            assert!(
                all as u64 <= files.max((OTHERS + UPLOAD + 1) as u64),
                "{files}"
            );
            assert!(connections >= uploads || files < 64, "{files}");
        }
    }
}
