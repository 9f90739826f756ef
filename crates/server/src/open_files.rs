//! How many files the process may have open.

/// Files that are open for other reasons than connections and uploads: records, packs that are read,
/// packs that are compacted, listeners, standard streams and what the runtime needs.
const OTHERS: usize = 48;
/// What an upload has open besides its connection: a pack and its index, or a connection to a node; and, of a CAR,
/// what came and where its blocks are in it.
const UPLOAD: usize = 4;

/// Connections and uploads at once, of which these are the most, where so many files may be open.
pub(crate) fn share(files: u64, connections: usize, uploads: usize) -> (usize, usize) {
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    let free = files.saturating_sub(OTHERS);
    let uploads = uploads.min(free / 4 / UPLOAD).max(1);
    let connections = connections
        .min(free.saturating_sub(uploads * UPLOAD))
        .max(1);
    (connections, uploads)
}

/// Raises the limit of this process as far as it may itself; gives what it is then.
#[cfg(unix)]
pub(crate) fn raise_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// The most that some systems allow, whatever they say (OPEN_MAX of macOS).
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
