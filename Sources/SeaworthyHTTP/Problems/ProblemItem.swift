/// One of the errors inside a ``Problem``: where it is, and what it is.
package struct ProblemItem: Sendable, Hashable {
    /// Where in the request the error is.
    package enum Location: Sendable, Hashable {
        /// A JSON pointer (RFC 6901) into the body, such as `/Freight`; the empty pointer is the whole body.
        case pointer(String)
        /// The name of a query or path parameter.
        case parameter(String)
        /// The name of a header field.
        case header(String)

        var memberName: StaticString {
            switch self {
            case .pointer: "pointer"
            case .parameter: "parameter"
            case .header: "header"
            }
        }

        var value: String {
            switch self {
            case .pointer(let value), .parameter(let value), .header(let value): value
            }
        }
    }

    package var location: Location
    package var code: ProblemCode
    package var detail: String

    package init(_ location: Location, code: ProblemCode, detail: String) {
        self.location = location
        self.code = code
        self.detail = detail
    }
}
