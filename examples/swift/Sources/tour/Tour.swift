import Dispatch
import Foundation
import W3pin

/// Pins a folder with a progress line; Ctrl-C stops it. Keys and endpoint come from `W3PIN_API_KEY`, `W3PIN_SECRET_KEY`
/// and `W3PIN_ENDPOINT`.
@main struct Tour {
    static let usage = """
        tour FOLDER      pin a folder
        tour list        list what is pinned
        tour unpin ID    unpin it
        """

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let work = Task { try await run(arguments) }
        let interrupt = onInterrupt { work.cancel() }
        defer { interrupt.cancel() }
        do {
            try await work.value
        } catch is CancellationError {
            fail("stopped; nothing is pinned", status: 130)
        } catch let error as PinningError {
            fail([error.localizedDescription, error.recoverySuggestion].compactMap(\.self).joined(separator: "\n"))
        } catch {
            fail("\(error)")
        }
    }

    static func run(_ arguments: [String]) async throws {
        let client = try Client()
        switch (arguments.first, arguments.count) {
        case ("list", 1):
            for try await pin in client.pins(ListOptions(limit: 100, pinned: .pinned)) {
                print(pin.id, pin.cid, pin.name ?? "", separator: "\t")
            }
        case ("unpin", 2):
            try await client.unpin(arguments[1])
        case (let folder?, 1):
            try await pin(URL(fileURLWithPath: folder), with: client)
        default:
            fail(usage, status: 2)
        }
    }

    static func pin(_ folder: URL, with client: Client) async throws {
        let (updates, continuation) = AsyncStream.makeStream(
            of: UploadProgress.self, bufferingPolicy: .bufferingNewest(1))
        async let upload = client.pinFolder(
            at: folder, options: PinOptions(verify: .require, progressUpdates: continuation))
        for await update in updates {
            say("\r\(percent(update)) sent")
        }
        say("\n")
        let pin = try await client.waitUntilPinned(upload.id)
        print(pin.id, pin.cid, pin.name ?? "", separator: "\t")
    }

    static func percent(_ update: UploadProgress) -> String {
        guard let total = update.bytesTotal, total > 0 else { return "\(update.bytesSent) bytes" }
        return "\(update.bytesSent * 100 / total)%"
    }

    static func onInterrupt(_ stop: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler(handler: stop)
        source.resume()
        return source
    }

    static func say(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }

    static func fail(_ text: String, status: Int32 = 1) -> Never {
        say("\(text)\n")
        exit(status)
    }
}
