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
final class Call<Source: Feed>: Sendable {
    let token = CancelToken()
    let feed: Source?
    private let listener: Listener<Source.News>?
    private let stopped = FirstError()
    private let told = Flag()

    init(_ listener: Listener<Source.News>?, feed: Source?) {
        self.listener = listener
        self.feed = feed
        listener?.foundation?.cancellationHandler = { [weak self] in self?.stop(CancellationError()) }
        if let listener, let feed {
            Task.detached { [weak self, told] in
                await listener.hear(feed) { self?.stop($0) }
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
                let block = rest.prefix(crossingBlock)
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
        listener?.foundation?.cancellationHandler = nil
    }
}

/// The bytes of a stream that cross at once.
let crossingBlock = 256 * 1024

private func translated(_ error: any Error) -> any Error {
    switch error {
    case Failure.Pinning(let details): PinningError(details)
    case Failure.Cancelled: CancellationError()
    case Failure.Closed: ClientClosedError()
    case Failure.RetrieverClosed: ClientClosedError(closed: "retriever")
    default: error
    }
}
