import Foundation
internal import W3pinFFI

extension Client {
    public func pinFile(
        at path: URL, options: PinOptions = PinOptions(), file: FileOptions = FileOptions()
    ) async throws -> Pin {
        try await upload(options, file) { settings, cancel in
            try await self.native.pinFile(path: path.local("path"), options: settings, cancel: cancel)
        }
    }

    public func pinCAR(at path: URL, options: PinOptions = PinOptions()) async throws -> Pin {
        try await upload(options, FileOptions()) { settings, cancel in
            try await self.native.pinCar(path: path.local("path"), options: settings, cancel: cancel)
        }
    }

    public func pinFolder(
        at folder: URL, options: PinOptions = PinOptions(), walk: WalkOptions = WalkOptions()
    ) async throws -> Pin {
        try await pinFolder(.path(folder), options, walk)
    }

    public func pinFolder(
        _ folder: [String: Data], options: PinOptions = PinOptions(), walk: WalkOptions = WalkOptions()
    ) async throws -> Pin {
        try await pinFolder(.files(folder), options, walk)
    }

    public func syncFolder(
        at folder: URL, name: String, options: SyncOptions = SyncOptions(), walk: WalkOptions = WalkOptions()
    ) async throws -> Synced {
        try await sync(.path(folder), name, options, walk)
    }

    public func syncFolder(
        _ folder: [String: Data], name: String, options: SyncOptions = SyncOptions(), walk: WalkOptions = WalkOptions()
    ) async throws -> Synced {
        try await sync(.files(folder), name, options, walk)
    }

    public func pinPath(
        at path: URL,
        options: PinOptions = PinOptions(),
        file: FileOptions = FileOptions(),
        walk: WalkOptions = WalkOptions()
    ) async throws -> Pin {
        try await upload(options, file, walk) { settings, cancel in
            try await self.native.pinPath(path: path.local("path"), options: settings, cancel: cancel)
        }
    }

    public func pinBytes(
        _ bytes: Data, options: PinOptions = PinOptions(), file: FileOptions = FileOptions()
    ) async throws -> Pin {
        try await upload(options, file) { settings, cancel in
            try await self.native.pinBytes(bytes: bytes.crossing("bytes"), options: settings, cancel: cancel)
        }
    }

    public func pinJSON<Value: Encodable & Sendable>(
        _ value: Value, options: PinOptions = PinOptions(), file: FileOptions = FileOptions()
    ) async throws -> Pin {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        return try await upload(options, file) { settings, cancel in
            let document = try encoder.encode(value).crossing("value")
            let json = String(decoding: document, as: UTF8.self)
            return try await self.native.pinJson(value: json, options: settings, cancel: cancel)
        }
    }

    public func pinStream<Stream: AsyncSequence & Sendable>(
        _ stream: Stream,
        options: PinOptions = PinOptions(),
        file: FileOptions = FileOptions(),
        length: Int64? = nil
    ) async throws -> Pin where Stream.Element: Collection<UInt8> {
        try await pinStream(options, file, length) { call, pipe in
            var iterator = stream.makeAsyncIterator()
            await call.feeding(pipe) { try await iterator.next().map { Data($0) } }
        }
    }

    public func pinStream<Stream: AsyncSequence & Sendable>(
        _ stream: Stream,
        options: PinOptions = PinOptions(),
        file: FileOptions = FileOptions(),
        length: Int64? = nil
    ) async throws -> Pin where Stream.Element == UInt8 {
        try await pinStream(options, file, length) { call, pipe in
            var iterator = stream.makeAsyncIterator()
            await call.feeding(pipe) {
                var block = Data()
                while block.count < crossingBlock, let byte = try await iterator.next() { block.append(byte) }
                return block.isEmpty ? nil : block
            }
        }
    }

    public func prepareUpload(
        _ content: Content,
        body: URL,
        options: PrepareOptions = PrepareOptions(),
        file: FileOptions = FileOptions(),
        walk: WalkOptions = WalkOptions()
    ) async throws -> PreparedUpload {
        let record = try await calling { cancel in
            try await self.native.prepareUpload(
                content: content.native("content"), body: body.local("body"),
                options: options.settings(file, walk), cancel: cancel)
        }
        return try PreparedUpload(record)
    }

    public func finishUpload(_ upload: PreparedUpload, status: Int, response: Data) async throws -> Pin {
        let pin = try await calling { cancel in
            try await self.native.finishUpload(
                kept: upload.kept, status: Int64(status), response: response.crossing("response"), cancel: cancel)
        }
        return Pin(pin)
    }

    private func pinFolder(_ folder: Content, _ options: PinOptions, _ walk: WalkOptions) async throws -> Pin {
        try await upload(options, FileOptions(), walk) { settings, cancel in
            try await self.native.pinFolder(folder: folder.native("folder"), options: settings, cancel: cancel)
        }
    }

    private func sync(
        _ folder: Content, _ name: String, _ options: SyncOptions, _ walk: WalkOptions
    ) async throws -> Synced {
        let call = Call(options)
        let synced = try await call.run {
            try await self.native.syncFolder(
                folder: folder.native("folder"), name: name, options: options.settings(walk, call.feed),
                cancel: call.token)
        }
        try await call.ended()
        return Synced(synced)
    }

    private func upload(
        _ options: PinOptions,
        _ file: FileOptions,
        _ walk: WalkOptions = WalkOptions(),
        send: @Sendable (UploadSettings, CancelToken) async throws -> PinRecord
    ) async throws -> Pin {
        let call = Call(options)
        let pin = try await call.run { try await send(options.settings(file, walk, call.feed), call.token) }
        try await call.ended()
        return Pin(pin)
    }

    /// Pins what is fed to a pipe beside the call. Whoever feeds it is cancelled when the call ends.
    private func pinStream(
        _ options: PinOptions,
        _ file: FileOptions,
        _ length: Int64?,
        feed: @escaping @Sendable (Call<ProgressFeed>, BytePipe) async -> Void
    ) async throws -> Pin {
        let call = Call(options)
        let pipe = BytePipe()
        let feeding = Task { await feed(call, pipe) }
        defer {
            feeding.cancel()
            pipe.end()
        }
        let pin = try await call.run {
            try await self.native.pinStream(
                stream: pipe, length: length, options: options.settings(file, WalkOptions(), call.feed),
                cancel: call.token)
        }
        try await call.ended()
        return Pin(pin)
    }
}
