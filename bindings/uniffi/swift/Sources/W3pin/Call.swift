import Foundation
internal import W3pinFFI

/// Runs a native call so that cancelling its task ends it, as the generated code alone doesn't.
func calling<T: Sendable>(_ call: @Sendable (CancelToken) async throws -> T) async throws -> T {
    let token = CancelToken()
    return try await withTaskCancellationHandler {
        try Task.checkCancellation()
        do {
            return try await call(token)
        } catch {
            throw translated(error)
        }
    } onCancel: {
        token.cancel()
    }
}

/// Runs a native call that doesn't wait.
func translating<T>(_ call: () throws -> T) throws -> T {
    do {
        return try call()
    } catch {
        throw translated(error)
    }
}

/// A call beside which code of the app runs: a listener, a stream. What that throws stops the call, and is what it
/// throws.
///
/// No call waits for such code to return once it is cancelled or has failed.
final class Call: Sendable {
    let token = CancelToken()
    let feed: ProgressFeed?
    private let options: PinOptions?
    private let stopped = FirstError()
    private let told = Flag()

    init(_ options: PinOptions? = nil) {
        let listens =
            options?.progress != nil || options?.progressUpdates != nil || options?.foundationProgress != nil
        self.options = options
        feed = listens ? ProgressFeed() : nil
        options?.foundationProgress?.cancellationHandler = { [weak self] in self?.stop(CancellationError()) }
        if let options, let feed {
            Task.detached { [weak self, told] in
                await tell(options, feed) { self?.stop($0) }
                told.set()
            }
        } else {
            told.set()
        }
    }

    deinit {
        end()
    }

    /// Runs a native call until it ends, is cancelled, or code of the app throws.
    func run<T: Sendable>(_ call: @Sendable () async throws -> T) async throws -> T {
        do {
            let result = try await withTaskCancellationHandler {
                try Task.checkCancellation()
                return try await call()
            } onCancel: {
                // Before a stream is, which may throw something else for it.
                stop(CancellationError())
            }
            try failed()
            return result
        } catch {
            end()
            throw stopped.value ?? translated(error)
        }
    }

    /// Waits until the listener of a call that succeeded has been told of its end.
    func ended() async throws {
        end()
        await withTaskCancellationHandler {
            await told.wait()
        } onCancel: {
            told.set()
        }
        try failed()
    }

    /// Gives the engine a stream of the app, a block whenever it wants one.
    func feeding(_ pipe: BytePipe, _ next: () async throws -> Data?) async {
        var rest = Data()
        do {
            while await pipe.isWanted() {
                while rest.isEmpty {
                    guard let block = try await next() else { return pipe.give(block: nil) }
                    rest = block
                }
                let block = rest.prefix(Self.block)
                rest = rest.dropFirst(block.count)
                pipe.give(block: Data(block))
            }
        } catch {
            stop(error)
        }
    }

    /// Stops the call for this reason.
    private func stop(_ error: any Error) {
        stopped.keep(error)
        token.cancel()
        told.set()
    }

    /// Throws what code of the app threw. A cancellation doesn't take back a result that has arrived.
    private func failed() throws {
        if let error = stopped.value, !(error is CancellationError) { throw error }
    }

    private func end() {
        feed?.end()
        options?.foundationProgress?.cancellationHandler = nil
    }

    /// The bytes that cross at once.
    static let block = 256 * 1024
}

/// Tells the app of the newest progress until the feed ends, or its listener throws.
private func tell(_ options: PinOptions, _ feed: ProgressFeed, failed: (any Error) -> Void) async {
    // A thread of its own: a listener that blocks holds up nobody else.
    let queue = DispatchQueue(label: "w3pin.progress")
    while let record = await feed.next() {
        let progress = UploadProgress(record)
        options.progressUpdates?.yield(progress)
        options.foundationProgress?.totalUnitCount = progress.bytesTotal ?? -1
        options.foundationProgress?.completedUnitCount = progress.bytesSent
        guard let listener = options.progress else { continue }
        do {
            try await withCheckedThrowingContinuation { continuation in
                queue.async { continuation.resume(with: Result { try listener(progress) }) }
            }
        } catch {
            failed(error)
            break
        }
    }
    options.progressUpdates?.finish()
}

private func translated(_ error: any Error) -> any Error {
    switch error {
    case Failure.Pinning(let details): PinningError(details)
    case Failure.Cancelled: CancellationError()
    case Failure.Closed: ClientClosedError()
    default: error
    }
}
