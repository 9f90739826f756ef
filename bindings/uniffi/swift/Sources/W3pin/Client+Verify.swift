import Foundation
internal import W3pinFFI

extension Client {
    /// Proves that the DAG under a CID is the file or folder here, whatever its layout.
    ///
    /// Only the small blocks that hold links are fetched, and each is checked against its CID, so a gateway needs no
    /// trust: a hostile one can make the proof fail, never pass.
    ///
    /// - Parameters:
    ///   - content: The URL of the file or folder.
    ///   - cid: The root of the DAG.
    ///   - gateway: Where blocks come from; the endpoint's own gateway unless given.
    ///   - hidden: Whether a folder's files and folders whose names begin with a dot count.
    ///   - symlinks: What becomes of symbolic links in a folder; ``Symlinks/preserve`` unless given.
    /// - Throws: ``PinningError`` of kind ``PinningError/Kind/cidMismatch`` where the content differs, with the path
    ///   and offset of the first difference.
    public func verify(
        contentAt content: URL,
        cid: String,
        gateway: URL? = nil,
        hidden: Bool = false,
        symlinks: Symlinks? = nil
    ) async throws -> Proof {
        let options = LocalSettings(
            profile: nil, hidden: hidden, symlinks: symlinks?.rawValue, gateway: gateway?.absoluteString)
        let proof = try await calling { cancel in
            try await self.native.verifyPath(
                path: content.local("content"), cid: cid, options: options, cancel: cancel)
        }
        return Proof(proof)
    }

    /// Proves that the DAG under a CID is these bytes, whatever its layout; see
    /// ``verify(contentAt:cid:gateway:hidden:symlinks:)``.
    ///
    /// - Parameters:
    ///   - content: The bytes, less than 2 GiB.
    ///   - cid: The root of the DAG.
    ///   - gateway: Where blocks come from; the endpoint's own gateway unless given.
    public func verify(_ content: Data, cid: String, gateway: URL? = nil) async throws -> Proof {
        let options = LocalSettings(profile: nil, hidden: false, symlinks: nil, gateway: gateway?.absoluteString)
        let proof = try await calling { cancel in
            try await self.native.verifyBytes(
                bytes: content.fitting("content"), cid: cid, options: options, cancel: cancel)
        }
        return Proof(proof)
    }
}
