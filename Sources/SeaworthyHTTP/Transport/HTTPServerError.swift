import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Why the server could not listen.
package struct HTTPServerError: Error, Sendable, CustomStringConvertible {
    package struct Code: Sendable, Hashable {
        package let rawValue: String

        package static let addressInUse = Code(rawValue: "address_in_use")
        package static let notPermitted = Code(rawValue: "address_not_permitted")
        package static let addressNotAvailable = Code(rawValue: "address_not_available")
        package static let unknownHost = Code(rawValue: "unknown_host")
        package static let invalidPort = Code(rawValue: "invalid_port")
        package static let listenFailed = Code(rawValue: "listen_failed")
        package static let certificateUnusable = Code(rawValue: "certificate_unusable")

        package static let all: [Code] = [
            addressInUse, notPermitted, addressNotAvailable, unknownHost, invalidPort, listenFailed, certificateUnusable,
        ]
    }

    package let code: Code
    /// What is wrong and what to do, for a person.
    package let description: String

    static func invalidPort(_ port: Int) -> HTTPServerError {
        HTTPServerError(code: .invalidPort, description: "Port \(port) does not exist: a port is a number from 0 to 65535.")
    }

    init(_ fault: TLSFault, in files: TLSFiles) {
        let path = fault.place == .key ? files.key : files.certificate
        self.init(code: .certificateUnusable, description: "«\(path)» \(fault.reason). Fix: \(fault.fix)")
    }

    /// The meaning of an error of the system when listening on `host` and `port`, which is set by `portName`.
    init(listeningOn host: String, port: Int, portName: String = "PORT", error: any Error) {
        let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        if error is SocketAddressError || error is SocketAddressError.UnknownHost {
            self.init(code: .unknownHost, description: "The host \"\(host)\" to listen on is not known. Use an address of this machine.")
            return
        }
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE:
            self.init(
                code: .addressInUse,
                description: "Something else is listening on \(address) already. Stop it, or choose another port with \(portName).")
        case EACCES, EPERM:
            self.init(
                code: .notPermitted,
                description: "Listening on \(address) is not permitted. Ports below 1024 need more rights; choose another with \(portName)."
            )
        case EADDRNOTAVAIL:
            self.init(
                code: .addressNotAvailable,
                description: "\(host) is not an address of this machine. Choose one to listen on with HOST.")
        default:
            self.init(code: .listenFailed, description: "Listening on \(address) failed: \(error).")
        }
    }

    private init(code: Code, description: String) {
        self.code = code
        self.description = description
    }
}
