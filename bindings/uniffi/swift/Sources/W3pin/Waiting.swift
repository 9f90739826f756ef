import Foundation

/// The first error that was kept, on whichever thread.
final class FirstError: @unchecked Sendable {
    // Guards `error`.
    private let lock = NSLock()
    private var error: (any Error)?

    func keep(_ error: any Error) {
        lock.withLock { self.error = self.error ?? error }
    }

    var value: (any Error)? { lock.withLock { error } }
}

/// Something that happens once, and that can be waited for.
final class Flag: @unchecked Sendable {
    // Guards the others.
    private let lock = NSLock()
    private var isSet = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func set() {
        let woken = lock.withLock {
            isSet = true
            defer { waiting = [] }
            return waiting
        }
        for continuation in woken { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isSet = lock.withLock {
                if !self.isSet { waiting.append(continuation) }
                return self.isSet
            }
            if isSet { continuation.resume() }
        }
    }
}
