import Testing
import W3pin
@Test func t() { #expect(kinds().count == 13) }
