import Crypto
import Foundation
import NIOHTTP1
import SeaworthySQL
import SeaworthySQLite
import SeaworthyStorage
import Testing

@testable import SeaworthyMaintenance

/// The examples of <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>.
@Suite struct `The signature of S3 requests` {
    private static let signature = S3Signature(
        credentials: S3Credentials(
            accessKey: "AKIAIOSFODNN7EXAMPLE",  // not-a-secret: Amazon's own example
            secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", sessionToken: nil), region: "us-east-1")
    private static let host = ("host", "examplebucket.s3.amazonaws.com")

    private func signature(
        _ method: String, _ path: String, query: [(String, String)] = [], headers: [(String, String)] = [], payload: String = ""
    ) -> String? {
        let signed = Self.signature.signed(
            method, path: path, query: query, headers: headers + [Self.host], payload: Array(payload.utf8),
            time: microseconds("2013-05-24T00:00:00Z"))
        return signed.first { $0.0 == "authorization" }?.1.split(separator: "Signature=").last.map(String.init)
    }

    @Test func `is that of Amazon's examples`() {
        #expect(
            signature("GET", "/test.txt", headers: [("range", "bytes=0-9")])
                == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
        #expect(
            signature(
                "PUT", "/test%24file.text",
                headers: [("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
                payload: "Welcome to Amazon S3.")
                == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
        #expect(signature("GET", "/", query: [("lifecycle", "")]) == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
        #expect(
            signature("GET", "/", query: [("max-keys", "2"), ("prefix", "J")])
                == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test func `names the credentials' scope and the headers it covers, and a session's token`() {
        let temporary = S3Signature(
            credentials: S3Credentials(accessKey: "id", secretKey: "key", sessionToken: "token"), region: "eu-central-1")
        let headers = temporary.signed(
            "GET", path: "/", query: [], headers: [("host", "h"), ("range", "bytes=0-1")], payload: [],
            time: microseconds("2026-11-25T00:00:00Z"))
        let text = headers.first { $0.0 == "authorization" }?.1 ?? ""
        #expect(text.hasPrefix("AWS4-HMAC-SHA256 Credential=id/20261125/eu-central-1/s3/aws4_request,"))
        #expect(text.contains("SignedHeaders=host;range;x-amz-content-sha256;x-amz-date;x-amz-security-token,"))
        #expect(headers.contains { $0 == ("x-amz-security-token", "token") })
        #expect("\(temporary.credentials)" == "S3Credentials(redacted)" && !String(reflecting: temporary).contains("key"))
    }

    @Test func `encodes names as Amazon does`() {
        #expect(S3Signature.encoded("a b/ü+~") == "a%20b%2F%C3%BC%2B~")
        #expect(S3Signature.encoded("a b/c", keepsSlash: true) == "a%20b/c")
        #expect(S3Signature.text(of: [("b", "2"), ("a", "x y"), ("a", "")]) == "a=&a=x%20y&b=2")
    }
}

@Suite struct `The place of an S3 bucket` {
    @Test(arguments: [
        ("s3://my-bucket", "https://my-bucket.s3.us-east-1.amazonaws.com/k", ""),
        ("s3://my-bucket/a/b?region=eu-central-1", "https://my-bucket.s3.eu-central-1.amazonaws.com/k", "a/b/"),
        ("s3://my-bucket/a/?endpoint=http://127.0.0.1:9000", "http://127.0.0.1:9000/my-bucket/k", "a/"),
        ("s3://my-bucket?endpoint=https://s3.example.com:443&style=virtual", "https://my-bucket.s3.example.com/k", ""),
        ("s3://my-bucket?style=path", "https://s3.us-east-1.amazonaws.com/my-bucket/k", ""),
    ]) func `is read from a URL`(text: String, address: String, prefix: String) throws {
        let location = try S3Location(text, region: nil, endpoint: nil)
        #expect("\(location.isEncrypted ? "https" : "http")://\(location.endpoint)\(location.path("k"))" == address)
        #expect(location.prefix == prefix && location.description == "s3://my-bucket/\(prefix)")
    }

    @Test func `takes region and endpoint from outside unless it names them`() throws {
        let outside = try S3Location("s3://bucket", region: "eu-west-1", endpoint: "http://localhost:9000/")
        #expect(outside.region == "eu-west-1" && outside.endpoint == "localhost:9000" && outside.path(nil) == "/bucket")
        let inside = try S3Location("s3://bucket?region=a&endpoint=https://b", region: "eu-west-1", endpoint: "http://localhost:9000")
        #expect(inside.region == "a" && inside.endpoint == "b")
    }

    @Test(arguments: [
        "https://bucket", "s3://", "s3://Bucket", "s3://ab", "s3://user:secret@bucket", "s3://bucket//a", "s3://bucket/a b",
        "s3://bucket?x=1",
        "s3://bucket?region=", "s3://bucket?region=a&region=b", "s3://bucket?region=a/b", "s3://bucket?style=dns",
        "s3://bucket?endpoint=ftp://a",
        "s3://bucket?endpoint=http://a/b", "s3://bucket?endpoint=http://u:secret@a",
    ]) func `refuses what is none, and quotes nothing of it`(text: String) {
        let problem = #expect(throws: S3Location.Problem.self) { try S3Location(text, region: nil, endpoint: nil) }
        #expect(problem?.detail.contains("secret") == false)
    }
}

@Suite struct `Backups in S3` {
    private func with(
        prefix: String = "some/prefix", _ body: (S3Store, S3Client) async throws -> Void
    ) async throws {
        let (store, client) = try await S3Server.running().makeStore(prefix: prefix)
        try await body(store, client)
    }

    private func all(_ reader: any ObjectReader) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await reader.read() { bytes += piece }
        await reader.close()
        return bytes
    }

    @Test(arguments: [0, 1, 1 << 20, 8 << 20, (20 << 20) + 17])
    func `objects of every size come back as they were, in parts where they are large`(count: Int) async throws {
        try await with { store, client in
            let bytes = [UInt8].random(min(count, 4096))
            let content = Array((0..<(count / 4096 + 1)).flatMap { _ in bytes }.prefix(count))
            let writer = try await store.create("object")
            for start in stride(from: 0, to: content.count, by: 3_000_000) {
                try await writer.write(Array(content[start..<min(start + 3_000_000, content.count)]))
            }
            #expect(try await store.list(prefix: "").isEmpty)
            try await writer.finish()
            #expect(try await store.list(prefix: "ob") == [StoredObject(name: "object", bytes: count)])
            #expect(try await all(try await store.open("object")) == content)
            #expect(try await store.read("object", maximumBytes: 10) == Array(content.prefix(10)))
            // What is finished stays when it is given up afterwards.
            await writer.abandon()
            #expect(try await store.list(prefix: "").count == 1)
            try await store.remove("object")
            try await store.remove("object")
            #expect(try await store.list(prefix: "").isEmpty)
            #expect(try await store.read("object", maximumBytes: 10) == nil)
            await #expect(throws: BackupError.self) { try await store.open("object") }
        }
    }

    @Test func `a list goes on over as many pages as it takes, and leaves out other folders`() async throws {
        try await with(prefix: "") { store, client in
            for number in 0..<1003 {
                #expect(try await client.send(.PUT, key: "n&<\(number)", body: [1, 2]).status == 200)
            }
            _ = try await client.send(.PUT, key: "folder/n", body: [1])
            let list = try await store.list(prefix: "")
            #expect(list.count == 1003 && Set(list.map(\.name)).contains("n&<1002") && list.allSatisfy { $0.bytes == 2 })
            #expect(try await store.list(prefix: "n&<10").count == 14)
        }
    }

    @Test func `an upload that was given up, or whose process was killed, leaves nothing`() async throws {
        try await with { store, client in
            let large = [UInt8](repeating: 7, count: 9 << 20)
            let given = try await store.create("a-given")
            try await given.write(large)
            await given.abandon()
            // Never finished, never given up: as after SIGKILL.
            let killed = try await store.create("a-killed")
            try await killed.write(large)
            let other = try await store.create("b-other")
            try await other.write(large)
            #expect(try await store.list(prefix: "").isEmpty)
            #expect(try await store.removeUnfinished(prefix: "a-") == ["a-killed"])
            #expect(try await store.removeUnfinished(prefix: "a-") == [])
            await #expect(throws: BackupError.self) { try await killed.finish() }
            try await other.finish()
            #expect(try await store.list(prefix: "").map(\.name) == ["b-other"])
        }
    }

    @Test(arguments: ["refuses-2", "breaks-2"])
    func `a request that fails is sent again`(name: String) async throws {
        try await with { store, client in
            let large = [UInt8](repeating: 7, count: 17 << 20)
            let writer = try await store.create(name)
            try await writer.write(large)
            try await writer.finish()
            #expect(try await all(try await store.open(name)) == large)
            #expect(try await store.list(prefix: "").count == 1)
        }
    }

    @Test func `a server that always fails is given up, with what it said`() async throws {
        try await with { store, client in
            let refusing = await backupError { _ = try await store.read("refuses-99", maximumBytes: 1) }
            #expect(refusing?.code == .storeFailed)
            #expect(refusing?.message.contains("SlowDown") == true)
            let breaking = await backupError { _ = try await store.read("breaks-99", maximumBytes: 1) }
            #expect(breaking?.code == .storeFailed)
        }
    }

    @Test func `a bucket that is not there is named, and so is a server`() async throws {
        let endpoint = try await S3Server.running().endpoint
        let store = S3Store(try S3Location("s3://no-such-bucket/x", region: nil, endpoint: endpoint), S3Server.credentials) { 0 }
        let error = await backupError { _ = try await store.list(prefix: "") }
        #expect(error?.code == .storeFailed && error?.description.contains("NoSuchBucket") == true)
        #expect(error?.fix == "make the bucket, or correct BACKUP_S3_URL")
        let nowhere = S3Store(try S3Location("s3://no-such-bucket/x", region: nil, endpoint: "http://127.0.0.1:1"), S3Server.credentials) {
            0
        }
        let unreachable = await backupError { _ = try await nowhere.list(prefix: "") }
        #expect(unreachable?.message.hasPrefix("127.0.0.1:1 does not answer") == true)
    }

    @Test func `the log is stored there, each piece in one request, and applied from there`() async throws {
        try await with { store, client in
            let shipped = try ShippedFile(keys: BackedUpFile.key("a"), place: store, checkpointFrames: 100_000)
            try await shipped.file.write("CREATE TABLE t (a integer PRIMARY KEY, b blob)")
            try await shipped.start()
            try await shipped.ship()
            let database = try shipped.database
            try await database.transaction(.write) {
                // One transaction that is more than a piece.
                _ = try await $0.execute(Statement("INSERT INTO t VALUES (1, randomblob(15000000)), (2, 'x')"))
            }
            try await shipped.ship()
            let pieces = try await shipped.pieces
            #expect(pieces.map(\.endsCommit) == [false, false, false, true])
            let contents = try await shipped.contents()
            #expect(try await shipped.restored(.latest).0 == contents)
            #expect(try await shipped.backups().verify(nil).reached?.pieces == 3)
            try await shipped.stop()
        }
    }

    @Test func `backups are made, verified, restored and pruned there`() async throws {
        try await with { store, client in
            let file = try BackedUpFile()
            try await file.write(
                "CREATE TABLE t (a integer PRIMARY KEY, b blob)", "INSERT INTO t VALUES (1, randomblob(12000000)), (2, 'x')")
            let backups = file.backups(BackedUpFile.key("a"), store: store)
            let first = try await backups.create()
            #expect(first.storedBytes > 12_000_000)
            _ = try await backups.verify(nil)
            file.advance(seconds: 3 * 86_400)
            let second = try await backups.create()
            #expect(try await backups.list().map(\.id) == [second.id, first.id])
            _ = try await backups.verify(nil)
            #expect(try await backups.prune().backups == [first.id])
            #expect(try await store.list(prefix: "").count == 3)
            let other = file.backups(BackedUpFile.key("a"), path: "\(file.folder)/other.db", store: store)
            _ = try await other.restore(nil, options: RestoreOptions(), compares: true)
            #expect(try await file.numbers("\(file.folder)/other.db") == [1, 2])
        }
    }
}
