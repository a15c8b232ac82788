/// A mail server and how it is reached: `SMTP_URL`. Printed or reflected it shows neither user nor password.
package struct SMTPLocation: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    package struct Problem: Error, Equatable {
        /// Goes on from the setting's name: `has no host`. Nothing of the value stands in it.
        package let detail: String
        package let fix: String
    }

    package enum Encryption: String, Sendable {
        /// TLS from the first byte (`smtps://`), with a certificate that holds for the host.
        case implicit
        /// STARTTLS, with a certificate that holds for the host; without it there is no mail.
        case required
        /// STARTTLS where the server offers it, with any certificate: who could show a wrong one could as well hide the offer.
        case opportunistic
        /// Clear text.
        case off
    }

    /// Name or address, an IPv6 one without its brackets.
    package let host: String
    package let port: Int
    package let encryption: Encryption
    let user: String?
    let password: String?
    /// Path of a file with the certificates (PEM) of those to trust, in place of the system's.
    let authorities: String?

    /// - Parameter text: `smtp://[user:password@]HOST[:PORT][?tls=required|opportunistic|off][&ca=FILE]`, or the same with `smtps://`,
    ///   which takes no `tls`. The port is 587 for `smtp` and 465 for `smtps` where there is none (RFC 8314). `tls` is `required` unless
    ///   the host is this machine (`localhost`, `127.0.0.0/8`, `::1`), where it is `off`. User, password and values are percent-decoded.
    ///   A user is refused where the password could go over a network in clear text.
    package init(_ text: String) throws(Problem) {
        guard !MailText.hasControls(text), text.utf8.allSatisfy({ $0 < 0x80 && $0 != 0x20 }) else {
            throw Problem(
                detail: "has a space, a control character or one beyond ASCII", fix: "percent-encode it, and write a domain as xn--…")
        }
        guard !text.utf8.contains(UInt8(ascii: "#")) else {
            throw Problem(
                detail: "has a fragment", fix: "take away what stands behind the #, or write %23 where it belongs to the password")
        }
        let isImplicit = text.hasPrefix("smtps://")
        guard isImplicit || text.hasPrefix("smtp://") else {
            throw Problem(detail: "begins neither with smtp:// nor with smtps://", fix: "write smtp://user:password@HOST")
        }
        let parts = text.dropFirst(isImplicit ? "smtps://".count : "smtp://".count).split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let (authority, path) = Self.cut(parts[0], at: "/")
        guard (path ?? "").isEmpty else {
            throw Problem(
                detail: "has a path", fix: "take away what stands behind the host, or write %2F where a / belongs to the password")
        }
        let pieces = authority.split(separator: "@", omittingEmptySubsequences: false)
        guard pieces.count <= 2, let place = pieces.last else {
            throw Problem(detail: "has more than one @", fix: "write %40 where it belongs to the user or the password")
        }
        (user, password) = try pieces.count == 2 ? Self.credentials(pieces[0]) : (nil, nil)
        (host, port) = try Self.address(place, defaultPort: isImplicit ? 465 : 587)
        let options = try Self.options(parts.count > 1 ? parts[1] : "")
        let isLocal = Self.isLoopback(host)
        encryption = try isImplicit ? .implicit : Self.encryption(options["tls"], isLocal: isLocal)
        authorities = options["ca"]
        let isChecked = encryption == .implicit || encryption == .required
        if isImplicit, options["tls"] != nil {
            throw Problem(detail: "has tls, and smtps:// is always encrypted", fix: "leave tls out, or write smtp://")
        }
        if authorities != nil, !isChecked {
            throw Problem(detail: "has ca, and certificates are not checked", fix: "write tls=required, or leave ca out")
        }
        if user != nil, !isChecked, !isLocal {
            throw Problem(
                detail: "has a user, and the password could go over the network in clear text", fix: "write tls=required, or use smtps://")
        }
    }

    private static func cut(_ text: Substring, at separator: Character) -> (before: Substring, behind: Substring?) {
        guard let index = text.firstIndex(of: separator) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }

    private static func credentials(_ text: Substring) throws(Problem) -> (user: String, password: String) {
        let (user, password) = cut(text, at: ":")
        guard let name = decoded(user), let secret = decoded(password ?? "") else {
            throw Problem(
                detail: "has a user or password that is not percent-encoded text",
                fix: "write % as %25, : as %3A, @ as %40, / as %2F and # as %23")
        }
        guard !name.isEmpty else { throw Problem(detail: "has an @ and no user", fix: "write USER:PASSWORD before the @") }
        return (name, secret)
    }

    private static func address(_ text: Substring, defaultPort: Int) throws(Problem) -> (host: String, port: Int) {
        guard let match = text.wholeMatch(of: /(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*)(?::([0-9]*))?/) else {
            throw Problem(detail: "has a host or port that is none", fix: "write HOST or HOST:PORT, with an IPv6 address in brackets")
        }
        guard !match.1.isEmpty else { throw Problem(detail: "has no host", fix: "write it behind smtp:// or behind the @") }
        let host = match.1.first == "[" ? match.1.dropFirst().dropLast() : match.1
        guard let digits = match.2 else { return (host.lowercased(), defaultPort) }
        guard let port = Int(digits), (1...65_535).contains(port) else {
            throw Problem(detail: "has a port that is none", fix: "write a number between 1 and 65535, or leave it out for \(defaultPort)")
        }
        return (host.lowercased(), port)
    }

    private static func options(_ text: Substring) throws(Problem) -> [String: String] {
        var options: [String: String] = [:]
        for part in text.split(separator: "&") {
            let (name, value) = cut(part, at: "=")
            guard name == "tls" || name == "ca" else {
                throw Problem(
                    detail: "has a parameter that is neither tls nor ca",
                    fix: "take it away, or write %3F where a ? belongs to the password")
            }
            guard let value = decoded(value ?? ""), !value.isEmpty, options.updateValue(value, forKey: String(name)) == nil else {
                throw Problem(detail: "has \(name) without a value, or twice", fix: "write \(name)=… once")
            }
        }
        return options
    }

    private static func encryption(_ word: String?, isLocal: Bool) throws(Problem) -> Encryption {
        guard let word else { return isLocal ? .off : .required }
        guard let encryption = Encryption(rawValue: word), encryption != .implicit else {
            throw Problem(detail: "has a tls that is none of required, opportunistic, off", fix: "write tls=required, or leave it out")
        }
        return encryption
    }

    /// nil where an escape is none, or where what comes of it is no UTF-8 or has control characters.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let text = String(validating: bytes, as: UTF8.self), !MailText.hasControls(text) else { return nil }
        return text
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.wholeMatch(of: /127(\.[0-9]{1,3}){3}/) != nil
    }

    /// Host and port as they stand in a URL.
    var authority: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    /// `smtp://HOST:PORT`, without anything secret.
    package var description: String { "\(encryption == .implicit ? "smtps" : "smtp")://\(authority)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
