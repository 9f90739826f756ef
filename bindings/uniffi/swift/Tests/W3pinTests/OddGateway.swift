import Foundation
import Glibc

/// A gateway that answers every request with the same response, and then closes the connection.
final class OddGateway: Sendable {
    let url: URL
    private let socket: Int32

    init(status: String = "200 OK", type: String = "application/vnd.ipld.raw", body: Data, length: Int? = nil) {
        let head = """
            HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(length ?? body.count)\r\n\
            Connection: close\r\n\r\n
            """
        let response = [UInt8](Data(head.utf8) + body)
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { [socket] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                precondition(bind(socket, address, size) == 0 && listen(socket, 64) == 0)
                precondition(getsockname(socket, address, &size) == 0)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        url = URL(string: "http://127.0.0.1:\(port)")!
        Thread.detachNewThread { [socket] in
            while true {
                let connection = accept(socket, nil, nil)
                guard connection >= 0 else { break }
                var buffer = [UInt8](repeating: 0, count: 65536)
                if recv(connection, &buffer, buffer.count, 0) > 0 {
                    _ = send(connection, response, response.count, Int32(MSG_NOSIGNAL))
                }
                shutdown(connection, Int32(SHUT_WR))
                _ = recv(connection, &buffer, buffer.count, 0)
                Glibc.close(connection)
            }
            Glibc.close(socket)
        }
    }

    deinit {
        // The thread closes the socket: it may accept once more, and the number may be another server's by then.
        shutdown(socket, Int32(SHUT_RDWR))
    }
}
