import NIOHTTP1

extension HTTPExchange {
    /// The values of a cookie, in the order in which they came.
    ///
    /// Pairs are told apart by semicolons alone (RFC 6265, 5.4): with a comma another cookie's value could bring one along.
    func cookies(_ name: String) -> [Substring] {
        var values: [Substring] = []
        for (field, text) in head.headers where field.isEqualIgnoringASCIICase(to: "cookie") {
            for pair in text.split(separator: ";") {
                let pair = pair.trimmingOptionalWhitespace()
                guard pair.utf8.count > name.utf8.count, pair.hasPrefix(name) else { continue }
                let value = pair.dropFirst(name.count)
                if value.first == "=" { values.append(value.dropFirst()) }
            }
        }
        return values
    }

    /// The value of a cookie; nil where it was not sent, or twice: nobody knows then whose it is.
    func cookie(_ name: String) -> String? {
        let values = cookies(name)
        return values.count == 1 ? String(values[0]) : nil
    }
}
