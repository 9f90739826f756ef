use std::time::Duration;

/// Limits for each client and for the server as a whole.
///
/// The defaults suit a server on one machine; set the fields you need before [`Server::bind`].
///
/// ```
/// let mut limits = w3pin_server::Limits::default();
/// limits.upload_bytes = Some(10 << 30);
/// ```
///
/// [`Server::bind`]: crate::Server::bind
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// The memory that the process may use, in bytes; at least 64 MiB. The server limits concurrent
    /// connections and uploads, the directories being uploaded and the blocks held for readers to
    /// stay below it.
    pub memory_bytes: u64,
    /// The most open connections, as far as memory and the limit on open files allow. When another
    /// arrives, an idle connection is closed, or one of the party with the most.
    pub connections: usize,
    /// The most concurrent uploads, as far as memory and the limit on open files allow. Further
    /// ones wait, and their bodies aren't read. One account gets at most three quarters of them.
    pub uploads: usize,
    /// The most bytes of all header names and values of a request. Longer ones are refused with
    /// status 431.
    pub header_bytes: usize,
    /// The most headers of a request. More are refused with status 431.
    pub headers: usize,
    /// The most bytes of a request target. Longer ones are refused with status 414.
    pub target_bytes: usize,
    /// How long the headers of a request may take to arrive, and how long an idle connection is
    /// kept open.
    pub header_timeout: Duration,
    /// How long a request or response body may stall. A stalled upload is refused with status 408.
    pub stall_timeout: Duration,
    /// The rate, in bytes per second, below which a body counts as stalled.
    pub least_rate: u64,
    /// The most bytes of a request body; `None` means no limit. Larger ones are refused with status
    /// 413.
    pub upload_bytes: Option<u64>,
    /// The bytes of disk space that uploads must leave free. Otherwise an upload is refused with
    /// status 507.
    pub free_disk_bytes: u64,
    /// The most parts of an upload.
    pub parts: usize,
    /// The most bytes of the headers of a part.
    pub part_header_bytes: usize,
    /// The most bytes of a text field, such as `metadata`, and of a JSON body. Metadata is also
    /// measured as it is stored, with its numbers written out.
    pub field_bytes: usize,
    /// The most bytes to read and discard after a refusal, so that the client can read the
    /// response.
    pub discard_bytes: u64,
    /// How long to read and discard after a refusal.
    pub discard_timeout: Duration,
    /// How long a node may take to respond, or to accept the next bytes of an upload.
    pub node_timeout: Duration,
    /// How long a node or source may search for content that is pinned by CID before the pin fails.
    pub retrieval_timeout: Duration,
    /// The most contents to fetch from a node or source at once; further ones are queued. A source
    /// delivers as many at once as memory allows, but at least one.
    pub retrievals: usize,
    /// The most bytes of all blocks of one content from a source. Larger content fails.
    pub retrieval_bytes: u64,
    /// How long a shutdown waits for requests in progress.
    pub shutdown_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 256 << 20,
            connections: 1024,
            uploads: 64,
            header_bytes: 32 << 10,
            headers: 100,
            target_bytes: 16 << 10,
            header_timeout: Duration::from_secs(15),
            stall_timeout: Duration::from_secs(30),
            least_rate: 1 << 10,
            upload_bytes: None,
            free_disk_bytes: 64 << 20,
            parts: 250_000,
            part_header_bytes: 16 << 10,
            field_bytes: 64 << 10,
            discard_bytes: 256 << 20,
            discard_timeout: Duration::from_secs(15),
            node_timeout: Duration::from_secs(15 * 60),
            retrieval_timeout: Duration::from_secs(24 * 60 * 60),
            retrievals: 64,
            retrieval_bytes: 1 << 40,
            shutdown_timeout: Duration::from_secs(30),
        }
    }
}
