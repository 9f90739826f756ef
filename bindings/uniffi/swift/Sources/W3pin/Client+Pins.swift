import Foundation
internal import W3pinFFI

extension Client {
    public func pinByCID(_ cid: String, options: PinByCIDOptions = PinByCIDOptions()) async throws -> Pin {
        let pin = try await calling { cancel in
            try await self.native.pinByCid(cid: cid, options: options.settings, cancel: cancel)
        }
        return Pin(pin)
    }

    public func getPin(_ id: Pin.ID) async throws -> Pin {
        Pin(try await calling { cancel in try await self.native.getPin(id: id, cancel: cancel) })
    }

    public func listPins(_ options: ListOptions = ListOptions()) async throws -> Page {
        Page(try await calling { cancel in try await self.native.listPins(list: options.settings, cancel: cancel) })
    }

    public func pins(_ options: ListOptions = ListOptions()) -> Pins {
        Pins { try self.native.pins(list: options.settings) }
    }

    public func unpin(_ id: Pin.ID) async throws {
        try await calling { cancel in try await self.native.unpin(id: id, cancel: cancel) }
    }

    public func waitUntilPinned(
        _ id: Pin.ID, deadline: Duration? = nil, firstDelay: Duration? = nil, maxDelay: Duration? = nil
    ) async throws -> Pin {
        let pin = try await calling { cancel in
            let policy = WaitSettings(
                deadline: deadline?.crossing, firstDelay: firstDelay?.crossing, maxDelay: maxDelay?.crossing)
            return try await self.native.waitUntilPinned(id: id, policy: policy, cancel: cancel)
        }
        return Pin(pin)
    }

    public func checkCredentials() async throws {
        try await calling { cancel in try await self.native.checkCredentials(cancel: cancel) }
    }

    public func verify(
        _ content: Content, cid: String, gateway: URL? = nil, walk: WalkOptions = WalkOptions()
    ) async throws -> Proof {
        let proof = try await calling { cancel in
            let settings = VerifySettings(gateway: gateway?.absoluteString, walk: walk.settings)
            return try await self.native.verify(
                content: content.native("content"), cid: cid, settings: settings, cancel: cancel)
        }
        return Proof(proof)
    }
}
