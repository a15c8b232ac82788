import HTTPTypes

/// Every route of the server, built once, found by the raw path of a request.
///
/// The path is split at `/` before anything is decoded, so that a key may contain `%2F`. Literal segments win over parameters. An
/// empty segment matches nothing: a trailing or doubled slash is another path.
package struct RouteTable: Sendable {
    /// Why a table could not be built.
    package enum Failure: Error, Equatable {
        /// Two routes answer the same method on the same path.
        case ambiguous(String)
        /// Two routes have the same operation name.
        case repeatedOperation(String)
        /// A path that does not begin with a slash, or has an empty segment.
        case malformed(String)
    }

    enum Match {
        case found(Route, [Substring])
        /// With the template of the path.
        case methodNotAllowed([HTTPRequest.Method], template: String)
        /// An OPTIONS that no route answers itself, on a path with these methods.
        case options([HTTPRequest.Method], template: String)
        case notFound

        var isProbe: Bool { if case .found(let route, _) = self { route.isProbe } else { false } }

        /// What stands for the path where it is told: keys are data of somebody's. Nil where nothing is.
        var template: String? {
            switch self {
            case .found(let route, _): route.path
            case .methodNotAllowed(_, let template), .options(_, let template): template
            case .notFound: nil
            }
        }
    }

    private struct Node {
        var literals: [Substring: Int] = [:]
        var parameter: Int?
        var routes: [Route] = []
        /// Nothing is here, although a parameter beside it would match.
        var isAbsent = false
    }

    /// The routes in the order in which they were given.
    package let routes: [Route]
    private var nodes: [Node] = [Node()]

    /// - Parameter absent: paths that are 404 although a route's parameter would match them.
    package init(_ routes: [Route], absent: [String] = []) throws(Failure) {
        self.routes = routes
        var operations: Set<String> = []
        for route in routes {
            guard operations.insert(route.operation).inserted else { throw .repeatedOperation(route.operation) }
            guard route.path.hasPrefix("/"), route.path == "/" || !("\(route.path)/").contains("//") else {
                throw .malformed(route.path)
            }
            try insert(route)
        }
        for path in absent {
            nodes[place(of: Route(.get, path, operation: path) { _ in throw Problem.notFound() }.segments)].isAbsent = true
        }
    }

    private mutating func insert(_ route: Route) throws(Failure) {
        let node = place(of: route.segments)
        guard !nodes[node].routes.contains(where: { $0.method == route.method }) else {
            throw .ambiguous("\(route.method.rawValue) \(route.path)")
        }
        nodes[node].routes.append(route)
    }

    /// The node of a path, made where it is not there yet.
    private mutating func place(of segments: [Route.Segment]) -> Int {
        var node = 0
        for segment in segments {
            let next = nodes.count
            switch segment {
            case .literal(let text):
                if let known = nodes[node].literals[text] {
                    node = known
                    continue
                }
                nodes[node].literals[text] = next
            case .parameter:
                if let known = nodes[node].parameter {
                    node = known
                    continue
                }
                nodes[node].parameter = next
            }
            nodes.append(Node())
            node = next
        }
        return node
    }

    /// The methods of a path as `Allow` lists them: HEAD goes with GET, OPTIONS with all.
    private static func allowed(_ routes: [Route]) -> [HTTPRequest.Method] {
        var methods: [HTTPRequest.Method] = []
        for route in routes {
            for method in route.method == .get ? [.get, .head] : [route.method] where !methods.contains(method) {
                methods.append(method)
            }
        }
        return methods.contains(.options) ? methods : methods + [.options]
    }

    /// The route of a method and a raw path. HEAD is answered by GET's route where it has none of its own. `OPTIONS *` asks about the
    /// server as a whole (RFC 9110, 9.3.7).
    func match(_ method: HTTPRequest.Method, _ path: Substring) -> Match {
        if method == .options, path == "*" { return .options(Self.allowed(routes), template: "*") }
        var values: [Substring] = []
        let utf8 = path.utf8
        guard utf8.first == UInt8(ascii: "/") else { return .notFound }
        let start = utf8.index(after: utf8.startIndex)
        guard let index = start == utf8.endIndex ? 0 : find(path, from: start, node: 0, values: &values) else { return .notFound }
        let node = nodes[index]
        if let route = node.routes.first(where: { $0.method == method }) {
            return .found(route, values)
        }
        if method == .head, let route = node.routes.first(where: { $0.method == .get }) {
            return .found(route, values)
        }
        guard let template = node.routes.first?.path else { return .notFound }
        let allowed = Self.allowed(node.routes)
        return method == .options ? .options(allowed, template: template) : .methodNotAllowed(allowed, template: template)
    }

    private func find(_ path: Substring, from start: Substring.Index, node: Int, values: inout [Substring]) -> Int? {
        let end = path.utf8[start...].firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
        guard start < end else { return nil }
        let segment = path[start..<end]
        if end == path.endIndex, let literal = nodes[node].literals[segment], nodes[literal].isAbsent { return nil }
        if let literal = nodes[node].literals[segment], let found = descend(path, end: end, node: literal, values: &values) {
            return found
        }
        guard let parameter = nodes[node].parameter else { return nil }
        values.append(segment)
        if let found = descend(path, end: end, node: parameter, values: &values) {
            return found
        }
        values.removeLast()
        return nil
    }

    private func descend(_ path: Substring, end: Substring.Index, node: Int, values: inout [Substring]) -> Int? {
        guard end < path.endIndex else { return nodes[node].routes.isEmpty ? nil : node }
        return find(path, from: path.utf8.index(after: end), node: node, values: &values)
    }
}
