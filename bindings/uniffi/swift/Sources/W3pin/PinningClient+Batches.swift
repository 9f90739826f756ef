import Foundation

// For items that have neither a name nor key-values of their own.

extension PinningClient {
    /// Pins many files or folders, each as its own pin, and returns the results in the order of the paths.
    ///
    /// - Parameters:
    ///   - paths: The files' and folders' paths.
    ///   - options: How each is pinned.
    ///   - concurrency: How many calls to run at a time; at least 1.
    public func pinFiles(
        at paths: [URL],
        options: PinOptions = PinOptions(),
        concurrency: Int = 4
    ) async throws -> [Result<Pin, PinningError>] {
        try await pinFiles(paths.map { FileItem(at: $0) }, options: options, concurrency: concurrency)
    }

    /// Pins many files or folders, each as its own pin, and yields each result as soon as it is available.
    ///
    /// - Parameters:
    ///   - paths: The files' and folders' paths.
    ///   - options: How each is pinned.
    ///   - concurrency: How many calls to run at a time; at least 1.
    public func pinFilesAsCompleted(
        at paths: [URL],
        options: PinOptions = PinOptions(),
        concurrency: Int = 4
    ) -> Completions<Pin> {
        pinFilesAsCompleted(paths.map { FileItem(at: $0) }, options: options, concurrency: concurrency)
    }

    /// Pins many CIDs and returns the results in the order of the CIDs.
    ///
    /// - Parameters:
    ///   - cids: The CIDs.
    ///   - options: How each is pinned.
    ///   - concurrency: How many calls to run at a time; at least 1.
    public func pinCIDs(
        _ cids: [String],
        options: PinByCIDOptions = PinByCIDOptions(),
        concurrency: Int = 4
    ) async throws -> [Result<Pin, PinningError>] {
        try await pinCIDs(cids.map { CIDItem($0) }, options: options, concurrency: concurrency)
    }

    /// Pins many CIDs and yields each result as soon as it is available.
    ///
    /// - Parameters:
    ///   - cids: The CIDs.
    ///   - options: How each is pinned.
    ///   - concurrency: How many calls to run at a time; at least 1.
    public func pinCIDsAsCompleted(
        _ cids: [String],
        options: PinByCIDOptions = PinByCIDOptions(),
        concurrency: Int = 4
    ) -> Completions<Pin> {
        pinCIDsAsCompleted(cids.map { CIDItem($0) }, options: options, concurrency: concurrency)
    }
}
