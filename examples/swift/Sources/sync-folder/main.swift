// Keeps a folder pinned under a name, sends it only if it has changed, and prints its CID: sync-folder FOLDER NAME
import Foundation
import W3pin

let folder = URL(fileURLWithPath: CommandLine.arguments[1])
let name = CommandLine.arguments[2]

let client = try Client()
let synced = try await client.syncFolder(at: folder, name: name, options: SyncOptions(keep: 3))

print(synced.cid)
