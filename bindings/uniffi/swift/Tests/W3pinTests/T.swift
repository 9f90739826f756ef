import Testing
import W3pin
@Test func t() { #expect(PinningError.Kind.allCases.count == 13) }
