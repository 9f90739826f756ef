import Foundation
internal import W3pinFFI

extension Client {
    /// Pins each of these files or folders for itself, several at a time.
    ///
    /// ```swift
    /// for (file, result) in zip(files, try await client.pinFiles(at: files)) {
    ///     switch result {
    ///     case .success(let pin): print(file.lastPathComponent, pin.cid)
    ///     case .failure(let error): print(file.lastPathComponent, error.localizedDescription)
    ///     }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - paths: The files and folders.
    ///   - concurrency: How many are under way at any moment; 4 unless given.
    ///   - hidden: Whether folders' files and folders whose names begin with a dot are sent too.
    ///   - symlinks: What becomes of symbolic links in folders; ``Symlinks/refuse`` unless given.
    ///   - options: How each is pinned.
    /// - Returns: A pin or an error for each, in their order.
    public func pinFiles(
        at paths: [URL],
        concurrency: Int? = nil,
        hidden: Bool = false,
        symlinks: Symlinks? = nil,
        options: PinOptions = PinOptions()
    ) async throws -> [Result<Pin, PinningError>] {
        defer { options.progressUpdates?.finish() }
        let call = Call()
        let outcomes = try await call.run {
            try await self.native.pinFiles(
                paths: paths.map { try $0.local() },
                concurrency: atOnce(concurrency),
                options: options.settings(hidden: hidden, symlinks: symlinks, call: call),
                cancel: call.token)
        }
        return outcomes.map(pinned)
    }

    /// Pins each of these CIDs, several at a time.
    ///
    /// - Parameters:
    ///   - cids: The CIDs.
    ///   - concurrency: How many are under way at any moment; 4 unless given.
    ///   - options: How each is pinned.
    /// - Returns: A pin or an error for each, in their order.
    public func pinCIDs(
        _ cids: [String],
        concurrency: Int? = nil,
        options: PinByCIDOptions = PinByCIDOptions()
    ) async throws -> [Result<Pin, PinningError>] {
        let outcomes = try await calling { cancel in
            try await self.native.pinCids(
                cids: cids, concurrency: atOnce(concurrency), options: options.settings(), cancel: cancel)
        }
        return outcomes.map(pinned)
    }

    /// Unpins each of these pins, several at a time.
    ///
    /// - Parameters:
    ///   - ids: The pins' ids.
    ///   - concurrency: How many are under way at any moment; 4 unless given.
    /// - Returns: Success or an error for each, in their order.
    public func unpinMany(_ ids: [Pin.ID], concurrency: Int? = nil) async throws -> [Result<Void, PinningError>] {
        let outcomes = try await calling { cancel in
            try await self.native.unpinMany(ids: ids, concurrency: atOnce(concurrency), cancel: cancel)
        }
        return outcomes.map { outcome in outcome.error.map { .failure(PinningError($0)) } ?? .success(()) }
    }
}

private func atOnce(_ concurrency: Int?) throws -> UInt32? {
    if let concurrency, concurrency < 1 {
        throw PinningError.invalidInput("concurrency", "one call at least must be under way, not \(concurrency)")
    }
    return try concurrency.count("concurrency")
}

private func pinned(_ outcome: Outcome) -> Result<Pin, PinningError> {
    if let pin = outcome.pin {
        return .success(Pin(pin))
    }
    return .failure(outcome.error.map(PinningError.init) ?? .invalidInput("pin", "the call gave no pin"))
}
