// Pins the images of an NFT drop and then their metadata, with two requests in total: pin-drop IMAGES
import Foundation
import W3pin

let images = URL(fileURLWithPath: CommandLine.arguments[1])

// The CID is known before anything is sent, so the metadata can name the images.
let cid = try await previewUpload(of: .path(images)).cid
var metadata: [String: Data] = [:]
for image in try FileManager.default.contentsOfDirectory(at: images, includingPropertiesForKeys: nil) {
    let token = image.deletingPathExtension().lastPathComponent
    let document = ["name": "Token #\(token)", "image": "ipfs://\(cid)/\(image.lastPathComponent)"]
    metadata["\(token).json"] = try JSONEncoder().encode(document)
}

let client = try Client()
_ = try await client.pinFolder(at: images, options: PinOptions(name: "images", verify: .require))
let pin = try await client.pinFolder(metadata, options: PinOptions(name: "metadata", verify: .require))

print("\(pin.ipfsURL)/")
