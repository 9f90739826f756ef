internal import W3pinFFI

/// All of an account's pins. Every iteration reads them anew, page by page as they are needed.
///
/// Cancelling the iterating task stops the page that is being read.
public struct Pins: AsyncSequence, Sendable {
    /// What is iterated over.
    public typealias Element = Pin

    let client: Client
    let options: ListOptions

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator {
        Iterator(state: .before(client, options))
    }

    /// Reads pins one after another.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate enum State {
            case before(Client, ListOptions)
            case within(PinCursor, ArraySlice<PinRecord>)
            case after
        }

        fileprivate var state: State

        /// The next pin, or nothing after the last.
        ///
        /// - Throws: As ``Client/listPins(_:)``. Nothing comes after an error.
        public mutating func next() async throws -> Pin? {
            let (cursor, page) = try begun()
            guard let cursor else { return nil }
            if let pin = page.first {
                state = .within(cursor, page.dropFirst())
                return Pin(pin)
            }
            state = .after
            guard let next = try await calling({ cancel in try await cursor.nextPage(cancel: cancel) }),
                let pin = next.first
            else { return nil }
            state = .within(cursor, next.dropFirst())
            return Pin(pin)
        }

        private mutating func begun() throws -> (PinCursor?, ArraySlice<PinRecord>) {
            switch state {
            case .before(let client, let options):
                state = .after
                return (try translating { try client.native.pins(list: options.settings()) }, [])
            case .within(let cursor, let page): return (cursor, page)
            case .after: return (nil, [])
            }
        }
    }
}
