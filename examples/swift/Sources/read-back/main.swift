// Fetches a file or folder and checks every block against its CID: read-back CID DESTINATION
//
// Run it again to resume.
import Foundation
import W3pin

let cid = CommandLine.arguments[1]
let destination = URL(fileURLWithPath: CommandLine.arguments[2])

let retriever = try Client().retriever()
let fetched = try await retriever.fetch(cid, to: destination)

print("\(fetched.files) files, \(fetched.bytes) bytes, \(fetched.bytesFetched) of them fetched")
