import Foundation
import Testing

@Suite struct ContractTests {
    /// Runs every scenario of the contract, and writes down what ran and what the package has.
    @Test func everyScenario() async throws {
        let server = try Program("w3pin-scenarios")
        let scenarios = try Scenario.all()
        var ran: [String] = []
        await withTaskGroup(of: (String, [String]).self) { group in
            for (index, scenario) in scenarios.enumerated() {
                if index >= 8, let (id, problems) = await group.next() {
                    note(id, problems, &ran)
                }
                group.addTask { [line = server.line] in
                    do {
                        return (scenario.id, try await scenario.run(server: line))
                    } catch {
                        return (scenario.id, ["it failed: \(error)"])
                    }
                }
            }
            for await (id, problems) in group {
                note(id, problems, &ran)
            }
        }
        #expect(ran.count == scenarios.count)
        let face = Face(surface: try Surface.read(), ran: ran.sorted())
        let folder = repository.appending(path: "target/parity")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try JSONEncoder().encode(face).write(to: folder.appending(path: "swift.json"))
    }

    private func note(_ id: String, _ problems: [String], _ ran: inout [String]) {
        if problems.isEmpty {
            ran.append(id)
        }
        for problem in problems {
            Issue.record("\(id): \(problem)")
        }
    }
}

/// What the parity check reads.
private struct Face: Encodable {
    let surface: Surface
    let ran: [String]
    let skipped: [String: String] = [:]
}
