package import NIOCore
import SeaworthyQuery
import SeaworthySQL
package import SeaworthySchema
import SeaworthyStorage

/// The records of one entity, as callers reach them: every operation checks access, validates, runs and answers with bytes.
package final class RecordCollection: Sendable {
    package let entity: Entity
    /// The entity's position in the schema.
    let position: Int
    let schema: Schema
    let database: any Database
    let dialect: any Dialect
    let cursors: CursorCipher
    let cache: StatementCache
    let statements: RecordStatements
    /// The references between all entities, for what a write has to ask of the others.
    let links: RecordStore.Links
    let valueEncoder: ValueEncoder
    private let callers: CallerAccessCache

    init(
        _ position: Int, of schema: Schema, database: any Database, dialect: any Dialect, cursors: CursorCipher, cache: StatementCache,
        links: RecordStore.Links, callers: CallerAccessCache
    ) {
        entity = schema.entities[position]
        self.position = position
        self.schema = schema
        self.database = database
        self.dialect = dialect
        self.cursors = cursors
        self.cache = cache
        self.links = links
        self.callers = callers
        statements = RecordStatements(position, in: schema.entities, dialect: dialect)
        valueEncoder = ValueEncoder(entity)
    }

    func access(of caller: Caller) -> CallerAccess { callers.access(of: caller) }

    /// Whether a caller may know of the field.
    package func isVisible(_ field: Int, to caller: Caller = .anonymous) -> Bool {
        access(of: caller).entities[position].isVisible[field]
    }

    /// Whether some role sees the field.
    package func isOffered(field: Int) -> Bool {
        entity.access.roles.contains { !$0.hidden.contains(field) }
    }

    /// What can be done with records.
    package enum Operation: Sendable, CaseIterable {
        case read, create, update, delete
    }

    /// Whether a caller may do this to some record. Changing one takes the right to read it as well.
    package func allows(_ operation: Operation, to caller: Caller = .anonymous) -> Bool {
        let access = access(of: caller).entities[position]
        return switch operation {
        case .read: access.read.allowsReading
        case .create: !entity.isReadOnly && access.allows(.create)
        case .update: !entity.isReadOnly && access.read.allowsReading && access.allows(.update)
        case .delete: !entity.isReadOnly && access.read.allowsReading && access.allows(.delete)
        }
    }

    /// Whether some role may do this to some record.
    package func isOffered(_ operation: Operation) -> Bool {
        guard operation == .read || !entity.isReadOnly else { return false }
        return entity.access.roles.contains { role in
            switch operation {
            case .read: role.read != .never
            case .create: role.create != .never
            case .update: role.update != .never
            case .delete: role.delete != .never
            }
        }
    }

    // MARK: Reading

    /// One record as `{"data":{…}}`.
    ///
    /// - Parameter items: the query's parameters, decoded.
    package func read(key: [String], query items: [(name: String, value: String)], as caller: Caller = .anonymous) async throws
        -> ByteBuffer
    {
        let access = access(of: caller)
        try requireRead(access)
        let projection = try ListRequestParser.parseProjection(items, at: position, model: access.model)
        let key = try self.key(key)
        let plan = ListPlan(request(for: key, projection), model: access.model, start: .first)
        let reader = PageReader(
            RecordEncoder(plan.layout, schema.entities), limit: 1, positionColumns: [], lists: plan.layout.children.count,
            opening: "{\"data\":")
        let statement = cache.statement(entity: entity.name, plan.shape) { plan.sql(dialect) }
        guard projection.hasLists else {
            let page = try await database.query(statement, into: reader)
            guard page.rows == 1 else { throw notFound }
            var body = page.records.bytes
            body.write("}")
            return body
        }
        return try await database.transaction(.read) { [self] transaction in
            var page = try await transaction.query(statement, into: reader)
            guard page.rows == 1 else { throw notFound }
            var loader = IncludeLoader(schema.entities, dialect: dialect, cache: cache, transaction: transaction)
            try await loader.load(plan.layout, into: &page.records)
            var body = page.records.whole
            if !loader.truncated.isEmpty {
                body.write(",\"meta\":{")
                Self.write(truncated: loader.truncated, into: &body)
                body.write("}")
            }
            body.write("}")
            return body
        }
    }

    private func request(for key: [Value], _ projection: Projection) -> ListRequest {
        let conditions = zip(entity.key, key).map { Filter.compare(field: FieldPath($0), .equals, .value($1)) }
        return ListRequest(
            filter: conditions.count == 1 ? conditions[0] : .all(conditions), projection: projection, limit: 1)
    }

    static func write(truncated: [String], into buffer: inout ByteBuffer) {
        buffer.write("\"truncated\":[")
        for (index, path) in truncated.enumerated() {
            if index > 0 { buffer.write(",") }
            buffer.writeQuoted(path)
        }
        buffer.write("]")
    }

    /// The key's values from the parts of the path.
    func key(_ parts: [String]) throws -> [Value] {
        guard parts.count == entity.key.count else {
            let names = entity.keyFields.map(\.name).joined(separator: ",")
            throw RecordError(.invalidKey, "The key of \(entity.name) has \(entity.key.count) part(s): \(names).")
        }
        return try zip(entity.keyFields, parts).map { field, part in
            do throws(ValueProblem) {
                return try field.type.value(fromText: part)
            } catch {
                throw RecordError(.invalidKey, "The key part \(field.name) \(error.detail).")
            }
        }
    }

    var notFound: RecordError {
        RecordError(.notFound, "There is no such \(entity.name).")
    }

    // MARK: Access

    /// Throws unless the caller may read some record.
    func requireRead(_ access: CallerAccess) throws {
        guard !access.entities[position].read.allowsReading else { return }
        throw refused("read", access)
    }

    /// Throws unless the caller may do this to some record at all.
    func require(_ writing: EntityAccess.Writing, to action: String, _ access: CallerAccess) throws {
        guard !entity.isReadOnly else { throw RecordError(.readOnlyEntity, "\(entity.name) is a view: it can only be read.") }
        if !access.entities[position].allows(writing) { throw refused(action, access) }
    }

    /// 401 where the caller may not even read and has not signed in, 403 otherwise.
    func refused(_ action: String, _ access: CallerAccess) -> RecordError {
        if access.entities[position].read.allowsReading { return RecordError(.forbidden, "You may not \(action) this \(entity.name).") }
        return access.caller.user == nil
            ? RecordError(.unauthenticated, "To \(action) \(entity.name) needs a role that nobody has without signing in.")
            : RecordError(.forbidden, "You may not \(action) \(entity.name): none of your roles may.")
    }

    // MARK: Answers

    /// A record as `{"data":{…}}`, or `{"data":null}` when the caller may write it but not see it.
    func answer(_ record: JudgedRecord, _ access: CallerAccess) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 1024)
        buffer.write("{\"data\":")
        if let fields = access.entities[position].visibleFields(of: record) {
            valueEncoder.write(record.values, fields: fields, into: &buffer)
        } else {
            buffer.write("null")
        }
        buffer.write("}")
        return buffer
    }

    /// The key as it stands in a path: parts percent-encoded, joined by commas.
    func path(of record: [Value]) -> String {
        entity.key.map { part in
            let text: String
            switch entity.fields[part].type.json(record[part]) {
            case .string(let string): text = string
            case let other: text = other.compactText
            }
            return text.percentEncoded
        }.joined(separator: ",")
    }
}

extension String {
    /// Everything but the unreserved characters of RFC 3986 section 2.3 as `%XX`.
    fileprivate var percentEncoded: String {
        var bytes: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
