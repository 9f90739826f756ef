internal import W3pinFFI

/// A completed call of a batch.
public struct Completed<Value: Sendable>: Sendable {
    /// The index of the item, counted from 0.
    public let index: Int
    /// The result.
    public let result: Result<Value, PinningError>

    /// Creates a value for tests; see the properties.
    public init(index: Int, result: Result<Value, PinningError>) {
        self.index = index
        self.result = result
    }
}

/// The results of a batch, each as soon as it is available.
///
/// The batch starts when the first result is requested, and again with every iteration. Cancelling the iterating task,
/// or dropping the iterator, stops the rest.
public struct Completions<Value: Sendable>: AsyncSequence, Sendable {
    /// What is iterated over.
    public typealias Element = Completed<Value>

    private let source: Source

    private enum Source: Sendable {
        case batch(@Sendable () throws -> Batch<Value>)
        case given([Completed<Value>])
    }

    init(begin: @escaping @Sendable () throws -> Batch<Value>) {
        source = .batch(begin)
    }

    /// Completed calls, for tests.
    public init(_ completed: [Completed<Value>]) {
        source = .given(completed)
    }

    /// Starts the batch when the first result is requested.
    public func makeAsyncIterator() -> Iterator {
        switch source {
        case .batch(let begin): Iterator(state: .before(begin))
        case .given(let completed): Iterator(state: .given(completed[...]))
        }
    }

    /// Gives the calls of a batch as they end.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate enum State {
            case before(@Sendable () throws -> Batch<Value>)
            case within(Batch<Value>)
            case given(ArraySlice<Completed<Value>>)
            case after
        }

        fileprivate var state: State

        /// Returns the next completed call, or `nil` after the last.
        ///
        /// - Throws: Whatever stops the whole batch: cancellation, a closed client, or an error of a listener.
        public mutating func next() async throws -> Completed<Value>? {
            switch state {
            case .after: return nil
            case .given(let rest):
                state = .given(rest.dropFirst())
                return rest.first
            case .before(let begin):
                state = .after
                let batch = try begin()
                return try await next(of: batch)
            case .within(let batch):
                state = .after
                return try await next(of: batch)
            }
        }

        private mutating func next(of batch: Batch<Value>) async throws -> Completed<Value>? {
            guard let completed = try await batch.next() else { return nil }
            state = .within(batch)
            return completed
        }
    }
}

/// A batch that is under way, until it is dropped.
final class Batch<Value: Sendable>: Sendable {
    private let cursor: BatchCursor
    private let call: Call<ProgressFeed>
    private let read: @Sendable (Outcome) -> Result<Value, PinningError>

    init(
        _ cursor: BatchCursor,
        _ call: Call<ProgressFeed>,
        read: @escaping @Sendable (Outcome) -> Result<Value, PinningError>
    ) {
        self.cursor = cursor
        self.call = call
        self.read = read
    }

    func next() async throws -> Completed<Value>? {
        guard let item = try await call.run({ try await self.cursor.next(cancel: self.call.token) }) else {
            try await call.ended()
            return nil
        }
        return Completed(index: Int(clamping: item.index), result: read(item.outcome))
    }
}

/// The result of pinning an item.
@Sendable func pinned(_ outcome: Outcome) -> Result<Pin, PinningError> {
    if let pin = outcome.pin { return .success(Pin(pin)) }
    return .failure(outcome.error.map(PinningError.init) ?? .invalidInput("pin", "the call gave no pin"))
}

/// The result of unpinning an item.
@Sendable func unpinned(_ outcome: Outcome) -> Result<Void, PinningError> {
    outcome.error.map { .failure(PinningError($0)) } ?? .success(())
}
