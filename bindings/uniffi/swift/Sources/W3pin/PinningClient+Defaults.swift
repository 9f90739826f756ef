import Foundation

// A requirement can't have default arguments: these stand in for them, but for the rarest.

extension PinningClient {
    /// Pins a file by uploading it.
    ///
    /// The file is read while it is sent, so memory use is constant. On Apple's platforms, call
    /// `startAccessingSecurityScopedResource()` first if the URL requires it.
    ///
    /// - Parameters:
    ///   - path: The file's path; a symbolic link there is followed.
    ///   - options: The options of the pin.
    public func pinFile(at path: URL, options: PinOptions = PinOptions()) async throws -> Pin {
        try await pinFile(at: path, options: options, file: FileOptions())
    }

    /// Pins the content of a CAR file by uploading it.
    ///
    /// The pin has the blocks and the root CID of the CAR, which must name one root and contain all blocks below it.
    /// Not
    /// every service accepts CARs, so the client asks before it sends anything; `w3pin serve` does. Unless a name is
    /// set, the pin is named after the file, without `.car`.
    ///
    /// - Parameter path: The CAR file's path.
    public func pinCAR(at path: URL) async throws -> Pin {
        try await pinCAR(at: path, options: PinOptions())
    }

    /// Pins a folder by uploading all files in it.
    ///
    /// The root is the folder itself. Empty folders are left out, because an upload can't carry them.
    ///
    /// - Parameters:
    ///   - folder: The folder's path, or a mapping of paths to bytes for a folder in memory.
    ///   - options: The options of the pin.
    public func pinFolder(at folder: URL, options: PinOptions = PinOptions()) async throws -> Pin {
        try await pinFolder(at: folder, options: options, walk: WalkOptions())
    }

    /// Pins a folder by uploading all files in it.
    ///
    /// - Parameters:
    ///   - folder: The folder's path, or a mapping of paths to bytes for a folder in memory.
    ///   - options: The options of the pin. Its name is the folder's too.
    public func pinFolder(_ folder: [String: Data], options: PinOptions = PinOptions()) async throws -> Pin {
        try await pinFolder(folder, options: options, walk: WalkOptions())
    }

    /// Keeps a folder pinned under a name: uploads it if it has changed, and unpins older deploys of that name.
    ///
    /// The CID is computed first; if the newest deploy has it, nothing is sent. Otherwise the folder is uploaded, its
    /// CID is proved, and the call waits until it is pinned. Only then are older deploys removed. Pins that weren't
    /// created by a sync of this name are never touched.
    ///
    /// - Parameters:
    ///   - folder: The folder's path, or a mapping of paths to bytes for a folder in memory.
    ///   - name: The name of the deployment; use a different name for each folder.
    ///   - options: How it is kept pinned.
    public func syncFolder(
        at folder: URL, name: String, options: SyncOptions = SyncOptions()
    ) async throws -> Synced {
        try await syncFolder(at: folder, name: name, options: options, walk: WalkOptions())
    }

    /// Keeps a folder pinned under a name: uploads it if it has changed, and unpins older deploys of that name.
    ///
    /// - Parameters:
    ///   - folder: The folder's path, or a mapping of paths to bytes for a folder in memory.
    ///   - name: The name of the deployment; use a different name for each folder.
    ///   - options: How it is kept pinned.
    public func syncFolder(
        _ folder: [String: Data], name: String, options: SyncOptions = SyncOptions()
    ) async throws -> Synced {
        try await syncFolder(folder, name: name, options: options, walk: WalkOptions())
    }

    /// Pins the file or folder at a path by uploading it.
    ///
    /// - Parameters:
    ///   - path: The path of a file or folder.
    ///   - options: The options of the pin.
    public func pinPath(at path: URL, options: PinOptions = PinOptions()) async throws -> Pin {
        try await pinPath(at: path, options: options, file: FileOptions(), walk: WalkOptions())
    }

    /// Pins bytes in memory.
    ///
    /// - Parameters:
    ///   - bytes: The bytes; at least one.
    ///   - options: How they are pinned.
    public func pinBytes(_ bytes: Data, options: PinOptions = PinOptions()) async throws -> Pin {
        try await pinBytes(bytes, options: options, file: FileOptions())
    }

    /// Pins a value as canonical JSON (RFC 8785), so that every language computes the same CID.
    ///
    /// Dates are written as in ISO 8601. For another form, encode the value and pin the bytes.
    ///
    /// - Parameters:
    ///   - value: The value; integers beyond 2^53 aren't exact in JSON and are rejected.
    ///   - options: The options of the pin.
    public func pinJSON<Value: Encodable & Sendable>(
        _ value: Value,
        options: PinOptions = PinOptions()
    ) async throws -> Pin {
        try await pinJSON(value, options: options, file: FileOptions())
    }

    /// Pins the content of a stream; once the first byte has been sent, the upload can't be retried.
    ///
    /// - Parameters:
    ///   - stream: The stream, which is read once.
    ///   - options: The options of the pin.
    public func pinStream<Stream: AsyncSequence & Sendable>(
        _ stream: Stream,
        options: PinOptions = PinOptions()
    ) async throws -> Pin where Stream.Element: Collection<UInt8> {
        try await pinStream(stream, options: options, file: FileOptions(), length: nil)
    }

    /// Pins the content of a stream; once the first byte has been sent, the upload can't be retried.
    ///
    /// This stream gives its bytes one by one, as those of `URL.resourceBytes` and `FileHandle.bytes` do.
    ///
    /// - Parameters:
    ///   - stream: The stream, which is read once.
    ///   - options: The options of the pin.
    public func pinStream<Stream: AsyncSequence & Sendable>(
        _ stream: Stream,
        options: PinOptions = PinOptions()
    ) async throws -> Pin where Stream.Element == UInt8 {
        try await pinStream(stream, options: options, file: FileOptions(), length: nil)
    }

    /// Pins content that is already on IPFS; the service fetches it, which can take a long time.
    ///
    /// - Parameter cid: The CID of the content's root. `/ipfs/CID`, `ipfs://CID` and a gateway's URL are accepted, too.
    public func pinByCID(_ cid: String) async throws -> Pin {
        try await pinByCID(cid, options: PinByCIDOptions())
    }

    /// Lists one page of the account's pins.
    public func listPins() async throws -> Page {
        try await listPins(ListOptions())
    }

    /// Lists all of the account's pins and requests pages as they are needed.
    public func pins() -> Pins {
        pins(ListOptions())
    }

    /// Waits until the service has pinned the content.
    ///
    /// - Parameter id: The pin's id.
    public func waitUntilPinned(_ id: Pin.ID) async throws -> Pin {
        try await waitUntilPinned(id, deadline: nil, firstDelay: nil, maxDelay: nil)
    }

    /// Pins many files or folders, each as its own pin, and returns the results in the order of the items.
    ///
    /// - Parameters:
    ///   - items: Paths, each optionally with its own name and key-values.
    ///   - options: How each is pinned.
    ///   - concurrency: How many calls to run at a time; at least 1.
    public func pinFiles(
        _ items: [FileItem],
        options: PinOptions = PinOptions(),
        concurrency: Int = 4
    ) async throws -> [Result<Pin, PinningError>] {
        try await pinFiles(
            items, options: options, file: FileOptions(), walk: WalkOptions(), concurrency: concurrency)
    }

    /// Pins many files or folders, each as its own pin, and yields each result as soon as it is available.
    ///
    /// - Parameters:
    ///   - items: Paths, each optionally with its own name and key-values.
    ///   - options: How each is pinned.
    ///   - concurrency: How many calls to run at a time; at least 1.
    public func pinFilesAsCompleted(
        _ items: [FileItem],
        options: PinOptions = PinOptions(),
        concurrency: Int = 4
    ) -> Completions<Pin> {
        pinFilesAsCompleted(
            items, options: options, file: FileOptions(), walk: WalkOptions(), concurrency: concurrency)
    }

    /// Pins many CIDs and returns the results in the order of the items.
    ///
    /// - Parameter items: CIDs, each optionally with its own name and key-values.
    public func pinCIDs(_ items: [CIDItem]) async throws -> [Result<Pin, PinningError>] {
        try await pinCIDs(items, options: PinByCIDOptions(), concurrency: 4)
    }

    /// Pins many CIDs and yields each result as soon as it is available.
    ///
    /// - Parameter items: CIDs, each optionally with its own name and key-values.
    public func pinCIDsAsCompleted(_ items: [CIDItem]) -> Completions<Pin> {
        pinCIDsAsCompleted(items, options: PinByCIDOptions(), concurrency: 4)
    }

    /// Removes many pins and returns the results in the order of the ids.
    ///
    /// - Parameter ids: The pins' ids.
    public func unpinMany(_ ids: [Pin.ID]) async throws -> [Result<Void, PinningError>] {
        try await unpinMany(ids, concurrency: 4)
    }

    /// Removes many pins and yields each result as soon as it is available.
    ///
    /// - Parameter ids: The pins' ids.
    public func unpinManyAsCompleted(_ ids: [Pin.ID]) -> Completions<Void> {
        unpinManyAsCompleted(ids, concurrency: 4)
    }

    /// Prepares an upload for another HTTP stack to send, and writes its body to a file.
    ///
    /// The body contains the content, so it takes as much space again.
    ///
    /// - Parameters:
    ///   - content: A file or folder, on disk or in memory.
    ///   - body: The path of the file to write the body to, which must not exist.
    ///   - options: The options of the pin.
    public func prepareUpload(
        _ content: Content,
        body: URL,
        options: PrepareOptions = PrepareOptions()
    ) async throws -> PreparedUpload {
        try await prepareUpload(content, body: body, options: options, file: FileOptions(), walk: WalkOptions())
    }

    /// Proves block by block that a CID names this content, whatever its layout; no account is required.
    ///
    /// Blocks are fetched with this client's settings, such as its proxy and its gateways; the function
    /// ``verify(_:cid:gateway:walk:)`` needs no client. Only the small blocks with links are fetched, and each is
    /// checked against its CID.
    ///
    /// - Parameters:
    ///   - content: A file or folder, on disk or in memory.
    ///   - cid: The CID of the content's root.
    public func verify(_ content: Content, cid: String) async throws -> Proof {
        try await verify(content, cid: cid, gateway: nil, walk: WalkOptions())
    }
}
