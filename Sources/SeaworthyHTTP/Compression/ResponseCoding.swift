import HTTPTypes

/// Whether an answer's body is compressed, and what that does to its fields.
///
/// An attacker who sees only lengths can learn what stands in a compressed body beside text of his own (BREACH, 2013). So a secret never
/// goes into a compressible body together with what the request said.
struct ResponseCoding {
    /// A shorter body stays as it is: it fits into one packet with its head either way.
    static let minimumBytes = 1400

    enum Decision: Equatable {
        case plain
        /// Compressed if that makes it shorter.
        case gzip
        /// Compressed even if that makes it longer: the client takes nothing else.
        case gzipOnly
    }

    private let acceptEncoding: String?

    init(acceptEncoding: String?) {
        self.acceptEncoding = acceptEncoding
    }

    /// Decides, and adds `Vary: Accept-Encoding` where another client might get another coding.
    ///
    /// - Parameter length: Of the plain body; nil when it is not known yet.
    func decide(status: HTTPResponse.Status, length: Int?, fields: inout HTTPFields) -> Decision {
        // A part of a body (206) has the coding of the whole, which is not compressed.
        guard length != 0, status.code != 204, status.code != 206, status.code / 100 != 1, fields[.contentEncoding] == nil else {
            return .plain
        }
        let mayShrink =
            length ?? .max >= Self.minimumBytes && fields[.contentType].map { MediaType(fieldValue: $0).isCompressible } ?? false
        if mayShrink {
            fields.addVary("Accept-Encoding")
        }
        // Only weights can refuse the plain body, so that the field is not read for nothing.
        guard let acceptEncoding, mayShrink || acceptEncoding.utf8.contains(UInt8(ascii: ";")) else { return .plain }
        switch AcceptedCoding(acceptEncoding) {
        case .identity: return .plain
        case .gzip: return mayShrink ? .gzip : .plain
        case .gzipOnly:
            fields.addVary("Accept-Encoding")
            return .gzipOnly
        }
    }

    /// The fields of a compressed body. It is another representation, so it has another strong tag (RFC 9110, 8.8.3.3); and ranges are
    /// ranges of the plain one.
    static func markCompressed(_ fields: inout HTTPFields) {
        fields[.contentEncoding] = "gzip"
        fields[.contentLength] = nil
        if let tag = fields[.eTag], tag.hasPrefix("\"") {
            fields[.eTag] = "\(tag.dropLast())\(EntityTagCondition.compressedSuffix)\""
        }
    }

    /// The fields of a 304: the tag that the client has, compressed or not, and the `Vary` that the 200 would have (RFC 9110, 15.4.5).
    static func completeNotModified(_ fields: inout HTTPFields, ifNoneMatch: String?) {
        guard let tag = fields[.eTag] else { return }
        fields.addVary("Accept-Encoding")
        if tag.hasPrefix("\""), let ifNoneMatch, let condition = EntityTagCondition(ifNoneMatch) {
            fields[.eTag] = condition.matching(weak: String(tag.dropFirst().dropLast())) ?? tag
        }
    }
}
