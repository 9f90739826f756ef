import Foundation
import Testing

@Suite struct SurfaceTests {
    @Test func everythingPublicIsDocumented() throws {
        let symbols = try Symbol.all()
        #expect(symbols.count > 100)
        for symbol in symbols where !symbol.isDocumented {
            Issue.record("\((symbol.above + [symbol.name]).joined(separator: ".")) has no documentation")
        }
    }
}
