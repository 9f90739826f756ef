import Foundation
internal import W3pinFFI

extension Client {
    public func pinFiles(
        _ items: [FileItem],
        options: PinOptions = PinOptions(),
        file: FileOptions = FileOptions(),
        walk: WalkOptions = WalkOptions(),
        concurrency: Int = 4
    ) async throws -> [Result<Pin, PinningError>] {
        let call = Call(options)
        let outcomes = try await call.run {
            try await self.native.pinFiles(
                items: items.map(\.native), concurrency: Int64(concurrency),
                options: options.settings(file, walk, call.feed), cancel: call.token)
        }
        try await call.ended()
        return outcomes.map(pinned)
    }

    public func pinFilesAsCompleted(
        _ items: [FileItem],
        options: PinOptions = PinOptions(),
        file: FileOptions = FileOptions(),
        walk: WalkOptions = WalkOptions(),
        concurrency: Int = 4
    ) -> Completions<Pin> {
        Completions {
            let call = Call(options)
            let cursor = try translating {
                try self.native.pinFilesAsCompleted(
                    items: items.map(\.native), concurrency: Int64(concurrency),
                    options: options.settings(file, walk, call.feed))
            }
            return Batch(cursor, call, read: pinned)
        }
    }

    public func pinCIDs(
        _ items: [CIDItem], options: PinByCIDOptions = PinByCIDOptions(), concurrency: Int = 4
    ) async throws -> [Result<Pin, PinningError>] {
        let outcomes = try await calling { cancel in
            try await self.native.pinCids(
                items: items.map(\.native), concurrency: Int64(concurrency), options: options.settings, cancel: cancel)
        }
        return outcomes.map(pinned)
    }

    public func pinCIDsAsCompleted(
        _ items: [CIDItem], options: PinByCIDOptions = PinByCIDOptions(), concurrency: Int = 4
    ) -> Completions<Pin> {
        Completions {
            let cursor = try translating {
                try self.native.pinCidsAsCompleted(
                    items: items.map(\.native), concurrency: Int64(concurrency), options: options.settings)
            }
            return Batch(cursor, Call(), read: pinned)
        }
    }

    public func unpinMany(_ ids: [Pin.ID], concurrency: Int = 4) async throws -> [Result<Void, PinningError>] {
        let outcomes = try await calling { cancel in
            try await self.native.unpinMany(
                items: ids.map(idItem), concurrency: Int64(concurrency), cancel: cancel)
        }
        return outcomes.map(unpinned)
    }

    public func unpinManyAsCompleted(_ ids: [Pin.ID], concurrency: Int = 4) -> Completions<Void> {
        Completions {
            let cursor = try translating {
                try self.native.unpinManyAsCompleted(items: ids.map(idItem), concurrency: Int64(concurrency))
            }
            return Batch(cursor, Call(), read: unpinned)
        }
    }
}
