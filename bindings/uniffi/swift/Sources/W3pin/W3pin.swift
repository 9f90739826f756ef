internal import W3pinFFI
public func kinds() -> [String] { errorKinds() }
