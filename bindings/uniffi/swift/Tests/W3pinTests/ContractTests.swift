import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct ContractTests {
    /// Runs every scenario of the contract, and reports what ran and what the package has.
    @Test func everyScenario() async throws {
        let server = try Program("w3pin-scenarios")
        let scenarios = try Scenario.all()
        var ran: [String] = []
        await withTaskGroup(of: (String, [String]).self) { group in
            for (index, scenario) in scenarios.filter({ !$0.isAlone }).enumerated() {
                if index >= 8, let (id, problems) = await group.next() {
                    note(id, problems, &ran)
                }
                group.addTask { [line = server.line] in await Self.problems(of: scenario, line) }
            }
            for await (id, problems) in group {
                note(id, problems, &ran)
            }
        }
        for scenario in scenarios where scenario.isAlone {
            let (id, problems) = await Self.problems(of: scenario, server.line)
            note(id, problems, &ran)
        }
        #expect(ran.count == scenarios.count)
        let report = Report(surface: try Surface.read(), ran: ran.sorted())
        let folder = repository.appending(path: "target/parity")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try JSONEncoder().encode(report).write(to: folder.appending(path: "swift.json"))
    }

    private static func problems(of scenario: Scenario, _ server: String) async -> (String, [String]) {
        do {
            return (scenario.id, try await scenario.run(server: server))
        } catch {
            return (scenario.id, ["it failed: \(error)"])
        }
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

/// The report for the parity check.
private struct Report: Encodable {
    let surface: Surface
    let ran: [String]
}
