// Pins a file and shows the progress of the upload: pin-file FILE
import Foundation
import W3pin

let file = URL(fileURLWithPath: CommandLine.arguments[1])

let client = try Client()
let options = PinOptions(progress: { progress in
    let line = "\r\(progress.bytesSent) of \(progress.bytesTotal ?? 0) bytes"
    FileHandle.standardError.write(Data(line.utf8))
})
let pin = try await client.pinFile(at: file, options: options)

FileHandle.standardError.write(Data("\n".utf8))
print(pin.cid)
