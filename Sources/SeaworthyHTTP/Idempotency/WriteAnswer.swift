import HTTPTypes
import HummingbirdCore
import NIOCore
import SeaworthyData

/// The answer to a write, as it is sent and as it is kept for an `Idempotency-Key`.
struct WriteAnswer: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    /// Empty for an answer without a body.
    var body = ByteBuffer()

    var response: Response {
        Response(status: status, headers: headers, body: body.readableBytes == 0 ? ResponseBody() : ResponseBody(byteBuffer: body))
    }

    /// Without what every answer gets on its way out, which is of the request that asks.
    var stored: StoredAnswer {
        StoredAnswer(
            status: status.code, headers: headers.map { .init(name: $0.name.rawName, value: $0.value) },
            body: Array(body.readableBytesView))
    }

    init(_ status: HTTPResponse.Status, _ headers: HTTPFields, _ body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer that is given again, and says so.
    init(replaying stored: StoredAnswer) {
        status = HTTPResponse.Status(code: stored.status)
        headers = [:]
        body = ByteBuffer(bytes: stored.body)
        for header in stored.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            headers.append(HTTPField(name: name, value: header.value))
        }
        headers[.idempotencyReplayed] = "true"
    }
}
