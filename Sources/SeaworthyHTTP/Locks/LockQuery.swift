import SeaworthyData
import SeaworthySchema

/// Whose locks are asked for: `entity`, and `id` for one record.
struct LockQuery: Sendable {
    let records: RecordCollection
    /// The parts of the record's key; nil for all of the entity.
    let key: [String]?

    /// - Throws: 400.
    init(_ exchange: HTTPExchange, _ store: RecordStore) throws(Problem) {
        var values: [String: String] = [:]
        for item in try exchange.queryItems() {
            guard item.name == "entity" || item.name == "id" else { throw .unknownParameter(item.name) }
            guard values.updateValue(item.value, forKey: item.name) == nil else {
                throw Self.invalid(item.name, "The parameter \"\(item.name)\" stands twice.")
            }
        }
        guard let name = values["entity"], let records = store.collection(named: name), records.isKnown(to: exchange.caller) else {
            throw Self.invalid("entity", "The parameter \"entity\" is the name of an entity.")
        }
        self.records = records
        guard let id = values["id"] else {
            key = nil
            return
        }
        do {
            key = try RecordRoutes.keyParts(id[...], of: records.entity)
        } catch {
            throw .badParameter("id", code: error.code, detail: error.detail)
        }
    }

    /// The path forms of those keys whose records the caller may read.
    func readable(_ keys: [[String]], as caller: Caller) async throws -> [String] {
        do {
            return try await records.readable(keys, as: caller)
        } catch let error as RecordError where error.code == .invalidKey {
            throw Problem.badParameter("id", code: ProblemCode(error.code.rawValue), detail: error.detail)
        }
    }

    private static func invalid(_ name: String, _ detail: String) -> Problem {
        .badParameter(name, code: ProblemCode("invalid_parameter"), detail: detail)
    }
}

extension RecordCollection {
    /// Whether the caller may be told that there is such an entity: some role may do something with its records, or the caller may, as an
    /// administrator.
    func isKnown(to caller: Caller) -> Bool { allows(.read, to: caller) || Operation.allCases.contains { isOffered($0) } }
}
