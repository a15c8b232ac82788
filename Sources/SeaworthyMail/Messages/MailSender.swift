package import SeaworthySchema

/// Whom mails come from: `MAIL_FROM`, an address, or a name and an address as in `Shop <shop@example.com>`.
package struct MailSender: Sendable, Hashable {
    package struct Problem: Error, Equatable {
        /// Goes on from the setting's name: `has no @`.
        package let detail: String
    }

    /// In bytes of UTF-8.
    package static let maximumNameBytes = 128

    /// What readers see; nil where only the address was given.
    package let name: String?
    package let address: MailAddress

    /// - Parameter text: `a@b`, `<a@b>`, `Name <a@b>` or `"Name" <a@b>`, with `\"` and `\\` within the quotes.
    package init(_ text: String) throws(Problem) {
        guard !MailText.hasControls(text) else { throw Problem(detail: "has a control character") }
        let trimmed = Self.trimmed(text[...])
        guard trimmed.last == ">" else {
            name = nil
            address = try Self.address(trimmed)
            return
        }
        guard let open = trimmed.lastIndex(of: "<") else { throw Problem(detail: "has a > without a <") }
        address = try Self.address(trimmed[trimmed.index(after: open)...].dropLast())
        name = try Self.name(Self.trimmed(trimmed[..<open]))
    }

    private static func address(_ text: Substring) throws(Problem) -> MailAddress {
        do {
            return try MailAddress(String(text))
        } catch {
            throw Problem(detail: "has an address that \(error.detail)")
        }
    }

    private static func name(_ text: Substring) throws(Problem) -> String? {
        var name = String(text)
        if text.first == "\"" {
            guard text.count >= 2, text.last == "\"" else { throw Problem(detail: "has a name with a quote that does not end") }
            name = ""
            var isEscaped = false
            for character in text.dropFirst().dropLast() {
                guard isEscaped || character != "\"" else { throw Problem(detail: "has a quote within the name; write it \\\"") }
                if !isEscaped, character == "\\" {
                    isEscaped = true
                } else {
                    name.append(character)
                    isEscaped = false
                }
            }
            guard !isEscaped else { throw Problem(detail: "has a name with a quote that does not end") }
        } else if text.contains(where: { "<>\"".contains($0) }) {
            throw Problem(detail: "has one of < > \" in the name; put the name into quotes")
        }
        guard name.utf8.count <= maximumNameBytes else { throw Problem(detail: "has a name of more than \(maximumNameBytes) bytes") }
        return name.isEmpty ? nil : name
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
