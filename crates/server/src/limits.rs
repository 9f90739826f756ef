use std::time::Duration;

/// What one client may ask of the server.
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
    /// Bytes of memory that the process may take; at least 64 MiB. Connections and uploads at once,
    /// folders under way and blocks that readers hold are bounded so that it stays below.
    pub memory_bytes: u64,
    /// Connections open at once, as far as memory and the limit on open files allow. When another
    /// comes, one that does nothing is closed, or one of those who have the most.
    pub connections: usize,
    /// Uploads taken in at once, as far as memory and the limit on open files allow; more wait, their
    /// bodies unread. One account has at most three quarters of them.
    pub uploads: usize,
    /// Bytes of all header names and values of one request. More is refused with 431.
    pub header_bytes: usize,
    /// Headers of one request. More is refused with 431.
    pub headers: usize,
    /// Bytes of the request target. More is refused with 414.
    pub target_bytes: usize,
    /// How long a request's head may take, and how long an idle connection is kept.
    pub header_timeout: Duration,
    /// How long a body may stand still, sent or received. A stalled upload is refused with 408.
    pub stall_timeout: Duration,
    /// Bytes a second below which a body counts as standing still.
    pub least_rate: u64,
    /// Bytes of one request's body, where there is a limit. More is refused with 413.
    pub upload_bytes: Option<u64>,
    /// Bytes of the disk that uploads must leave free. Without them an upload is refused with 507.
    pub free_disk_bytes: u64,
    /// Parts of one upload.
    pub parts: usize,
    /// Bytes of one part's headers.
    pub part_header_bytes: usize,
    /// Bytes of a text field, `metadata` among them, and of a JSON body. Metadata is measured as it is
    /// kept, too, with its numbers written out.
    pub field_bytes: usize,
    /// Bytes that are read and thrown away after a refusal, so that the client gets to read it.
    pub discard_bytes: u64,
    /// How long that may take.
    pub discard_timeout: Duration,
    /// How long a node may take to answer, or to take the next bytes of an upload.
    pub node_timeout: Duration,
    /// How long a node may look for content that was pinned by its CID, or a source be asked for it, before
    /// the pin has failed.
    pub retrieval_timeout: Duration,
    /// Contents that a node or a source is asked for at once; more are queued. From a source, as many come
    /// at the same time as memory allows, at least one.
    pub retrievals: usize,
    /// Bytes of all blocks of one content that comes from a source. A larger one fails.
    pub retrieval_bytes: u64,
    /// How long a shutdown waits for what is under way.
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
