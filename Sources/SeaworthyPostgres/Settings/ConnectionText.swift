import CPostgreSQL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A connection text, as libpq reads it.
/// <https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING>
package enum ConnectionText {
    package enum Problem: Error, Sendable, Equatable {
        /// libpq knows no parameter of this name.
        case unknownParameter(String)
        /// It cannot be read. What libpq says of it is left out, because it may quote a password.
        case unreadable
        /// A port is no number from 1 to 65535. A password with a slash that is not percent-encoded reads as one, so it is not quoted.
        case noPort
    }

    /// Throws unless libpq can read the text. Reaches no server.
    package static func check(_ text: String) throws(Problem) {
        var message: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(text, &message)
        defer {
            PQconninfoFree(options)
            PQfreemem(message)
        }
        if let options {
            guard ports(in: options).allSatisfy(isPort) else { throw .noPort }
            return
        }
        let said = message.map { String(cString: $0) } ?? ""
        // The names of parameters are no secret: `invalid URI query parameter: "schema"`, `invalid connection option "schema"`.
        guard said.contains("parameter") || said.contains("option"), let name = quoted(in: said), isName(name) else { throw .unreadable }
        throw .unknownParameter(name)
    }

    /// Several hosts may have a port each, or all the same; an empty one is the usual.
    private static func ports(in options: UnsafeMutablePointer<PQconninfoOption>) -> [Substring] {
        var option = options
        while let keyword = option.pointee.keyword {
            if strcmp(keyword, "port") == 0, let value = option.pointee.val {
                return String(cString: value).split(separator: ",", omittingEmptySubsequences: false)
            }
            option += 1
        }
        return []
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty
            || text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } && (1...65535).contains(Int(text) ?? 0)
    }

    private static func quoted(in text: String) -> String? {
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.count == 3 ? String(parts[1]) : nil
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 40
            && text.utf8.allSatisfy {
                $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
            }
    }
}
