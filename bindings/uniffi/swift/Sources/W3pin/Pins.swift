import Foundation
internal import W3pinFFI

/// All of an account's pins, requested page by page as needed. Every iteration starts again. Pins that are
/// added or removed meanwhile don't cause duplicates.
///
/// Cancelling the iterating task stops the page that is being read.
public struct Pins: AsyncSequence, Sendable {
    /// What is iterated over.
    public typealias Element = Pin

    private let begin: @Sendable () throws -> PinCursor?
    private let given: [Pin]
    private let found = Unreadable()

    /// Entries that can't be read as pins, of the latest iteration so far; the first 1,000.
    public var unreadable: [UnreadablePin] { found.entries }

    init(begin: @escaping @Sendable () throws -> PinCursor) {
        self.begin = begin
        given = []
    }

    /// Existing pins, for tests.
    public init(_ pins: [Pin], unreadable: [UnreadablePin] = []) {
        begin = { nil }
        given = pins
        found.reset(unreadable)
    }

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator {
        Iterator(state: .before(begin, given), found: found)
    }

    /// Reads pins one after another.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate enum State {
            case before(@Sendable () throws -> PinCursor?, [Pin])
            case within(PinCursor?, ArraySlice<Pin>)
            case after
        }

        fileprivate var state: State
        fileprivate let found: Unreadable

        /// Returns the next pin, or `nil` after the last.
        ///
        /// - Throws: The errors of ``PinningClient/listPins(_:)``. The iteration ends after an error.
        public mutating func next() async throws -> Pin? {
            let (cursor, page) = try begun()
            if let pin = page.first {
                state = .within(cursor, page.dropFirst())
                return pin
            }
            state = .after
            guard let cursor else { return nil }
            let next = try await calling { cancel in try await cursor.next(cancel: cancel) }
            found.add(next.unreadable.map(UnreadablePin.init))
            guard let pin = next.pins.first else { return nil }
            state = .within(cursor, next.pins.dropFirst().map(Pin.init)[...])
            return Pin(pin)
        }

        private mutating func begun() throws -> (PinCursor?, ArraySlice<Pin>) {
            switch state {
            case .before(let begin, let given):
                state = .after
                let cursor = try translating(begin)
                if cursor != nil { found.reset([]) }
                return (cursor, given[...])
            case .within(let cursor, let page): return (cursor, page)
            case .after: return (nil, [])
            }
        }
    }
}

private final class Unreadable: @unchecked Sendable {
    // Guards `list`.
    private let lock = NSLock()
    private var list: [UnreadablePin] = []

    var entries: [UnreadablePin] { lock.withLock { list } }

    func reset(_ entries: [UnreadablePin]) {
        lock.withLock { list = entries }
    }

    func add(_ entries: [UnreadablePin]) {
        lock.withLock { list += entries }
    }
}
