#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The address under which clients reach the application.
enum PublicURL {
    /// Without a slash at its end.
    static func canonical(_ text: String, name: String) throws(SettingValue.Refusal) -> String {
        let fix = "write for instance \(name)=https://portal.example.com"
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), ["https", "http"].contains(scheme),
            let host = url.host(), !host.isEmpty, url.user == nil, url.password == nil, url.query == nil, url.fragment == nil,
            !text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value >= 0x7F })
        else {
            throw SettingValue.Refusal("must be a URL of http or https, without a user, a query or a fragment", fix: fix)
        }
        var path = text
        while path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// In lower case.
    static func host(of url: String) -> String? { URL(string: url)?.host()?.lowercased() }

    /// Whether mails and tokens could be read on the way: neither HTTPS nor this machine.
    static func isOpen(_ url: String) -> Bool {
        guard let parsed = URL(string: url), parsed.scheme?.lowercased() != "https" else { return false }
        let host = parsed.host() ?? ""
        return !(host == "localhost" || host.hasPrefix("127.") || host == "::1" || host == "[::1]")
    }
}
