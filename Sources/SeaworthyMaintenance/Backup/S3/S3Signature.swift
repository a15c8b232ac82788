import Crypto
import FoundationEssentials
import SeaworthySchema

/// Signs requests (AWS Signature Version 4).
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
struct S3Signature: Sendable {
    let credentials: S3Credentials
    let region: String

    /// The headers of a signed request: those given, and what signing adds.
    ///
    /// - Parameters:
    ///   - path: percent-encoded.
    ///   - headers: with `host`, names in lower case.
    ///   - time: microseconds since the epoch.
    func signed(
        _ method: String, path: String, query: [(String, String)], headers: [(String, String)], payload: [UInt8], time: Int64
    ) -> [(String, String)] {
        let stamp = TimeLabel.compact(time)
        let day = String(stamp.prefix(8))
        let digest = SHA256.hash(data: payload).hexadecimal
        var headers = headers + [("x-amz-content-sha256", digest), ("x-amz-date", stamp)]
        if let token = credentials.sessionToken { headers.append(("x-amz-security-token", token)) }
        let sorted = headers.map { ($0.0, Self.trimmed($0.1)) }.sorted { $0.0 < $1.0 }
        let names = sorted.map(\.0).joined(separator: ";")
        let request = [
            method, path, Self.text(of: query), sorted.map { "\($0.0):\($0.1)\n" }.joined(), names, digest,
        ].joined(separator: "\n")
        let scope = "\(day)/\(region)/s3/aws4_request"
        let text = "AWS4-HMAC-SHA256\n\(stamp)\n\(scope)\n\(SHA256.hash(data: Array(request.utf8)).hexadecimal)"
        var key = SymmetricKey(data: Array("AWS4\(credentials.secretKey)".utf8))
        for part in [day, region, "s3", "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        let signature = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key).hexadecimal
        headers.append(
            ("authorization", "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope),SignedHeaders=\(names),Signature=\(signature)")
        )
        return headers
    }

    /// A query as it is signed and sent: encoded, and sorted by name.
    static func text(of query: [(String, String)]) -> String {
        query.map { (encoded($0.0), encoded($0.1)) }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    static func encoded(_ text: String, keepsSlash: Bool = false) -> String {
        guard keepsSlash else { return text.percentEncoded }
        return text.split(separator: "/", omittingEmptySubsequences: false).map { String($0).percentEncoded }.joined(separator: "/")
    }

    private static func trimmed(_ text: String) -> String {
        text.split(separator: " ").joined(separator: " ")
    }
}
