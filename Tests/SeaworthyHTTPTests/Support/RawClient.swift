import Dispatch

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A client that sends exactly the bytes it is told to, on a thread of its own: nothing here blocks Swift's concurrency.
final class RawClient: @unchecked Sendable {
    struct Failure: Error {
        let description: String
    }

    /// An answer as it came.
    struct Answer: Sendable {
        var status = 0
        var fields: [(name: String, value: String)] = []
        var content: [UInt8] = []
        var body: String { String(decoding: content, as: UTF8.self) }

        subscript(_ name: String) -> String? {
            fields.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    // Protected by `queue`: everything below runs on it.
    private let queue = DispatchQueue(label: "raw client")
    private let descriptor: Int32
    private var received: [UInt8] = []
    private var isClosed = false

    init(port: Int, timeoutSeconds: Int = 30) throws {
        #if canImport(Glibc)
        let stream = Int32(SOCK_STREAM.rawValue)
        #else
        let stream = SOCK_STREAM
        #endif
        descriptor = socket(AF_INET, stream, 0)
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard result == 0 else { throw Failure(description: "connect: \(errno)") }
    }

    private func onQueue<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }

    func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    /// Sends all of it, or as much as the server takes before it closes.
    func send(_ bytes: [UInt8]) async throws {
        try await onQueue { [descriptor] in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Sends and reads the one answer.
    func ask(_ text: String, isHead: Bool = false) async throws -> Answer {
        try await send(text)
        return try await answer(isHead: isHead)
    }

    func answer(isHead: Bool = false) async throws -> Answer {
        try await onQueue { try self.readAnswer(isHead: isHead) }
    }

    /// The head of an answer; its body is read otherwise.
    func head() async throws -> Answer {
        try await onQueue { try self.readHead() }
    }

    /// The next chunk of a chunked body; empty at its end.
    func chunk() async throws -> [UInt8] {
        try await onQueue { try self.readChunk() }
    }

    /// A byte of whatever comes; false when the server has closed.
    func skipByte() async throws -> Bool {
        try await onQueue { [descriptor] in
            var byte: UInt8 = 0
            let count = recv(descriptor, &byte, 1, 0)
            guard count >= 0 || errno == ECONNRESET else { throw Failure(description: "recv: \(errno)") }
            return count > 0
        }
    }

    /// Everything until the server closes.
    func rest() async throws -> String {
        try await onQueue {
            while try self.receive() {}
            defer { self.received = [] }
            return String(decoding: self.received, as: UTF8.self)
        }
    }

    /// Has the server closed, with nothing more to read?
    func isAtEnd() async throws -> Bool {
        try await rest().isEmpty
    }

    func closeWriting() async throws {
        try await onQueue { [descriptor] in _ = shutdown(descriptor, Int32(SHUT_WR)) }
    }

    func close() async throws {
        try await onQueue { self.closeNow() }
    }

    /// Breaks the connection: a reset goes out in place of an end.
    func reset() async throws {
        try await onQueue {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
            self.closeNow()
        }
    }

    deinit {
        closeNow()
    }

    private func closeNow() {
        guard !isClosed else { return }
        isClosed = true
        _ = Glibc.close(descriptor)
    }

    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 {
            guard errno == ECONNRESET || errno == EPIPE else { throw Failure(description: "recv: \(errno)") }
            return false
        }
        received.append(contentsOf: buffer[..<count])
        return count > 0
    }

    private func line() throws -> String {
        while true {
            if let end = received.firstIndex(of: 10) {
                let line = String(decoding: received[..<end], as: UTF8.self)
                received.removeFirst(end + 1)
                return line.hasSuffix("\r") ? String(line.dropLast()) : line.last == "\r\n" ? String(line.dropLast()) : line
            }
            guard try receive() else { throw Failure(description: "closed in a line") }
        }
    }

    private func bytes(_ count: Int) throws -> [UInt8] {
        while received.count < count {
            guard try receive() else { throw Failure(description: "closed in a body") }
        }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    private func readChunk() throws -> [UInt8] {
        let size = Int(try line(), radix: 16) ?? 0
        let chunk = try bytes(size)
        _ = try line()
        return chunk
    }

    private func readHead() throws -> Answer {
        var answer = Answer()
        let start = try line().split(separator: " ")
        guard start.count > 1, start[0] == "HTTP/1.1", let status = Int(start[1]) else { throw Failure(description: "start: \(start)") }
        answer.status = status
        while true {
            let field = try line()
            guard !field.isEmpty else { break }
            let colon = field.firstIndex(of: ":") ?? field.endIndex
            answer.fields.append((String(field[..<colon]), field[colon...].dropFirst().trimmingPrefix(" ").description))
        }
        return answer
    }

    private func readAnswer(isHead: Bool) throws -> Answer {
        var answer = try readHead()
        if isHead || [100, 204, 304].contains(answer.status) { return answer }
        if let length = answer["content-length"].flatMap({ Int($0) }) {
            answer.content = try bytes(length)
        } else if answer["transfer-encoding"] == "chunked" {
            while true {
                let chunk = try readChunk()
                if chunk.isEmpty { break }
                answer.content += chunk
            }
        } else {
            while try receive() {}
            answer.content = received
            received = []
        }
        return answer
    }
}
