internal import W3pinFFI

/// A sequence of verified data from gateways.
///
/// The request is sent when the first element is requested, and again with every iteration. Nothing is read ahead
/// beyond the connection's buffers. Cancelling the iterating task, or dropping the iterator, closes the connection.
public struct RetrievedSequence<Element: Sendable>: AsyncSequence, Sendable {
    typealias Next = @Sendable (CancelToken) async throws -> Element?

    private let begin: @Sendable () throws -> Next?
    private let given: [Element]

    init(begin: @escaping @Sendable () throws -> Next) {
        self.begin = begin
        given = []
    }

    /// Existing elements, for tests.
    public init(_ elements: [Element]) {
        begin = { nil }
        given = elements
    }

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator {
        Iterator(state: .before(begin, given))
    }

    /// Reads one after another.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate enum State {
            case before(@Sendable () throws -> Next?, [Element])
            case within(Next)
            case given(ArraySlice<Element>)
            case after
        }

        fileprivate var state: State

        /// Returns the next element, or `nil` after the last.
        ///
        /// - Throws: ``PinningError``, as documented for the call. The iteration ends after an error.
        public mutating func next() async throws -> Element? {
            let current = state
            state = .after
            switch current {
            case .after: return nil
            case .given(let rest): return first(of: rest)
            case .within(let next): return try await first(of: next)
            case .before(let begin, let given):
                guard let next = try translating(begin) else { return first(of: given[...]) }
                return try await first(of: next)
            }
        }

        private mutating func first(of rest: ArraySlice<Element>) -> Element? {
            state = .given(rest.dropFirst())
            return rest.first
        }

        private mutating func first(of next: @escaping Next) async throws -> Element? {
            let element = try await calling(next)
            if element != nil { state = .within(next) }
            return element
        }
    }
}
