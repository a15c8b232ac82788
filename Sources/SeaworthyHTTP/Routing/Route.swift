package import HTTPTypes
package import HummingbirdCore

/// One operation of the server: a method on a path, and what answers it.
package struct Route: Sendable {
    /// What answers a request. A thrown ``Problem`` is the answer; other errors go through the pipeline's mapping.
    ///
    /// Runs on the event loop of the connection: it may await, it must never block.
    package typealias Handler = @Sendable (HTTPExchange) async throws -> Response

    package let method: HTTPRequest.Method
    /// Such as `/v1/orders/{key}`: `{…}` stands for one whole segment, which is not empty.
    package let path: String
    /// The name of the operation, unique in a table: `operationId` in OpenAPI.
    package let operation: String
    /// Whether it is asked who makes a request.
    package enum Identification: Sendable {
        /// Whoever sends credentials has to be known by them.
        case asked
        /// Credentials are passed over: what is told or done is the same for everybody.
        case none
    }

    package let identification: Identification
    /// As what it is counted against the limits of its caller.
    package enum Counting: Sendable {
        /// Like all else: of an entity, or nil.
        case standard(entity: String?)
        /// A list, which goes out whole in some media types.
        case list(entity: String)
        case importing(entity: String)
        /// An attempt to sign in.
        case signIn
    }

    package let counting: Counting
    /// Asked by those who keep the server running, from beside it: also past a proxy, in clear, and uncounted.
    package let isProbe: Bool
    package let handler: Handler
    /// The names within `{…}`, in order.
    package let parameterNames: [String]
    let segments: [Segment]
    /// Whether what it does with accounts is told in the log of security events.
    let actsOnAccounts: Bool

    enum Segment: Hashable, Sendable {
        case literal(Substring)
        case parameter
    }

    package init(
        _ method: HTTPRequest.Method, _ path: String, operation: String, identification: Identification = .asked,
        counting: Counting = .standard(entity: nil),
        isProbe: Bool = false,
        handler: @escaping Handler
    ) {
        self.identification = identification
        self.counting = counting
        self.isProbe = isProbe
        self.method = method
        self.path = path
        self.operation = operation
        // Also of what only reads: finishing a sign-in with a provider is a GET.
        actsOnAccounts = RouteGroup(path: path[...]) == .auth
        self.handler = handler
        var names: [String] = []
        self.segments = path.split(separator: "/").map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return .literal(segment) }
            names.append(String(segment.dropFirst().dropLast()))
            return .parameter
        }
        self.parameterNames = names
    }
}

/// The segments of a request's path that stand where its route has `{…}`, as they were sent: not percent-decoded.
package struct PathParameters: Sendable {
    private let names: [String]
    private let values: [Substring]

    init(names: [String], values: [Substring]) {
        self.names = names
        self.values = values
    }

    package init() {
        self.init(names: [], values: [])
    }

    /// The raw segment of the parameter `name`; split composite keys at their commas first, then ``percentDecoded(_:parameter:)``.
    package subscript(_ name: String) -> Substring? {
        names.firstIndex(of: name).map { values[$0] }
    }
}
