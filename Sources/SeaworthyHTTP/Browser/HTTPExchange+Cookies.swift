import NIOHTTP1

extension HTTPExchange {
    /// The values of a cookie, in the order in which they came.
    ///
    /// Pairs are told apart by semicolons alone (RFC 6265, 5.4): with a comma another cookie's value could bring one along.
    func cookies(_ name: String) -> [Substring] {
        var values: [Substring] = []
        for (field, text) in head.headers where field.isEqualIgnoringASCIICase(to: "cookie") {
            for pair in text.elements(separatedBy: ";") {
                guard pair.utf8.starts(with: name.utf8) else { continue }
                let value = pair.utf8.dropFirst(name.utf8.count)
                if value.first == UInt8(ascii: "=") { values.append(Substring(value.dropFirst())) }
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
