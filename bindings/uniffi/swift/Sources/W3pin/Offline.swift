import Foundation
internal import W3pinFFI

/// Computes the CID of a file or folder, offline.
///
/// ```swift
/// print(try await computeCID(of: .path(site), profile: .unixfs2025).cid)
/// ```
///
/// - Parameters:
///   - content: A file or folder, on disk or in memory.
///   - profile: The UnixFS profile to compute the CID under.
///   - emptyFolders: Whether to include empty folders; an upload can't carry them, so its CID is the one without them.
///   - walk: Which entries of a folder count.
/// - Throws: ``PinningError`` of kind ``PinningError/Kind/localIO`` if something can't be read.
public func computeCID(
    of content: Content,
    profile: Profile = .kuboCIDv1Legacy,
    emptyFolders: Bool = true,
    walk: WalkOptions = WalkOptions()
) async throws -> Root {
    let root = try await calling { cancel in
        let settings = CidSettings(profile: profile.rawValue, emptyFolders: emptyFolders, walk: walk.settings)
        return try await W3pinFFI.computeCid(
            content: content.native("content"), settings: settings, cancel: cancel)
    }
    return Root(root)
}

/// Packs a file or folder into a CAR file, offline.
///
/// It is a CARv1 with one root and every block once, depth first, as written by `ipfs dag export` for the same content.
/// The file gets its name when it is complete, and memory use is constant at any size.
///
/// - Parameters:
///   - content: A file or folder, on disk or in memory.
///   - destination: The path of the CAR file, which must not exist.
///   - profile: The UnixFS profile to compute the CID under.
///   - emptyFolders: Whether to include empty folders; an upload can't carry them, so its CID is the one without them.
///   - walk: Which entries of a folder count.
/// - Throws: ``PinningError`` of kind ``PinningError/Kind/localIO`` if the content can't be read or changes
///   meanwhile, or the CAR can't be written.
@discardableResult
public func packCAR(
    _ content: Content,
    to destination: URL,
    profile: Profile = .kuboCIDv1Legacy,
    emptyFolders: Bool = true,
    walk: WalkOptions = WalkOptions()
) async throws -> PackedCAR {
    let packed = try await calling { cancel in
        let settings = CidSettings(profile: profile.rawValue, emptyFolders: emptyFolders, walk: walk.settings)
        return try await W3pinFFI.packCar(
            content: content.native("content"), destination: destination.local("destination"), settings: settings,
            cancel: cancel)
    }
    return PackedCAR(packed)
}

/// Lists what an upload would send and computes its CID, offline.
///
/// It rejects what the upload would reject.
///
/// - Parameters:
///   - content: A file or folder, on disk or in memory.
///   - name: The name of the pin, and of a folder in memory.
///   - profile: The UnixFS profile to compute the CID under.
///   - walk: Which entries of a folder count.
public func previewUpload(
    of content: Content,
    name: String? = nil,
    profile: Profile = .kuboCIDv1Legacy,
    walk: WalkOptions = WalkOptions()
) async throws -> UploadPreview {
    let preview = try await calling { cancel in
        let settings = PreviewSettings(name: name, profile: profile.rawValue, walk: walk.settings)
        return try await W3pinFFI.previewUpload(
            content: content.native("content"), settings: settings, cancel: cancel)
    }
    return UploadPreview(preview)
}

/// Proves block by block that a CID names this content, whatever its layout; no account is required.
///
/// Only the small blocks with links are fetched, and each is checked against its CID. A hostile gateway can make
/// the proof fail, but never make it succeed.
///
/// - Parameters:
///   - content: A file or folder, on disk or in memory.
///   - cid: The CID of the content's root.
///   - gateway: The gateway to fetch blocks from, which learns the CID and needn't be trusted: unless set, the endpoint
///     if it is on this machine, or https://trustless-gateway.link. Gateways in the environment and the
///     config file take precedence.
///   - walk: Which entries of a folder count.
/// - Throws: ``PinningError`` of kind ``PinningError/Kind/cidMismatch`` if the content differs, with the path and
///   offset of the first difference.
public func verify(
    _ content: Content,
    cid: String,
    gateway: URL? = nil,
    walk: WalkOptions = WalkOptions()
) async throws -> Proof {
    let proof = try await calling { cancel in
        let settings = VerifySettings(gateway: gateway?.absoluteString, walk: walk.settings)
        return try await W3pinFFI.verify(
            content: content.native("content"), cid: cid, settings: settings, cancel: cancel)
    }
    return Proof(proof)
}
