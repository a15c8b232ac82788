import HTTPTypes
package import HummingbirdCore
package import NIOCore

extension Problem {
    /// The `type` member: a stable name under which the code is documented. A URN, since it identifies and does not locate.
    package var type: String { "urn:seaworthy:problem:\(code.rawValue)" }

    /// The problem as `application/problem+json`: `type title status detail code requestId errors`, in this order.
    package func rendered(requestID: String) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(256 + detail.utf8.count + errors.count * 96)
        buffer.writeStaticString("{\"type\":")
        buffer.writeJSONString(type)
        buffer.writeStaticString(",\"title\":")
        buffer.writeJSONString(title)
        buffer.writeStaticString(",\"status\":")
        buffer.writeString(String(status.code))
        buffer.writeStaticString(",\"detail\":")
        buffer.writeJSONString(detail)
        buffer.writeStaticString(",\"code\":")
        buffer.writeJSONString(code.rawValue)
        buffer.writeStaticString(",\"requestId\":")
        buffer.writeJSONString(requestID)
        buffer.writeStaticString(",\"errors\":[")
        for (index, item) in errors.enumerated() {
            if index > 0 {
                buffer.writeStaticString(",")
            }
            buffer.writeStaticString("{\"")
            buffer.writeStaticString(item.location.memberName)
            buffer.writeStaticString("\":")
            buffer.writeJSONString(item.location.value)
            buffer.writeStaticString(",\"code\":")
            buffer.writeJSONString(item.code.rawValue)
            buffer.writeStaticString(",\"detail\":")
            buffer.writeJSONString(item.detail)
            buffer.writeStaticString("}")
        }
        buffer.writeStaticString("]}")
        return buffer
    }

    /// The whole answer. Never stored by a cache: the next request may be right.
    package func response(requestID: String) -> Response {
        var fields = headers
        fields[.contentType] = "application/problem+json"
        fields[.cacheControl] = "no-store"
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: rendered(requestID: requestID)))
    }
}
