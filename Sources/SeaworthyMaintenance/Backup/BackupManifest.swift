import Crypto
import FoundationEssentials
import SeaworthySchema

/// What a backup is and holds. Kept beside its data, readable without a key, and sealed: with a key by an HMAC, without one by a SHA-256,
/// which tells damage, though not who did it.
package struct BackupManifest: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case sqlite
        case postgres
    }

    /// What a manifest is refused above.
    static let maximumBytes = 16 << 20
    static let format = 1

    package var id: String
    /// The moment whose state it holds; microseconds since the epoch.
    package var time: Int64
    /// How long making it took, in milliseconds.
    package var duration: Int
    /// Seaworthy's version that made it.
    package var version: String
    package var kind: Kind
    /// The database's name, or the name of its file.
    package var database: String
    /// The version of the database server or library.
    package var databaseVersion: String
    /// What else it takes to make the database anew, by name.
    package var properties: [String: String]
    /// SHA-256 of the schema as the database keeps it; nil when it keeps none.
    package var schemaHash: String?
    /// The last migration that was applied; nil when there is none.
    package var migration: String?
    package var contents: DatabaseContents
    package var isEncrypted: Bool
    /// Hexadecimal.
    var salt: String
    var keyCheck: String
    /// Bytes of the data as stored, and before compression.
    package var storedBytes: Int
    package var plainBytes: Int
    /// SHA-256 of the data as stored.
    var digest: String
    /// Where in the log it was made, so that a restore may go on from it; nil when no log was kept.
    package var log: LogBase?

    // MARK: Text

    private var body: JSONObject {
        func number(_ value: Int) -> JSONValue { .number(String(value)) }
        var object: JSONObject = [
            "format": number(Self.format), "id": .string(id), "time": .string(TimeLabel.text(time)), "microseconds": .number(String(time)),
            "durationMilliseconds": number(duration), "version": .string(version),
            "database": [
                "kind": .string(kind.rawValue), "name": .string(database), "version": .string(databaseVersion),
                "properties": .object(
                    JSONObject(properties.sorted { $0.key < $1.key }.map { JSONObject.Member(name: $0.key, value: .string($0.value)) })),
            ],
            "schemaHash": schemaHash.map(JSONValue.string) ?? .null, "migration": migration.map(JSONValue.string) ?? .null,
            "data": [
                "bytes": number(storedBytes), "plainBytes": number(plainBytes), "sha256": .string(digest), "encrypted": .bool(isEncrypted),
                "salt": .string(salt), "keyCheck": .string(keyCheck),
            ],
            "rows": number(contents.rows), "structure": .string(contents.structure),
        ]
        object.append(
            "tables",
            .array(
                contents.tables.map { ["name": .string($0.name), "rows": number($0.rows), "hash": .string($0.hash)] }))
        if let log { object.append("log", .object(log.object)) }
        return object
    }

    /// The file's bytes.
    func sealed(_ keys: DerivedKeys?) -> [UInt8] {
        Seal.sealed(body, keys)
    }

    /// Reads a manifest and its seal.
    ///
    /// - Throws: ``BackupError`` when it is damaged or of a later version, or when the keys are not its own.
    init(_ bytes: [UInt8], id: String, keys given: BackupKeys?) throws(BackupError) {
        let object = try Self.unchecked(bytes, id: id)
        try self.init(object, id: id)
        guard let salt = [UInt8](hexadecimal: salt), let check = [UInt8](hexadecimal: keyCheck) else { throw Self.damaged(id) }
        try Seal.check(object, try ContainerReader.keys(isEncrypted, salt: salt, check: check, of: given, name: id), name: id)
    }

    /// Reads a manifest to show it, where the keys may be away: what it says is not proven.
    init(unproven bytes: [UInt8], id: String) throws(BackupError) {
        try self.init(Self.unchecked(bytes, id: id), id: id)
    }

    private static func damaged(_ id: String) -> BackupError {
        BackupError(.damaged, "the manifest of \(id) is damaged", fix: "restore another backup")
    }

    private static func unchecked(_ bytes: [UInt8], id: String) throws(BackupError) -> JSONObject {
        guard case .object(let object)? = try? JSONParser.parse(String(decoding: bytes, as: UTF8.self)) else { throw damaged(id) }
        guard case .number(let format)? = object["format"], format == String(Self.format) else {
            throw BackupError(
                .unreadable, "the manifest of \(id) has another format than this version reads (\(Self.format))",
                fix: "restore it with the version of Seaworthy that made it")
        }
        return object
    }

    private init(_ object: JSONObject, id: String) throws(BackupError) {
        let reader = MemberReader(object)
        let database = reader.object("database")
        let data = reader.object("data")
        guard reader.text("id") == id, let time = reader.number("microseconds"), let duration = reader.number("durationMilliseconds"),
            let version = reader.text("version"), let kind = database?.text("kind").flatMap(Kind.init), let name = database?.text("name"),
            let databaseVersion = database?.text("version"), let storedBytes = data?.number("bytes"),
            let plainBytes = data?.number("plainBytes"), let digest = data?.text("sha256"), let salt = data?.text("salt"),
            let keyCheck = data?.text("keyCheck"), case .bool(let isEncrypted)? = data?.object["encrypted"],
            let structure = reader.text("structure"), case .array(let tables)? = object["tables"]
        else { throw Self.damaged(id) }
        (self.id, self.time, self.duration, self.version) = (id, Int64(time), duration, version)
        (self.kind, self.database, self.databaseVersion) = (kind, name, databaseVersion)
        (self.storedBytes, self.plainBytes, self.digest, self.isEncrypted) = (storedBytes, plainBytes, digest, isEncrypted)
        (self.salt, self.keyCheck) = (salt, keyCheck)
        properties = [:]
        for member in database?.object("properties")?.object.members ?? [] {
            if case .string(let text) = member.value { properties[member.name] = text }
        }
        schemaHash = reader.text("schemaHash")
        migration = reader.text("migration")
        var list: [DatabaseContents.Table] = []
        for case .object(let table) in tables {
            let table = MemberReader(table)
            guard let name = table.text("name"), let rows = table.number("rows"), let hash = table.text("hash") else {
                throw Self.damaged(id)
            }
            list.append(DatabaseContents.Table(name: name, rows: rows, hash: hash))
        }
        contents = DatabaseContents(tables: list, structure: structure)
        if let member = reader.object("log") {
            guard let log = LogBase(member) else { throw Self.damaged(id) }
            self.log = log
        }
    }

    init(
        id: String, time: Int64, duration: Int, version: String, kind: Kind, database: String, databaseVersion: String,
        properties: [String: String], schemaHash: String?, migration: String?, contents: DatabaseContents, isEncrypted: Bool, salt: String,
        keyCheck: String, storedBytes: Int, plainBytes: Int, digest: String, log: LogBase? = nil
    ) {
        (self.id, self.time, self.duration, self.version) = (id, time, duration, version)
        (self.kind, self.database, self.databaseVersion, self.properties) = (kind, database, databaseVersion, properties)
        (self.schemaHash, self.migration, self.contents) = (schemaHash, migration, contents)
        (self.isEncrypted, self.salt, self.keyCheck) = (isEncrypted, salt, keyCheck)
        (self.storedBytes, self.plainBytes, self.digest) = (storedBytes, plainBytes, digest)
        self.log = log
    }
}

extension LogBase {
    fileprivate var object: JSONObject {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(salts)
        return [
            "generation": .string(generation.description), "piece": .number(String(piece)), "time": .string(TimeLabel.text(moment)),
            "microseconds": .number(String(moment)), "salts": .string(bytes.hexadecimal), "frame": .number(String(frame)),
        ]
    }

    fileprivate init?(_ reader: MemberReader) {
        guard let generation = reader.text("generation").flatMap(LogGeneration.init(text:)), let piece = reader.number("piece"),
            let moment = reader.number("microseconds"), let salts = reader.text("salts").flatMap([UInt8].init(hexadecimal:)),
            salts.count == 8, let frame = reader.number("frame")
        else { return nil }
        self.init(generation, piece: piece, moment: Int64(moment), salts: salts.bigEndian(UInt64.self, at: 0), frame: frame)
    }
}

/// The members of an object by type.
struct MemberReader {
    let object: JSONObject

    init(_ object: JSONObject) {
        self.object = object
    }

    func text(_ name: String) -> String? {
        if case .string(let text)? = object[name] { text } else { nil }
    }

    func number(_ name: String) -> Int? {
        if case .number(let digits)? = object[name] { Int(digits) } else { nil }
    }

    func object(_ name: String) -> MemberReader? {
        if case .object(let object)? = object[name] { MemberReader(object) } else { nil }
    }
}
