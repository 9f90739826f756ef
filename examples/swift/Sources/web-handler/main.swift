// A CGI program, which needs no other package: pins the body of a POST while it arrives, and answers GET /CID[/PATH]
// with proved content.
import Foundation
import W3pin

let environment = ProcessInfo.processInfo.environment
let output = FileHandle.standardOutput
let client = try Client()

switch environment["REQUEST_METHOD"] {
case "POST":
    let body = AsyncThrowingStream(unfolding: { @Sendable in try FileHandle.standardInput.read(upToCount: 1 << 16) })
    // With a length, an upload that is cut short is an error.
    let length = environment["CONTENT_LENGTH"].flatMap(Int64.init)
    let pin = try await client.pinStream(
        body, options: PinOptions(name: "upload", verify: .require), file: FileOptions(), length: length)
    output.write(Data("Status: 201 Created\r\nContent-Type: text/plain\r\n\r\n\(pin.cid)\n".utf8))

case "GET":
    let path = String(environment["PATH_INFO", default: ""].drop { $0 == "/" })
    let retriever = try client.retriever()
    do {
        _ = try await retriever.resolve(path)
    } catch let error as PinningError where error.kind == .notFound {
        output.write(Data("Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\n\(error.reason)\n".utf8))
        exit(0)
    }
    output.write(Data("Content-Type: application/octet-stream\r\n\r\n".utf8))
    for try await block in retriever.stream(path) {
        try output.write(contentsOf: block)
    }

default:
    output.write(Data("Status: 405 Method Not Allowed\r\nAllow: GET, POST\r\n\r\n".utf8))
}
