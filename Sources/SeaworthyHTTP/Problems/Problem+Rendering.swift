import HTTPTypes
package import HummingbirdCore
package import NIOCore
import SeaworthyData
import SeaworthySchema

extension Problem {
    /// The `type` member: a stable name under which the code is documented. A URN, since it identifies and does not locate.
    package var type: String { "urn:seaworthy:problem:\(code.rawValue)" }

    /// The problem as `application/problem+json`: `type title status detail code requestId errors`, in this order.
    package func rendered(requestID: String) -> ByteBuffer {
        var buffer = [UInt8](room: 256 + detail.utf8.count + errors.count * 96)
        buffer.write("{\"type\":")
        buffer.writeQuoted(type)
        buffer.write(",\"title\":")
        buffer.writeQuoted(title)
        buffer.write(",\"status\":")
        buffer.writeVerbatim(String(status.code))
        buffer.write(",\"detail\":")
        buffer.writeQuoted(detail)
        buffer.write(",\"code\":")
        buffer.writeQuoted(code.rawValue)
        buffer.write(",\"requestId\":")
        buffer.writeQuoted(requestID)
        if let index {
            buffer.write(",\"index\":")
            buffer.writeVerbatim(String(index))
        }
        if let lock {
            buffer.write(",\"lock\":")
            buffer.writeVerbatim(lock.compactText)
        }
        buffer.write(",\"errors\":[")
        for (index, item) in errors.enumerated() {
            if index > 0 {
                buffer.write(",")
            }
            buffer.write("{\"")
            buffer.write(item.location.memberName)
            buffer.write("\":")
            buffer.writeQuoted(item.location.value)
            buffer.write(",\"code\":")
            buffer.writeQuoted(item.code.rawValue)
            buffer.write(",\"detail\":")
            buffer.writeQuoted(item.detail)
            buffer.write("}")
        }
        buffer.write("]}")
        return ByteBuffer(bytes: buffer)
    }

    /// The whole answer. Never stored by a cache: the next request may be right.
    package func response(requestID: String) -> Response {
        var fields = headers
        fields[.contentType] = MediaType.problem.fieldValue
        fields[.cacheControl] = "no-store"
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: rendered(requestID: requestID)))
    }
}

extension Problem {
    /// The problem of one operation as that of the batch which it is part of.
    ///
    /// - Parameter member: the member of the operation that its pointers begin in.
    func within(operation index: Int, pointersIn member: String = "/body") -> Problem {
        var problem = self
        let place = "/operations/\(index)"
        problem.index = index
        problem.detail = "Operation \(index): \(detail)"
        problem.errors = errors.map { item in
            var item = item
            switch item.location {
            case .pointer(let pointer): item.location = .pointer("\(place)\(member)\(pointer)")
            case .parameter: item.location = .pointer("\(place)/path")
            case .header(let name): item.location = .pointer("\(place)/headers/\(name)")
            }
            return item
        }
        // The fields are those of an answer to the operation alone.
        problem.headers[.allow] = nil
        return problem
    }
}
