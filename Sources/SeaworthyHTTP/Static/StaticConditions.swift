/// The conditions of a request for a file (RFC 9110, 13).
struct StaticConditions {
    enum Outcome: Equatable {
        case proceed
        /// 304.
        case notModified
        /// 412.
        case failed
    }

    private let tag: String
    /// Seconds since 1970; never later than now (RFC 9110, 8.8.2.1).
    private let modified: Int
    private let now: Int

    init(facts: StaticFile.Facts, now: Int) {
        self.now = now
        tag = facts.opaqueTag
        modified = min(Int(facts.modified / 1_000_000_000), now)
    }

    /// The value of `Last-Modified`.
    var lastModified: String { HTTPDate.text(seconds: modified) }

    /// In the order of RFC 9110, 13.2.2: a tag decides over a time. A time that cannot be read counts as not sent.
    func outcome(_ exchange: HTTPExchange) throws(Problem) -> Outcome {
        if let condition = try exchange.ifMatch() {
            if !condition.matches(strong: tag) { return .failed }
        } else if let time = exchange.header("if-unmodified-since").flatMap({ HTTPDate.seconds($0) }), modified > time {
            return .failed
        }
        if let condition = try exchange.ifNoneMatch() {
            return condition.matches(weak: tag) ? .notModified : .proceed
        }
        if let time = exchange.header("if-modified-since").flatMap({ HTTPDate.seconds($0) }), modified <= time { return .notModified }
        return .proceed
    }

    /// Is the part that the client has one of this very file? `If-Range` (RFC 9110, 13.1.5); without it, any part may be asked for. A time
    /// is good for that only when the file cannot have changed again within its second (8.8.2.2).
    func allowsRange(_ ifRange: String?) -> Bool {
        guard let ifRange else { return true }
        return ifRange == "\"\(tag)\"" || (ifRange == lastModified && modified < now)
    }
}
