import Foundation
internal import W3pinFFI

extension Client {
    /// Pins a file by sending it.
    ///
    /// The file is read as it is sent, so it takes no memory. A symbolic link that `path` itself is, is followed. On
    /// Apple's platforms, call `startAccessingSecurityScopedResource()` first where the URL needs it.
    ///
    /// - Parameters:
    ///   - path: The file's URL.
    ///   - options: How it is pinned. Its name is the file's unless given.
    /// - Throws: ``PinningError``: ``PinningError/Kind/localIO`` where the file can't be read or changes its size
    ///   meanwhile, ``PinningError/Kind/invalidInput`` where it is empty, a folder, or has a name that can't be sent,
    ///   ``PinningError/Kind/cidMismatch`` where proof is required and missing, and whatever the service refuses.
    public func pinFile(at path: URL, options: PinOptions = PinOptions()) async throws -> Pin {
        try await upload(options) { settings, cancel in
            try await self.native.pinFile(path: path.local(), options: settings, cancel: cancel)
        }
    }

    /// Pins a folder, with all files in it, by sending them.
    ///
    /// The root is the folder itself, under its own name. Folders without files are left out, as an upload can't carry
    /// them.
    ///
    /// - Parameters:
    ///   - path: The folder's URL.
    ///   - hidden: Whether files and folders whose names begin with a dot are sent too.
    ///   - symlinks: What becomes of symbolic links in the folder; ``Symlinks/refuse`` unless given.
    ///   - options: How it is pinned. Its name is the folder's unless given.
    /// - Throws: As ``pinFile(at:options:)``, for the folder and every file in it, before anything is sent.
    public func pinFolder(
        at path: URL,
        hidden: Bool = false,
        symlinks: Symlinks? = nil,
        options: PinOptions = PinOptions()
    ) async throws -> Pin {
        try await upload(options, hidden, symlinks) { settings, cancel in
            try await self.native.pinFolder(path: path.local(), options: settings, cancel: cancel)
        }
    }

    /// Pins a file or a folder, whichever is there; see ``pinFile(at:options:)`` and
    /// ``pinFolder(at:hidden:symlinks:options:)``.
    ///
    /// - Parameters:
    ///   - path: The file's or the folder's URL.
    ///   - hidden: Whether a folder's files and folders whose names begin with a dot are sent too.
    ///   - symlinks: What becomes of symbolic links in a folder; ``Symlinks/refuse`` unless given.
    ///   - options: How it is pinned. Its name is that of what is there unless given.
    public func pinPath(
        at path: URL,
        hidden: Bool = false,
        symlinks: Symlinks? = nil,
        options: PinOptions = PinOptions()
    ) async throws -> Pin {
        try await upload(options, hidden, symlinks) { settings, cancel in
            try await self.native.pinPath(path: path.local(), options: settings, cancel: cancel)
        }
    }

    /// Pins bytes in memory as a file.
    ///
    /// - Parameters:
    ///   - bytes: The content, less than 2 GiB. Give more as a file or a stream.
    ///   - options: How it is pinned. The file is called by the pin's name, or `bytes`.
    public func pinBytes(_ bytes: Data, options: PinOptions = PinOptions()) async throws -> Pin {
        try await upload(options) { settings, cancel in
            try await self.native.pinBytes(bytes: bytes.fitting("bytes"), options: settings, cancel: cancel)
        }
    }

    /// Pins a value as a JSON document.
    ///
    /// Keys are sorted and dates written as in ISO 8601, so equal values have equal CIDs. For another form, encode
    /// the value and pin the bytes.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - options: How it is pinned. The file is called by the pin's name, or `data.json`.
    /// - Throws: `EncodingError` where the value can't be JSON, and as ``pinBytes(_:options:)``.
    public func pinJSON(_ value: some Encodable & Sendable, options: PinOptions = PinOptions()) async throws -> Pin {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try await upload(options) { settings, cancel in
            let document = try encoder.encode(value).fitting("value")
            let json = String(decoding: document, as: UTF8.self)
            return try await self.native.pinJson(json: json, options: settings, cancel: cancel)
        }
    }

    /// Pins what a stream gives, as it comes.
    ///
    /// It is read at the pace at which it is sent, so a slow network never makes memory grow. Once it has begun it
    /// can't be sent again: if its answer is lost, the pin is looked for.
    ///
    /// ```swift
    /// let lines = AsyncStream { continuation in
    ///     for line in 1...1000 { continuation.yield(Data("\(line)\n".utf8)) }
    ///     continuation.finish()
    /// }
    /// let pin = try await client.pinStream(lines, options: PinOptions(name: "lines.txt"))
    /// ```
    ///
    /// - Parameters:
    ///   - stream: Blocks of bytes, as `Data` or `[UInt8]`.
    ///   - options: How it is pinned. The file is called by the pin's name, or `stream`.
    /// - Throws: What the stream throws, which ends the upload and pins nothing, and as ``pinBytes(_:options:)``.
    public func pinStream<Stream: AsyncSequence & Sendable>(
        _ stream: Stream,
        options: PinOptions = PinOptions()
    ) async throws -> Pin where Stream.Element: Collection<UInt8> {
        try await pinStream(options) { call in
            var iterator = stream.makeAsyncIterator()
            return StreamSource(call) { try await iterator.next().map { Data($0) } }
        }
    }

    /// Pins the bytes that a stream gives one by one, such as those of `URL.resourceBytes` or `FileHandle.bytes`, as
    /// they come.
    ///
    /// - Parameters:
    ///   - stream: The bytes.
    ///   - options: How they are pinned. The file is called by the pin's name, or `stream`.
    public func pinStream<Stream: AsyncSequence & Sendable>(
        _ stream: Stream,
        options: PinOptions = PinOptions()
    ) async throws -> Pin where Stream.Element == UInt8 {
        try await pinStream(options) { call in
            var iterator = stream.makeAsyncIterator()
            return StreamSource(call) {
                var block = Data()
                while block.count < StreamSource.block, let byte = try await iterator.next() {
                    block.append(byte)
                }
                return block.isEmpty ? nil : block
            }
        }
    }

    private func pinStream(_ options: PinOptions, source: @Sendable (Call) -> StreamSource) async throws -> Pin {
        defer { options.progressUpdates?.finish() }
        let call = Call()
        let pin = try await call.run {
            try await self.native.pinStream(
                source: source(call), options: options.settings(call: call), cancel: call.token)
        }
        return Pin(pin)
    }

    private func upload(
        _ options: PinOptions,
        _ hidden: Bool = false,
        _ symlinks: Symlinks? = nil,
        send: @Sendable (UploadSettings, CancelToken) async throws -> PinRecord
    ) async throws -> Pin {
        defer { options.progressUpdates?.finish() }
        let call = Call()
        let pin = try await call.run {
            try await send(options.settings(hidden: hidden, symlinks: symlinks, call: call), call.token)
        }
        return Pin(pin)
    }
}
