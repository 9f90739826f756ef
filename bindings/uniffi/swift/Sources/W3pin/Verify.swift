/// How much proof is needed that the service pinned what was sent.
public struct Verify: RawRepresentable, Sendable, Hashable {
    /// The contract's word.
    public let rawValue: String

    /// Takes a word. One that isn't known is refused by the call that gets it.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// None: no CID is computed.
    public static let off = Verify(rawValue: "off")
    /// The pin says what was proved.
    public static let report = Verify(rawValue: "report")
    /// Anything but a proof is an error.
    public static let require = Verify(rawValue: "require")
}
