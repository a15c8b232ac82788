/// A bucket, a prefix in it, and how it is reached.
package struct S3Location: Sendable, Equatable {
    package struct Problem: Error, Equatable {
        package let detail: String
    }

    package let bucket: String
    /// Empty, or ends with `/`.
    package let prefix: String
    package let region: String
    let isEncrypted: Bool
    /// Host and port, as they stand in `Host`.
    let endpoint: String
    /// Whether the bucket stands in the path and not before the host.
    let hasBucketInPath: Bool

    /// - Parameters:
    ///   - text: `s3://BUCKET[/PREFIX][?region=…&endpoint=https://HOST[:PORT]&style=path|virtual]`
    ///   - region: where the text names none.
    ///   - endpoint: where the text names none; nil is Amazon's.
    package init(_ text: String, region: String?, endpoint: String?) throws(Problem) {
        guard text.hasPrefix("s3://") else { throw Problem(detail: "must begin with s3://") }
        let parts = text.dropFirst("s3://".count).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let place = parts[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        bucket = String(place[0])
        guard bucket.wholeMatch(of: /[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/) != nil else {
            throw Problem(detail: "names no bucket: 3 to 63 lower-case letters, digits, dots and hyphens, and nothing before an @")
        }
        let path = place.count > 1 ? String(place[1]) : ""
        guard path.wholeMatch(of: /[A-Za-z0-9._\/-]*/) != nil, !path.hasPrefix("/"), !path.contains("//") else {
            throw Problem(detail: "has a prefix with other characters than letters, digits, and . _ - /")
        }
        prefix = path.isEmpty || path.hasSuffix("/") ? path : path + "/"
        let options = try Self.options(parts.count > 1 ? parts[1] : "")
        self.region = options["region"] ?? region ?? "us-east-1"
        guard self.region.wholeMatch(of: /[A-Za-z0-9-]{1,40}/) != nil else { throw Problem(detail: "names a region that is none") }
        let given = options["endpoint"] ?? endpoint
        let base = given ?? "https://s3.\(self.region).amazonaws.com"
        guard let (scheme, host) = Self.address(base) else {
            throw Problem(detail: "names an endpoint that is not http://HOST[:PORT] or https://HOST[:PORT]")
        }
        isEncrypted = scheme == "https"
        hasBucketInPath = options["style"].map { $0 == "path" } ?? (given != nil)
        self.endpoint = hasBucketInPath ? host : "\(bucket).\(host)"
    }

    private static func options(_ text: Substring) throws(Problem) -> [String: String] {
        var options: [String: String] = [:]
        for part in text.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(pair[0])
            guard ["region", "endpoint", "style"].contains(name) else {
                throw Problem(detail: "has a parameter that is none of region, endpoint, style")
            }
            guard pair.count == 2, !pair[1].isEmpty, options.updateValue(String(pair[1]), forKey: name) == nil else {
                throw Problem(detail: "has \(name) without a value, or twice")
            }
        }
        if let style = options["style"], style != "path", style != "virtual" {
            throw Problem(detail: "has a style that is neither path nor virtual")
        }
        return options
    }

    private static func address(_ text: String) -> (scheme: String, host: String)? {
        guard let match = text.wholeMatch(of: /(https?):\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?\/?/) else { return nil }
        let scheme = String(match.1)
        var port = match.3.map(String.init) ?? ""
        // As clients write it into `Host`.
        if port == (scheme == "https" ? ":443" : ":80") { port = "" }
        return (scheme, match.2.lowercased() + port)
    }

    /// The path of an object, or of the bucket, percent-encoded.
    func path(_ key: String?) -> String {
        let object = key.map { S3Signature.encoded($0, keepsSlash: true) } ?? ""
        return hasBucketInPath ? "/\(bucket)\(key == nil ? "" : "/")\(object)" : "/\(object)"
    }

    /// `s3://bucket/prefix`
    package var description: String { "s3://\(bucket)/\(prefix)" }
}

/// Who asks. Printed or reflected it shows nothing.
package struct S3Credentials: Sendable, CustomStringConvertible, CustomReflectable {
    let accessKey: String
    let secretKey: String
    /// Of temporary credentials.
    let sessionToken: String?

    package init(accessKey: String, secretKey: String, sessionToken: String?) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }

    package var description: String { "S3Credentials(redacted)" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
