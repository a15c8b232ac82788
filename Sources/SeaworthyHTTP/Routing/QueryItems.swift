import SeaworthySchema

/// The query of a request target as names and values, in the order in which they were sent.
package enum QueryItems {
    /// More items than this are refused: each costs work later.
    package static let maximumCount = 256

    /// One `name=value`; without a `=` the value is empty.
    package typealias Item = (name: String, value: String)

    /// Parses a raw query (without its `?`), decoding `+` and `%XX` in names and values. Empty pieces between `&` are skipped.
    ///
    /// - Throws: 400 `invalid_encoding` naming the parameter on a bad escape, invalid UTF-8 or U+0000; 400 `too_many_parameters`.
    package static func parse(_ rawQuery: Substring?) throws(Problem) -> [Item] {
        guard let rawQuery, !rawQuery.isEmpty else { return [] }
        var items: [Item] = []
        for piece in rawQuery.utf8.split(separator: UInt8(ascii: "&")) {
            guard items.count < maximumCount else {
                throw .badRequest("There are more than \(maximumCount) query parameters.", code: .tooManyParameters)
            }
            let equals = piece.firstIndex(of: UInt8(ascii: "="))
            let rawName = piece[..<(equals ?? piece.endIndex)]
            let name: String
            do {
                name = try PercentDecoding.decode(Substring(rawName).utf8, plusIsSpace: true)
            } catch {
                throw .badParameter(
                    String(Substring(rawName)), code: .invalidEncoding,
                    detail: "The name of a query parameter cannot be read: \(error.detail).")
            }
            guard let equals else {
                items.append((name, ""))
                continue
            }
            do {
                let rawValue = piece[piece.index(after: equals)...]
                items.append((name, try PercentDecoding.decode(Substring(rawValue).utf8, plusIsSpace: true)))
            } catch {
                throw .badParameter(
                    name, code: .invalidEncoding, detail: "The value of \"\(name)\" cannot be read: \(error.detail).")
            }
        }
        return items
    }
}
