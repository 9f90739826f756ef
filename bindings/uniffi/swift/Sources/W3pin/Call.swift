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

/// A call that runs code of the caller, such as a listener. What that throws stops the call, and is what it throws.
final class Call: Sendable {
    let token = CancelToken()
    private let thrown = FirstError()

    func run<T: Sendable>(_ call: @Sendable () async throws -> T) async throws -> T {
        do {
            let result = try await withTaskCancellationHandler {
                try Task.checkCancellation()
                return try await call()
            } onCancel: {
                // Before a stream is, which may throw something else for it.
                _ = fail(CancellationError())
            }
            if let error = thrown.value, !(error is CancellationError) {
                throw error
            }
            return result
        } catch {
            throw thrown.value ?? translated(error)
        }
    }

    /// Runs code of the caller for the engine, which learns only that it failed.
    func guarding<T>(_ code: () throws -> T) throws -> T {
        do {
            return try code()
        } catch {
            throw fail(error)
        }
    }

    /// Stops the call for this reason.
    func fail(_ error: any Error) -> any Error {
        thrown.keep(error)
        token.cancel()
        return ForeignFailure.Thrown(reason: String(describing: error))
    }
}

/// The first error that code of the caller threw, on whichever thread.
private final class FirstError: @unchecked Sendable {
    // Guards `error`.
    private let lock = NSLock()
    private var error: (any Error)?

    func keep(_ error: any Error) {
        lock.withLock { self.error = self.error ?? error }
    }

    var value: (any Error)? { lock.withLock { error } }
}

private func translated(_ error: any Error) -> any Error {
    switch error {
    case Failure.Pinning(let details): PinningError(details)
    case Failure.Cancelled: CancellationError()
    case Failure.Closed: ClientClosedError()
    default: error
    }
}
