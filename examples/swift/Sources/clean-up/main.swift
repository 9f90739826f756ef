// Lists the pins of a stage, such as `draft`, and unpins them: clean-up STAGE
import Foundation
import W3pin

let stage = CommandLine.arguments[1]

let client = try Client()
var ids: [Pin.ID] = []
for try await pin in client.pins(ListOptions(pinned: .pinned, keyvalues: ["stage": stage])) {
    print(pin.id, pin.cid, pin.name ?? "")
    ids.append(pin.id)
}

for try await completed in client.unpinManyAsCompleted(ids) {
    if case .failure(let error) = completed.result {
        let line = "\(ids[completed.index]) can't be unpinned: \(error.localizedDescription)\n"
        FileHandle.standardError.write(Data(line.utf8))
    }
}
