internal import W3pinFFI

/// How content is pinned by sending it.
public struct PinOptions: Sendable {
    /// The name that listings show.
    public var name: String?
    /// Pairs to find the pin by.
    public var keyvalues: [String: String]
    /// The layout that the service is expected to use; the client's unless set.
    public var profile: Profile?
    /// How much proof is needed that the service pinned what was sent; ``Verify/report`` unless set.
    public var verify: Verify?
    /// Whether content that the account has pinned already is left as it is.
    public var skipIfPinned: Bool
    /// Told how far the upload is, at most ten times a second and once at its end, on any thread. What it throws stops
    /// the upload, which throws the same.
    public var progress: (@Sendable (UploadProgress) throws -> Void)?
    /// Told the same, and finished when the call ends.
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
    /// How long the whole call may take; no limit unless set.
    public var timeout: Duration?
    /// How often the call is tried; the client's unless set.
    public var retry: RetryPolicy?

    /// Makes options; see the properties.
    public init(
        name: String? = nil,
        keyvalues: [String: String] = [:],
        profile: Profile? = nil,
        verify: Verify? = nil,
        skipIfPinned: Bool = false,
        progress: (@Sendable (UploadProgress) throws -> Void)? = nil,
        progressUpdates: AsyncStream<UploadProgress>.Continuation? = nil,
        timeout: Duration? = nil,
        retry: RetryPolicy? = nil
    ) {
        self.name = name
        self.keyvalues = keyvalues
        self.profile = profile
        self.verify = verify
        self.skipIfPinned = skipIfPinned
        self.progress = progress
        self.progressUpdates = progressUpdates
        self.timeout = timeout
        self.retry = retry
    }

    func settings(hidden: Bool = false, symlinks: Symlinks? = nil, call: Call) throws -> UploadSettings {
        let told = progress != nil || progressUpdates != nil
        return UploadSettings(
            name: name,
            keyvalues: keyvalues,
            profile: profile?.rawValue,
            verify: verify?.rawValue,
            skipIfPinned: skipIfPinned,
            hidden: hidden,
            symlinks: symlinks?.rawValue,
            progress: told ? Listener(call: call, options: self) : nil,
            timeout: try timeout.seconds("timeout"),
            retry: try retry?.settings())
    }
}

private final class Listener: ProgressListener {
    let call: Call
    let options: PinOptions

    init(call: Call, options: PinOptions) {
        self.call = call
        self.options = options
    }

    func onProgress(progress: TransferProgress) throws {
        let progress = UploadProgress(progress)
        options.progressUpdates?.yield(progress)
        try call.guarding { try options.progress?(progress) }
    }
}
