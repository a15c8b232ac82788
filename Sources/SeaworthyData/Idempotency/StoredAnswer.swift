import SeaworthySchema

/// An answer as it is kept for a key.
package struct StoredAnswer: Sendable, Equatable {
    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var status: Int
    /// Those that belong to what was done; not those of the request that asked, such as its name or its limits.
    package var headers: [Header]
    package var body: [UInt8]

    package init(status: Int, headers: [Header], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// `[["Location","/v1/orders/1"],…]`
    var headersText: String {
        JSONValue.array(headers.map { .array([.string($0.name), .string($0.value)]) }).compactText
    }

    /// Nil for what ``headersText`` never wrote.
    static func headers(_ text: String) -> [Header]? {
        guard case .array(let pairs)? = try? JSONParser.parse(text) else { return nil }
        var headers: [Header] = []
        for pair in pairs {
            guard case .array(let parts) = pair, parts.count == 2, case .string(let name) = parts[0], case .string(let value) = parts[1]
            else { return nil }
            headers.append(Header(name: name, value: value))
        }
        return headers
    }
}
