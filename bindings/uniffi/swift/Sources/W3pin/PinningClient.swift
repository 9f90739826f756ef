import Foundation

/// A client of a pinning service. ``Client`` implements it; tests can supply their own implementation.
///
/// Calls throw ``PinningError`` if they fail, and ``ClientClosedError`` after ``close()``. They can be made from any
/// number of tasks at once. If the task of a call is cancelled, its transfer ends, its connection is closed, and it
/// throws `CancellationError`; whether the service has acted by then isn't known, as when a connection breaks.
public protocol PinningClient: Sendable {
    /// The endpoint of the service.
    var endpoint: URL { get }

    /// Pins a file by uploading it.
    ///
    /// The file is read while it is sent, so memory use is constant. On Apple's platforms, call
    /// `startAccessingSecurityScopedResource()` first if the URL requires it.
    ///
    /// - Parameters:
    ///   - path: The file's path; a symbolic link there is followed.
    ///   - options: The options of the pin.
    ///   - file: How it is sent.
    /// - Throws: ``PinningError``: ``PinningError/Kind/localIO`` if the file can't be read or changes size during the
    ///   upload, ``PinningError/Kind/invalidInput`` if it is empty, a folder, or has a name that can't be sent,
    ///   ``PinningError/Kind/cidMismatch`` if proof is required and missing.
    func pinFile(at path: URL, options: PinOptions, file: FileOptions) async throws -> Pin

    /// Pins the content of a CAR file by uploading it.
    ///
    /// The pin has the blocks and the root CID of the CAR, which must name one root and contain all blocks below it.
    /// Not
    /// every service accepts CARs, so the client asks before it sends anything; `w3pin serve` does. Unless a name is
    /// set, the pin is named after the file, without `.car`.
    ///
    /// - Parameters:
    ///   - path: The CAR file's path.
    ///   - options: The options of the pin.
    /// - Throws: ``PinningError``: ``PinningError/Kind/invalidInput`` if the service doesn't accept CARs, or the CAR
    ///   has no root, several roots, or lacks a block, ``PinningError/Kind/decode`` if the file isn't a CAR, is
    ///   truncated, or contains a block that doesn't match its CID.
    func pinCAR(at path: URL, options: PinOptions) async throws -> Pin

    /// Pins a folder by uploading all files in it.
    ///
    /// The root is the folder itself. Empty folders are left out, because an upload can't carry them.
    ///
    /// - Parameters:
    ///   - folder: The folder's path, or a mapping of paths to bytes for a folder in memory.
    ///   - options: The options of the pin.
    ///   - walk: Which entries count.
    func pinFolder(at folder: URL, options: PinOptions, walk: WalkOptions) async throws -> Pin

    /// Pins a folder by uploading all files in it.
    ///
    /// ```swift
    /// try await client.pinFolder(["0.json": json, "images/0.png": image], options: PinOptions(name: "drop"))
    /// ```
    ///
    /// - Parameters:
    ///   - folder: The folder's path, or a mapping of paths to bytes for a folder in memory.
    ///   - options: The options of the pin. Its name is the folder's too.
    ///   - walk: Which entries count.
    func pinFolder(_ folder: [String: Data], options: PinOptions, walk: WalkOptions) async throws -> Pin

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
    ///   - walk: Which entries count.
    func syncFolder(at folder: URL, name: String, options: SyncOptions, walk: WalkOptions) async throws -> Synced

    /// Keeps a folder pinned under a name: uploads it if it has changed, and unpins older deploys of that name.
    ///
    /// - Parameters:
    ///   - folder: The folder's path, or a mapping of paths to bytes for a folder in memory.
    ///   - name: The name of the deployment; use a different name for each folder.
    ///   - options: How it is kept pinned.
    ///   - walk: Which entries count.
    func syncFolder(
        _ folder: [String: Data], name: String, options: SyncOptions, walk: WalkOptions
    ) async throws -> Synced

    /// Pins the file or folder at a path by uploading it.
    ///
    /// - Parameters:
    ///   - path: The path of a file or folder.
    ///   - options: The options of the pin.
    ///   - file: How a single file is sent.
    ///   - walk: Which entries of a folder count.
    func pinPath(at path: URL, options: PinOptions, file: FileOptions, walk: WalkOptions) async throws -> Pin

    /// Pins bytes in memory.
    ///
    /// - Parameters:
    ///   - bytes: The bytes; at least one.
    ///   - options: How they are pinned.
    ///   - file: How they are sent. The file is named after the pin, or `bytes`, unless set.
    func pinBytes(_ bytes: Data, options: PinOptions, file: FileOptions) async throws -> Pin

    /// Pins a value as canonical JSON (RFC 8785), so that every language computes the same CID.
    ///
    /// Dates are written as in ISO 8601. For another form, encode the value and pin the bytes.
    ///
    /// - Parameters:
    ///   - value: The value; integers beyond 2^53 aren't exact in JSON and are rejected.
    ///   - options: The options of the pin.
    ///   - file: How it is sent. The file is named after the pin, or `data.json`, unless set.
    /// - Throws: `EncodingError` if the value can't be represented in JSON.
    func pinJSON<Value: Encodable & Sendable>(
        _ value: Value,
        options: PinOptions,
        file: FileOptions
    ) async throws -> Pin

    /// Pins the content of a stream; once the first byte has been sent, the upload can't be retried.
    ///
    /// If the response is lost, the client searches for the pin. The stream yields blocks of bytes, as `Data`
    /// or `[UInt8]`, and is read only as fast as it is sent, so memory doesn't grow on a slow network. Errors that it
    /// throws are rethrown.
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
    ///   - stream: The stream, which is read once.
    ///   - options: The options of the pin.
    ///   - file: How it is sent. The file is named after the pin, or `stream`, unless set.
    ///   - length: The number of bytes in the stream, if known; any other number is an error.
    func pinStream<Stream: AsyncSequence & Sendable>(
        _ stream: Stream,
        options: PinOptions,
        file: FileOptions,
        length: Int64?
    ) async throws -> Pin where Stream.Element: Collection<UInt8>

    /// Pins the content of a stream; once the first byte has been sent, the upload can't be retried.
    ///
    /// This stream gives its bytes one by one, as those of `URL.resourceBytes` and `FileHandle.bytes` do.
    ///
    /// - Parameters:
    ///   - stream: The stream, which is read once.
    ///   - options: The options of the pin.
    ///   - file: How it is sent. The file is named after the pin, or `stream`, unless set.
    ///   - length: The number of bytes in the stream, if known; any other number is an error.
    func pinStream<Stream: AsyncSequence & Sendable>(
        _ stream: Stream,
        options: PinOptions,
        file: FileOptions,
        length: Int64?
    ) async throws -> Pin where Stream.Element == UInt8

    /// Pins content that is already on IPFS; the service fetches it, which can take a long time.
    ///
    /// - Parameters:
    ///   - cid: The CID of the content's root. `/ipfs/CID`, `ipfs://CID` and a gateway's URL are accepted, too.
    ///   - options: The options of the pin.
    func pinByCID(_ cid: String, options: PinByCIDOptions) async throws -> Pin

    /// Retrieves a pin.
    ///
    /// - Parameter id: The pin's id.
    /// - Throws: ``PinningError`` of kind ``PinningError/Kind/notFound`` if the account has no such pin.
    func getPin(_ id: Pin.ID) async throws -> Pin

    /// Lists one page of the account's pins.
    ///
    /// - Parameter options: Which pins, and in which order.
    func listPins(_ options: ListOptions) async throws -> Page

    /// Lists all of the account's pins and requests pages as they are needed.
    ///
    /// ```swift
    /// for try await pin in client.pins(ListOptions(pinned: .pinned)) {
    ///     print(pin.cid, pin.name ?? "")
    /// }
    /// ```
    ///
    /// - Parameter options: Which pins, and in which order; the limit is the size of a page.
    func pins(_ options: ListOptions) -> Pins

    /// Removes a pin.
    ///
    /// If the response is lost and the pin is gone when the request is retried, the call succeeds.
    ///
    /// - Parameter id: The pin's id.
    /// - Throws: ``PinningError`` of kind ``PinningError/Kind/notFound`` if the account has no such pin.
    func unpin(_ id: Pin.ID) async throws

    /// Waits until the service has pinned the content.
    ///
    /// - Parameters:
    ///   - id: The pin's id.
    ///   - deadline: How long to wait in total; 10 minutes unless set.
    ///   - firstDelay: The delay between the first two checks, which grows by half with each further one; 1 second
    ///     unless set.
    ///   - maxDelay: The longest delay between two checks; 30 seconds unless set.
    /// - Throws: ``PinningError`` of kind ``PinningError/Kind/timeout`` if it takes longer.
    func waitUntilPinned(
        _ id: Pin.ID,
        deadline: Duration?,
        firstDelay: Duration?,
        maxDelay: Duration?
    ) async throws -> Pin

    /// Checks that the service accepts the credentials.
    ///
    /// - Throws: ``PinningError`` of kind ``PinningError/Kind/authentication`` if it doesn't.
    func checkCredentials() async throws

    /// Pins many files or folders, each as its own pin, and returns the results in the order of the items.
    ///
    /// ```swift
    /// for (file, result) in zip(files, try await client.pinFiles(files.map { FileItem(at: $0) })) {
    ///     switch result {
    ///     case .success(let pin): print(file.lastPathComponent, pin.cid)
    ///     case .failure(let error): print(file.lastPathComponent, error.localizedDescription)
    ///     }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - items: Paths, each optionally with its own name and key-values.
    ///   - options: How each is pinned.
    ///   - file: How each single file is sent.
    ///   - walk: Which entries of folders count.
    ///   - concurrency: How many calls to run at a time; at least 1.
    func pinFiles(
        _ items: [FileItem],
        options: PinOptions,
        file: FileOptions,
        walk: WalkOptions,
        concurrency: Int
    ) async throws -> [Result<Pin, PinningError>]

    /// Pins many files or folders, each as its own pin, and yields each result as soon as it is available.
    ///
    /// - Parameters:
    ///   - items: Paths, each optionally with its own name and key-values.
    ///   - options: How each is pinned.
    ///   - file: How each single file is sent.
    ///   - walk: Which entries of folders count.
    ///   - concurrency: How many calls to run at a time; at least 1.
    func pinFilesAsCompleted(
        _ items: [FileItem],
        options: PinOptions,
        file: FileOptions,
        walk: WalkOptions,
        concurrency: Int
    ) -> Completions<Pin>

    /// Pins many CIDs and returns the results in the order of the items.
    ///
    /// - Parameters:
    ///   - items: CIDs, each optionally with its own name and key-values.
    ///   - options: How each is pinned.
    ///   - concurrency: How many calls to run at a time; at least 1.
    func pinCIDs(
        _ items: [CIDItem],
        options: PinByCIDOptions,
        concurrency: Int
    ) async throws -> [Result<Pin, PinningError>]

    /// Pins many CIDs and yields each result as soon as it is available.
    ///
    /// - Parameters:
    ///   - items: CIDs, each optionally with its own name and key-values.
    ///   - options: How each is pinned.
    ///   - concurrency: How many calls to run at a time; at least 1.
    func pinCIDsAsCompleted(_ items: [CIDItem], options: PinByCIDOptions, concurrency: Int) -> Completions<Pin>

    /// Removes many pins and returns the results in the order of the ids.
    ///
    /// - Parameters:
    ///   - ids: The pins' ids.
    ///   - concurrency: How many calls to run at a time; at least 1.
    func unpinMany(_ ids: [Pin.ID], concurrency: Int) async throws -> [Result<Void, PinningError>]

    /// Removes many pins and yields each result as soon as it is available.
    ///
    /// - Parameters:
    ///   - ids: The pins' ids.
    ///   - concurrency: How many calls to run at a time; at least 1.
    func unpinManyAsCompleted(_ ids: [Pin.ID], concurrency: Int) -> Completions<Void>

    /// Prepares an upload for another HTTP stack to send, and writes its body to a file.
    ///
    /// The body contains the content, so it takes as much space again.
    ///
    /// - Parameters:
    ///   - content: A file or folder, on disk or in memory.
    ///   - body: The path of the file to write the body to, which must not exist.
    ///   - options: The options of the pin.
    ///   - file: How a single file is sent.
    ///   - walk: Which entries of a folder count.
    func prepareUpload(
        _ content: Content,
        body: URL,
        options: PrepareOptions,
        file: FileOptions,
        walk: WalkOptions
    ) async throws -> PreparedUpload

    /// Checks the response to a prepared upload and returns the pin.
    ///
    /// If the service has already pinned the content, the existing pin is returned.
    ///
    /// - Parameters:
    ///   - upload: The prepared upload.
    ///   - status: The HTTP status of the response.
    ///   - response: The body of the response.
    func finishUpload(_ upload: PreparedUpload, status: Int, response: Data) async throws -> Pin

    /// Proves block by block that a CID names this content, whatever its layout; no account is required.
    ///
    /// Blocks are fetched with this client's settings, such as its proxy and its gateways; the function
    /// ``verify(_:cid:gateway:walk:)`` needs no client. Only the small blocks with links are fetched, and each is
    /// checked against its CID.
    ///
    /// - Parameters:
    ///   - content: A file or folder, on disk or in memory.
    ///   - cid: The CID of the content's root.
    ///   - gateway: The gateway to fetch blocks from, which learns the CID and needn't be trusted: unless set, the
    ///     endpoint if it is on this machine, or https://trustless-gateway.link. The client's own gateways take
    ///     precedence.
    ///   - walk: Which entries of a folder count.
    /// - Throws: ``PinningError`` of kind ``PinningError/Kind/cidMismatch`` if the content differs, with the path and
    ///   offset of the first difference.
    func verify(_ content: Content, cid: String, gateway: URL?, walk: WalkOptions) async throws -> Proof

    /// Reads content back over this client's connections, from its gateways: the configured ones, or else the
    /// endpoint itself if it is on this machine, or https://trustless-gateway.link. Closing the client closes it too.
    ///
    /// - Throws: ``ClientClosedError`` if the client is closed.
    func retriever() throws -> any ContentRetriever

    /// Stops every call in progress and rejects later ones; all of them throw ``ClientClosedError``.
    ///
    /// A client that is no longer referenced is closed automatically.
    func close()
}
