// Pins a folder, fails unless the CID is proved, and waits until the service has all of it: pin-folder FOLDER
import Foundation
import W3pin

let folder = URL(fileURLWithPath: CommandLine.arguments[1])

let client = try Client()
let upload = try await client.pinFolder(
    at: folder, options: PinOptions(verify: .require), walk: WalkOptions(exclude: ["*.map"]))
let pin = try await client.waitUntilPinned(upload.id)

print(pin.cid)
