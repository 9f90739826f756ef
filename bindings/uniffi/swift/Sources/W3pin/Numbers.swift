import Foundation

extension Duration {
    /// The time as it crosses; what is longer than 292 years is for ever.
    var crossing: Int64 {
        let (seconds, attoseconds) = components
        let (whole, isTooMuch) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflows) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        guard isTooMuch || overflows else { return sum }
        return seconds < 0 ? .min : .max
    }
}

extension Data {
    /// The bytes, where they are few enough to cross at once; the generated code would end the process.
    func crossing(_ field: String) throws -> Data {
        try checkSize(field, count)
        return self
    }
}

extension [String: Data] {
    /// The files, where they are few enough to cross at once.
    func crossing(_ field: String) throws -> [String: Data] {
        try checkSize(field, reduce(0) { $0 + $1.key.utf8.count + $1.value.count + 8 })
        return self
    }
}

private func checkSize(_ field: String, _ size: Int) throws {
    let most = Int(Int32.max) - 1 << 20
    guard size <= most else {
        throw PinningError.invalidInput(
            field, "\(field) has \(size) bytes, and the most in memory is \(most); give it as a file or a stream")
    }
}

extension URL {
    /// The path of something on this machine's own disk.
    func local(_ field: String) throws -> String {
        guard isFileURL else {
            throw PinningError.invalidInput(
                field, "\(field) must be a file URL, and its scheme is \(scheme ?? "none"); give its bytes or a stream")
        }
        // A URL can't be empty; one of nothing but a relative path may be.
        return relativePath.isEmpty ? "" : absoluteURL.path
    }
}
