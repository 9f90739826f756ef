import Foundation
internal import W3pinFFI

/// Where the app wants to be told of a call's progress.
struct Listener<News: Sendable>: Sendable {
    let closure: (@Sendable (News) throws -> Void)?
    let updates: AsyncStream<News>.Continuation?
    let foundation: Progress?
    /// The bytes that are done, and those in all.
    let units: @Sendable (News) -> (done: Int64, total: Int64?)

    var listens: Bool { closure != nil || updates != nil || foundation != nil }

    /// Tells the newest progress until the feed ends, or the closure throws.
    func hear<Source: Feed>(_ feed: Source, failed: (any Error) -> Void) async where Source.News == News {
        // A thread of its own: a listener that blocks holds up nobody else.
        let queue = DispatchQueue(label: "w3pin.progress")
        while let progress = await feed.newest() {
            updates?.yield(progress)
            let (done, total) = units(progress)
            foundation?.totalUnitCount = total ?? -1
            foundation?.completedUnitCount = done
            guard let closure else { continue }
            do {
                try await withCheckedThrowingContinuation { continuation in
                    queue.async { continuation.resume(with: Result { try closure(progress) }) }
                }
            } catch {
                failed(error)
                break
            }
        }
        updates?.finish()
    }
}

/// Gives the newest progress of a call, until that has ended.
protocol Feed: Sendable {
    associatedtype News: Sendable

    func newest() async -> News?
    func end()
}

extension ProgressFeed: Feed {
    func newest() async -> UploadProgress? { await next().map(UploadProgress.init) }
}

extension FetchFeed: Feed {
    func newest() async -> FetchProgress? { await next().map(FetchProgress.init) }
}

extension Call where Source == ProgressFeed {
    convenience init(_ options: PinOptions? = nil) {
        let listener = options.map { options in
            Listener<UploadProgress>(
                closure: options.progress, updates: options.progressUpdates, foundation: options.foundationProgress,
                units: { ($0.bytesSent, $0.bytesTotal) })
        }
        self.init(listener, feed: listener?.listens == true ? ProgressFeed() : nil)
    }

    convenience init(_ options: SyncOptions) {
        let listener = Listener<UploadProgress>(
            closure: options.progress, updates: options.progressUpdates, foundation: options.foundationProgress,
            units: { ($0.bytesSent, $0.bytesTotal) })
        self.init(listener, feed: listener.listens ? ProgressFeed() : nil)
    }
}

extension Call where Source == FetchFeed {
    convenience init(_ options: FetchOptions) {
        let listener = Listener<FetchProgress>(
            closure: options.onProgress, updates: options.progressUpdates, foundation: options.foundationProgress,
            units: { ($0.bytes, $0.bytesTotal) })
        self.init(listener, feed: listener.listens ? FetchFeed() : nil)
    }
}
