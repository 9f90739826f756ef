import Foundation
internal import W3pinFFI

/// The options of keeping a folder pinned under a name.
///
/// ```swift
/// try await client.syncFolder(at: site, name: "example.org", options: SyncOptions(keep: 5))
/// ```
public struct SyncOptions: Sendable {
    /// How many deploys to keep, including the newest; at least 1.
    public var keep: Int
    /// Key-values of the pin, in addition to those that mark it as a deploy.
    public var keyvalues: [String: String]
    /// The UnixFS profile that the service is expected to use; the client's unless set.
    public var profile: Profile?
    /// The gateways that must serve the root and random blocks before anything is removed.
    public var checkGateways: [URL]
    /// Whether to send and remove nothing, and only report what would be.
    public var dryRun: Bool
    /// How long to wait for the pin, and then for each gateway; 10 minutes unless set.
    public var deadline: Duration?
    /// Called with the progress, at most ten times a second and once at the end.
    ///
    /// It is called from a dedicated queue, never concurrently, and may block or call the client; a slow one receives
    /// only the latest progress. What it throws stops the call, which then throws it.
    public var progress: (@Sendable (UploadProgress) throws -> Void)?
    /// Also receives the progress, and finishes when the call ends.
    public var progressUpdates: AsyncStream<UploadProgress>.Continuation?
    /// Updated with the bytes sent, for views that show it. Cancelling it cancels the call, which replaces its
    /// cancellation handler until it ends.
    public var foundationProgress: Progress?
    /// The time limit of the whole call, retries included; none unless set.
    public var timeout: Duration?
    /// The retry policy of the upload; the client's unless set.
    public var retry: RetryPolicy?

    /// Creates options; see the properties.
    public init(
        keep: Int = 3,
        keyvalues: [String: String] = [:],
        profile: Profile? = nil,
        checkGateways: [URL] = [],
        dryRun: Bool = false,
        deadline: Duration? = nil,
        progress: (@Sendable (UploadProgress) throws -> Void)? = nil,
        progressUpdates: AsyncStream<UploadProgress>.Continuation? = nil,
        foundationProgress: Progress? = nil,
        timeout: Duration? = nil,
        retry: RetryPolicy? = nil
    ) {
        self.keep = keep
        self.keyvalues = keyvalues
        self.profile = profile
        self.checkGateways = checkGateways
        self.dryRun = dryRun
        self.deadline = deadline
        self.progress = progress
        self.progressUpdates = progressUpdates
        self.foundationProgress = foundationProgress
        self.timeout = timeout
        self.retry = retry
    }

    func settings(_ walk: WalkOptions, _ feed: ProgressFeed?) -> SyncSettings {
        SyncSettings(
            keep: Int64(keep),
            keyvalues: keyvalues,
            profile: profile?.rawValue,
            checkGateways: checkGateways.map(\.absoluteString),
            dryRun: dryRun,
            deadline: deadline?.crossing,
            progress: feed,
            timeout: timeout?.crossing,
            retry: retry?.settings,
            walk: walk.settings)
    }
}
