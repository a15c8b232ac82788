import FoundationEssentials
import NIOHTTP1

/// Backups in a bucket of S3 or of what speaks like it. An object appears when its upload is complete.
package struct S3Store: BackupStore {
    private let client: S3Client

    /// - Parameter now: microseconds since the epoch.
    package init(_ location: S3Location, _ credentials: S3Credentials, now: @escaping @Sendable () -> Int64) {
        client = S3Client(location, credentials, now: now)
    }

    package var place: String { client.location.description }

    package func probe() async throws {
        let answer = try await client.send(.GET, key: nil, query: [("list-type", "2"), ("max-keys", "1"), ("prefix", key(""))])
        guard answer.status == 200 else { throw client.refusal(answer, "a list") }
    }

    private func key(_ name: String) -> String { client.location.prefix + name }

    package func list(prefix: String) async throws -> [StoredObject] {
        var objects: [StoredObject] = []
        var token: String?
        repeat {
            var query = [("list-type", "2"), ("encoding-type", "url"), ("prefix", key(prefix))]
            if let token { query.append(("continuation-token", token)) }
            let answer = try await client.send(.GET, key: nil, query: query)
            guard answer.status == 200 else { throw client.refusal(answer, "a list") }
            for content in S3Text.elements("Contents", in: answer.text) {
                let name = S3Text.decoded(S3Text.value("Key", in: content) ?? "").dropFirst(client.location.prefix.count)
                // What lies in folders below is somebody else's.
                guard !name.contains("/"), let bytes = S3Text.value("Size", in: content).flatMap({ Int($0) }) else { continue }
                objects.append(StoredObject(name: String(name), bytes: bytes))
            }
            let isTruncated = S3Text.value("IsTruncated", in: answer.text) == "true"
            token = isTruncated ? S3Text.value("NextContinuationToken", in: answer.text) : nil
        } while token != nil
        return objects
    }

    package func read(_ name: String, maximumBytes: Int) async throws -> [UInt8]? {
        let answer = try await client.send(.GET, key: key(name), headers: [("range", "bytes=0-\(maximumBytes - 1)")])
        switch answer.status {
        case 200, 206: return answer.body
        case 404: return nil
        // An empty object has no range.
        case 416: return []
        default: throw client.refusal(answer, "to read \(name)")
        }
    }

    package func open(_ name: String) async throws -> any ObjectReader {
        let reader = S3Reader(client, key: key(name), name: name)
        try await reader.start()
        return reader
    }

    package func create(_ name: String) async throws -> any ObjectWriter {
        S3Writer(client, key: key(name), name: name)
    }

    package func remove(_ name: String) async throws {
        let answer = try await client.send(.DELETE, key: key(name))
        guard [200, 204, 404].contains(answer.status) else { throw client.refusal(answer, "to remove \(name)") }
    }

    package func removeUnfinished(prefix: String) async throws -> [String] {
        var removed: [String] = []
        var marker: (key: String, upload: String)?
        repeat {
            var query = [("uploads", ""), ("encoding-type", "url"), ("prefix", key(prefix))]
            if let marker { query += [("key-marker", marker.key), ("upload-id-marker", marker.upload)] }
            let answer = try await client.send(.GET, key: nil, query: query)
            // Not everything that speaks like S3 has this list.
            if [405, 501].contains(answer.status) { return removed }
            guard answer.status == 200 else { throw client.refusal(answer, "a list of unfinished uploads") }
            for upload in S3Text.elements("Upload", in: answer.text) {
                guard let key = S3Text.value("Key", in: upload).map(S3Text.decoded), let id = S3Text.value("UploadId", in: upload) else {
                    continue
                }
                _ = try await client.send(.DELETE, key: key, query: [("uploadId", id)])
                removed.append(String(key.dropFirst(client.location.prefix.count)))
            }
            let isTruncated = S3Text.value("IsTruncated", in: answer.text) == "true"
            marker = nil
            if isTruncated, let key = S3Text.value("NextKeyMarker", in: answer.text),
                let id = S3Text.value("NextUploadIdMarker", in: answer.text)
            {
                marker = (S3Text.decoded(key), id)
            }
        } while marker != nil
        return removed
    }
}

/// Reads an object in ranges, the next one while the last is used: each may be asked for again, and none is more than a part.
private actor S3Reader: ObjectReader {
    private static let rangeBytes = 8 << 20

    private let client: S3Client
    private let key: String
    private let name: String
    private var offset = 0
    private var size = 0
    /// The object must stay the one that was opened.
    private var tag = ""
    private var next: Task<[UInt8], any Error>?

    init(_ client: S3Client, key: String, name: String) {
        self.client = client
        self.key = key
        self.name = name
    }

    func start() async throws {
        let answer = try await client.send(.HEAD, key: key)
        if answer.status == 404 {
            throw BackupError(.notFound, "there is no object \(name) in \(client.location.description)", fix: "see: seaworthy backup list")
        }
        guard answer.status == 200, let bytes = answer.headers.first(name: "content-length").flatMap({ Int($0) }) else {
            throw client.refusal(answer, "to read \(name)")
        }
        size = bytes
        tag = answer.headers.first(name: "etag") ?? ""
        fetch()
    }

    private func fetch() {
        guard offset < size else {
            next = nil
            return
        }
        let (start, end) = (offset, min(offset + Self.rangeBytes, size))
        next = Task { [client, key, name, tag] in
            var headers = [("range", "bytes=\(start)-\(end - 1)")]
            if !tag.isEmpty { headers.append(("if-match", tag)) }
            let answer = try await client.send(.GET, key: key, headers: headers)
            guard answer.status == 206, answer.body.count == end - start else { throw client.refusal(answer, "to read \(name)") }
            return answer.body
        }
    }

    func read() async throws -> [UInt8]? {
        guard let next else { return nil }
        let bytes = try await withTaskCancellationHandler {
            try await next.value
        } onCancel: {
            next.cancel()
        }
        offset += bytes.count
        fetch()
        return bytes
    }

    func close() {
        next?.cancel()
        next = nil
    }
}

/// Writes an object: a small one at once, a large one in parts.
private actor S3Writer: ObjectWriter {
    /// The first parts; each two thousandth part doubles it, so that the ten thousand that S3 takes are enough for 496 GiB.
    private static let partBytes = 8 << 20

    private let client: S3Client
    private let key: String
    private let name: String
    private var pending: [UInt8] = []
    private var upload: String?
    private var tags: [String] = []
    private var isOver = false

    init(_ client: S3Client, key: String, name: String) {
        self.client = client
        self.key = key
        self.name = name
    }

    func write(_ bytes: [UInt8]) async throws {
        pending += bytes
        while pending.count >= Self.partBytes << (tags.count / 2000) {
            let count = Self.partBytes << (tags.count / 2000)
            try await sendPart(Array(pending[..<count]))
            pending.removeFirst(count)
        }
    }

    func finish() async throws {
        guard let upload else {
            let answer = try await client.send(.PUT, key: key, body: pending)
            guard answer.status == 200 else { throw client.refusal(answer, "to write \(name)") }
            isOver = true
            return
        }
        if !pending.isEmpty { try await sendPart(pending) }
        pending = []
        let parts = tags.enumerated().map { "<Part><PartNumber>\($0 + 1)</PartNumber><ETag>\(S3Text.escaped($1))</ETag></Part>" }
        let body = "<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>"
        let answer = try await client.send(.POST, key: key, query: [("uploadId", upload)], body: Array(body.utf8))
        // The answer begins before S3 knows whether it went well.
        guard answer.status == 200, S3Text.value("ETag", in: answer.text) != nil else {
            throw client.refusal(answer, "to complete \(name)")
        }
        isOver = true
    }

    private func sendPart(_ bytes: [UInt8]) async throws {
        let upload = try await begin()
        let answer = try await client.send(
            .PUT, key: key, query: [("partNumber", String(tags.count + 1)), ("uploadId", upload)], body: bytes)
        guard answer.status == 200, let tag = answer.headers.first(name: "etag") else { throw client.refusal(answer, "to write \(name)") }
        tags.append(tag)
    }

    private func begin() async throws -> String {
        if let upload { return upload }
        let answer = try await client.send(.POST, key: key, query: [("uploads", "")])
        guard answer.status == 200, let id = S3Text.value("UploadId", in: answer.text) else {
            throw client.refusal(answer, "to write \(name)")
        }
        upload = id
        return id
    }

    func abandon() async {
        guard !isOver, let upload else { return }
        isOver = true
        // Also when the task was cancelled, which would keep the request from being sent.
        await Task { [client, key] in _ = try? await client.send(.DELETE, key: key, query: [("uploadId", upload)]) }.value
    }
}
