import Foundation

// What the native library can't be given, it isn't given: the generated code would end the process.

extension Duration? {
    /// The time in seconds, where it isn't negative.
    func seconds(_ field: String) throws -> TimeInterval? {
        guard let time = self else { return nil }
        guard time >= .zero else {
            throw PinningError.invalidInput(field, "\(field) can't be negative, and it is \(time)")
        }
        // No longer than a century, which is as good as for ever.
        let components = Swift.min(time, .seconds(100 * 365 * 24 * 3600)).components
        return Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}

extension Int? {
    /// The number, where the service can have so many.
    func count<Number: FixedWidthInteger>(_ field: String) throws -> Number? {
        guard let number = self else { return nil }
        guard let count = Number(exactly: number) else {
            throw PinningError.invalidInput(field, "\(field) must be from 0 to \(Number.max), and it is \(number)")
        }
        return count
    }
}

extension Data {
    /// The bytes, where they can cross at once.
    func fitting(_ field: String) throws -> Data {
        guard count <= Int32.max else {
            throw PinningError.invalidInput(
                field, "\(field) holds \(count) bytes, and may hold 2 GiB at most; give it as a file or a stream")
        }
        return self
    }
}

extension URL {
    /// The path of a file or folder of this machine.
    func local(_ field: String = "path") throws -> String {
        guard isFileURL else {
            throw PinningError.invalidInput(field, "\(field) must be a file URL, and its scheme is \(scheme ?? "none")")
        }
        return absoluteURL.path
    }
}
