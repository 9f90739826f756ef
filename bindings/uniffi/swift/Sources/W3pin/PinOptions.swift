import Foundation
internal import W3pinFFI

/// The options of an upload.
public struct PinOptions: Sendable {
    /// The name shown in listings; the service uses the file's own unless set.
    public var name: String?
    /// Key-values to find the pin by; keys and values are strings.
    public var keyvalues: [String: String]
    /// The UnixFS profile that the service is expected to use; the client's unless set.
    public var profile: Profile?
    /// How much proof to require that the service pinned what was sent.
    public var verify: Verify
    /// Whether to send nothing and return the existing pin if the account has already pinned the content.
    public var skipIfPinned: Bool
    /// Whether to mark the pin with the key-value `w3pin.attempt`, by which it is found again if the response is lost.
    public var markAttempt: Bool
    /// Called with the progress, at most ten times a second and once at the end.
    ///
    /// It is called from a dedicated queue, never concurrently, and may block or call the client; a slow one receives
    /// only the latest progress. What it throws stops the call, which then throws it.
    public var progress: (@Sendable (UploadProgress) throws -> Void)?
    /// Also receives the progress, and finishes when the call ends.
    ///
    /// ```swift
    /// let (updates, continuation) = AsyncStream.makeStream(of: UploadProgress.self)
    /// async let pin = client.pinFile(at: film, options: PinOptions(progressUpdates: continuation))
    /// for await update in updates {
    ///     print(update.bytesSent)
    /// }
    /// print(try await pin.cid)
    /// ```
    public var progressUpdates: AsyncStream<UploadProgress>.Continuation?
    /// Updated with the bytes sent, for views that show it. Cancelling it cancels the call, which replaces its
    /// cancellation handler until it ends.
    public var foundationProgress: Progress?
    /// The time limit of the whole call, retries included; none unless set.
    public var timeout: Duration?
    /// The retry policy of this call; the client's unless set.
    public var retry: RetryPolicy?

    /// Creates options; see the properties.
    public init(
        name: String? = nil,
        keyvalues: [String: String] = [:],
        profile: Profile? = nil,
        verify: Verify = .report,
        skipIfPinned: Bool = false,
        markAttempt: Bool = true,
        progress: (@Sendable (UploadProgress) throws -> Void)? = nil,
        progressUpdates: AsyncStream<UploadProgress>.Continuation? = nil,
        foundationProgress: Progress? = nil,
        timeout: Duration? = nil,
        retry: RetryPolicy? = nil
    ) {
        self.name = name
        self.keyvalues = keyvalues
        self.profile = profile
        self.verify = verify
        self.skipIfPinned = skipIfPinned
        self.markAttempt = markAttempt
        self.progress = progress
        self.progressUpdates = progressUpdates
        self.foundationProgress = foundationProgress
        self.timeout = timeout
        self.retry = retry
    }

    func settings(_ file: FileOptions, _ walk: WalkOptions, _ feed: ProgressFeed?) -> UploadSettings {
        UploadSettings(
            name: name,
            keyvalues: keyvalues,
            profile: profile?.rawValue,
            verify: verify.native,
            skipIfPinned: skipIfPinned,
            markAttempt: markAttempt,
            progress: feed,
            timeout: timeout?.crossing,
            retry: retry?.settings,
            fileName: file.fileName,
            contentType: file.contentType,
            walk: walk.settings)
    }
}

/// The options of an upload that another HTTP stack sends.
public struct PrepareOptions: Sendable, Hashable {
    /// The name shown in listings; the service uses the file's own unless set.
    public var name: String?
    /// Key-values to find the pin by; keys and values are strings.
    public var keyvalues: [String: String]
    /// The UnixFS profile that the service is expected to use; the client's unless set.
    public var profile: Profile?
    /// How much proof to require that the service pinned what was sent.
    public var verify: Verify
    /// Whether to mark the pin with the key-value `w3pin.attempt`, by which it is found again if the response is lost.
    public var markAttempt: Bool

    /// Creates options; see the properties.
    public init(
        name: String? = nil,
        keyvalues: [String: String] = [:],
        profile: Profile? = nil,
        verify: Verify = .report,
        markAttempt: Bool = true
    ) {
        self.name = name
        self.keyvalues = keyvalues
        self.profile = profile
        self.verify = verify
        self.markAttempt = markAttempt
    }

    func settings(_ file: FileOptions, _ walk: WalkOptions) -> UploadSettings {
        PinOptions(name: name, keyvalues: keyvalues, profile: profile, verify: verify, markAttempt: markAttempt)
            .settings(file, walk, nil)
    }
}
