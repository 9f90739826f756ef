import Foundation
import Glibc

/// `POLLRDHUP`, which Glibc's module lacks.
private let peerClosed: Int16 = 0x2000

/// A server that takes a connection and never answers, and says when the connection ends.
final class SilentServer: Sendable {
    let port: UInt16
    /// Set when a connection was made.
    let connected = Signal<Void>()
    /// Set when the first connection ends, to the bytes that came over it.
    let ended = Signal<Int>()
    private let socket: Int32

    /// - Parameter reads: Whether it reads what is sent, or lets it wait.
    init(reads: Bool) {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        port = withUnsafeMutablePointer(to: &address) { [socket] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                precondition(bind(socket, address, length) == 0 && listen(socket, 8) == 0)
                precondition(getsockname(socket, address, &length) == 0)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        Thread.detachNewThread { [socket, connected, ended] in
            let connection = accept(socket, nil, nil)
            guard connection >= 0 else { return }
            Task { await connected.set(()) }
            var total = 0
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                if !reads {
                    // Only the end is looked at: what was sent stays unread.
                    var poll = pollfd(fd: connection, events: peerClosed, revents: 0)
                    Glibc.poll(&poll, 1, -1)
                    break
                }
                let count = recv(connection, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                total += count
            }
            Glibc.close(connection)
            Task { [total] in await ended.set(total) }
        }
    }

    var url: URL { URL(string: "http://127.0.0.1:\(port)")! }

    var endpoint: String { "\(url)/api/pinning" }

    deinit {
        shutdown(socket, Int32(SHUT_RDWR))
        Glibc.close(socket)
    }
}
