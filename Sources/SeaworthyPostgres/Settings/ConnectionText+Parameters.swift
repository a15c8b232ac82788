import CPostgreSQL

extension ConnectionText {
    /// The parameters that a connection text gives, by their names; empty for one that cannot be read. Reaches no server.
    package static func parameters(_ text: String) -> [String: String] {
        let options = PQconninfoParse(text, nil)
        defer { PQconninfoFree(options) }
        return values(options)
    }

    /// The database that a connection text leads to: the one it names, or libpq's default for it.
    package static func database(_ text: String) -> String {
        let given = parameters(text)
        if let name = given["dbname"] { return name }
        let options = PQconndefaults()
        defer { PQconninfoFree(options) }
        let defaults = values(options)
        return defaults["dbname"] ?? given["user"] ?? defaults["user"] ?? "postgres"
    }

    /// A connection text with these parameters.
    package static func text(_ parameters: [String: String]) -> String {
        parameters.sorted { $0.key < $1.key }.map { name, value in
            let escaped = value.unicodeScalars.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
            return "\(name)='\(escaped)'"
        }.joined(separator: " ")
    }

    private static func values(_ options: UnsafeMutablePointer<PQconninfoOption>?) -> [String: String] {
        guard var option = options else { return [:] }
        var values: [String: String] = [:]
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }
}
