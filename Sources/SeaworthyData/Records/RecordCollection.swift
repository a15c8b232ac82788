package import NIOCore
import SeaworthyQuery
import SeaworthySQL
package import SeaworthySchema
import SeaworthyStorage

/// The records of one entity, as callers reach them: every operation checks access, validates, runs and answers with bytes.
///
/// Statements that depend on nothing but the entity and the caller's rules are made once, here.
package final class RecordCollection: Sendable {
    package let entity: Entity
    let api: Schema.API
    let database: any Database
    let dialect: any Dialect
    let access: EntityAccess
    let cursors: CursorCipher
    let cache: StatementCache
    let statements: RecordStatements
    /// The references between all entities, for what a write has to ask of the others.
    let links: RecordStore.Links
    /// The names of the relations to this entity, as its own records would have them.
    let inverses: [String]

    /// The whole visible record, the usual answer.
    let visibleEncoder: RecordEncoder
    private let readText: SQLText
    private let readParameters: [Value]
    let insertParameters: [Value]
    let changeText: SQLText
    let changeParameters: [Value]

    init(
        _ entity: Entity, api: Schema.API, database: any Database, dialect: any Dialect, cursors: CursorCipher, cache: StatementCache,
        links: RecordStore.Links
    ) {
        self.entity = entity
        self.api = api
        self.database = database
        self.dialect = dialect
        self.cursors = cursors
        self.cache = cache
        self.links = links
        inverses = links.inbound(to: entity.name).compactMap(\.reference.inverse)
        access = EntityAccess.anyone(entity)
        statements = RecordStatements(entity, dialect: dialect)
        visibleEncoder = RecordEncoder(entity, fields: access.visibleFields)
        let restriction = access.read.restriction
        readText = statements.read(fields: access.visibleFields, rule: restriction)
        readParameters = RecordStatements.ruleParameters(restriction.map { [$0] } ?? [])
        insertParameters = RecordStatements.ruleParameters([access.create, access.read].rules)
        changeText = statements.readForChange(rules: [access.read, access.update, access.delete].rules)
        changeParameters = RecordStatements.ruleParameters([access.read, access.update, access.delete].rules)
    }

    package func isVisible(_ field: Int) -> Bool {
        access.isVisible[field]
    }

    /// What can be done with records.
    package enum Operation: Sendable {
        case read, create, update, delete
    }

    /// Whether the caller may do this to some record. Changing one takes the right to read it as well.
    package func allows(_ operation: Operation) -> Bool {
        switch operation {
        case .read: access.read != .never
        case .create: !entity.isReadOnly && access.create != .never
        case .update: !entity.isReadOnly && access.read != .never && access.update != .never
        case .delete: !entity.isReadOnly && access.read != .never && access.delete != .never
        }
    }

    // MARK: Reading

    /// One record as `{"data":{…}}`.
    ///
    /// - Parameter items: the query's parameters, decoded.
    package func read(key: [String], query items: [(name: String, value: String)]) async throws -> ByteBuffer {
        try requireRead()
        let select = items.isEmpty ? nil : try ListRequestParser.parseSelect(items, entity: entity, isVisible: isVisible)
        let key = try self.key(key)
        let body =
            if let select {
                try await database.query(
                    Statement(readText(select), key + readParameters), into: RecordReader(RecordEncoder(entity, fields: select)))
            } else {
                try await database.query(Statement(readText, key + readParameters), into: RecordReader(visibleEncoder))
            }
        guard let body else { throw notFound }
        return body
    }

    private func readText(_ select: [Int]) -> SQLText {
        cache.text(entity: entity.name, PlanShape.read(select)) { statements.read(fields: select, rule: access.read.restriction) }
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

    func requireRead() throws {
        guard access.read == .never else { return }
        throw RecordError(.unauthenticated, "Reading \(entity.name) needs a role that nobody has without signing in.")
    }

    /// Throws unless the caller may do this to some record at all.
    func require(_ rule: Rule, to action: String) throws {
        guard !entity.isReadOnly else { throw RecordError(.readOnlyEntity, "\(entity.name) is a view: it can only be read.") }
        if rule == .never { throw forbidden(to: action) }
    }

    /// 401 where the caller may not even read, 403 otherwise.
    func forbidden(to action: String) -> RecordError {
        access.read == .never
            ? RecordError(.unauthenticated, "To \(action) \(entity.name) needs a role that nobody has without signing in.")
            : RecordError(.forbidden, "You may not \(action) this \(entity.name).")
    }

    /// Throws unless the rule holds on a record that is about to be written, so that what the database would say of it is not told. Only a
    /// rule on a key that the database is yet to make is left to the written record.
    func require(_ rule: Rule, on record: [Value], to action: String) throws {
        guard case .when(let filter) = rule, filter.evaluate(record) != true else { return }
        guard !filter.fields.contains(where: { entity.fields[$0].isGenerated && record[$0].isNull }) else { return }
        throw forbidden(to: action)
    }

    /// A record as `{"data":{…}}`, or `{"data":null}` when the caller may write it but not see it.
    func answer(_ record: [Value], isReadable: Bool) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 1024)
        buffer.write("{\"data\":")
        if isReadable { visibleEncoder.write(record, into: &buffer) } else { buffer.write("null") }
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

extension [Rule] {
    /// The rules as conditions that a statement evaluates; one that is never met is false.
    var rules: [Filter] {
        map { $0.condition ?? .any([]) }
    }
}

extension Value {
    /// Whether a rule's column says that it holds: neither false nor unknown.
    var holds: Bool {
        self == .integer(1)
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
