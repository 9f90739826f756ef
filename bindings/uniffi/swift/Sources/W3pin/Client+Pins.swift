import Foundation
internal import W3pinFFI

extension Client {
    /// Pins content that is on IPFS already. The service fetches it, which may take long or never end.
    ///
    /// - Parameters:
    ///   - cid: The content's root.
    ///   - options: How it is pinned.
    public func pinByCID(_ cid: String, options: PinByCIDOptions = PinByCIDOptions()) async throws -> Pin {
        let pin = try await calling { cancel in
            try await self.native.pinByCid(cid: cid, options: options.settings(), cancel: cancel)
        }
        return Pin(pin)
    }

    /// Retrieves a pin.
    ///
    /// - Parameter id: The pin's id.
    public func getPin(_ id: Pin.ID) async throws -> Pin {
        Pin(try await calling { cancel in try await self.native.getPin(id: id, cancel: cancel) })
    }

    /// Lists one page of the account's pins.
    ///
    /// - Parameter options: Which pins, in which order.
    public func listPins(_ options: ListOptions = ListOptions()) async throws -> Page {
        let page = try await calling { cancel in
            try await self.native.listPins(list: options.settings(), cancel: cancel)
        }
        return Page(page)
    }

    /// Lists all pins. Pages are read as they are needed.
    ///
    /// ```swift
    /// for try await pin in client.pins(ListOptions(pinned: .pinned)) {
    ///     print(pin.cid, pin.name ?? "")
    /// }
    /// ```
    ///
    /// - Parameter options: Which pins, in which order; `limit` is the size of a page.
    public func pins(_ options: ListOptions = ListOptions()) -> Pins {
        Pins(client: self, options: options)
    }

    /// Unpins content. Where the answer is lost and the pin is gone when asked again, that is a success.
    ///
    /// - Parameter id: The pin's id.
    public func unpin(_ id: Pin.ID) async throws {
        try await calling { cancel in try await self.native.unpin(id: id, cancel: cancel) }
    }

    /// Looks at a pin until its content is pinned.
    ///
    /// - Parameters:
    ///   - id: The pin's id.
    ///   - deadline: How long to wait in all; 10 minutes unless given.
    ///   - firstDelay: The wait between the first two looks, 1 second unless given. It grows with every further one.
    ///   - maxDelay: The longest wait between two looks; 30 seconds unless given.
    public func waitUntilPinned(
        _ id: Pin.ID,
        deadline: Duration? = nil,
        firstDelay: Duration? = nil,
        maxDelay: Duration? = nil
    ) async throws -> Pin {
        let pin = try await calling { cancel in
            let policy = try WaitSettings(
                deadline: deadline.seconds("deadline"),
                firstDelay: firstDelay.seconds("first_delay"),
                maxDelay: maxDelay.seconds("max_delay"))
            return try await self.native.waitUntilPinned(id: id, policy: policy, cancel: cancel)
        }
        return Pin(pin)
    }

    /// Asks whether the service accepts the credentials. It throws an error of kind
    /// ``PinningError/Kind/authentication`` where it doesn't.
    public func checkCredentials() async throws {
        try await calling { cancel in try await self.native.checkCredentials(cancel: cancel) }
    }
}
