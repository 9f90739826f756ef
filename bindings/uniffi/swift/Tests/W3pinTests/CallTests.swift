import Testing

@testable import W3pin

/// Tests of a result that arrives just as its call is stopped.
@Suite(.timeLimit(.minutes(1))) struct CallTests {
    @Test func aCancellationAfterTheResponseLosesNoResult() async throws {
        for options in [PinOptions(), PinOptions(progress: { _ in })] {
            let task = Task {
                let call = Call(options)
                let result = try await call.run {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return "pin"
                }
                try await call.ended()
                return result
            }
            #expect(try await task.value == "pin")
        }
    }
}
