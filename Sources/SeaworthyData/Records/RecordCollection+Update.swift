package import NIOCore
import SeaworthyQuery
import SeaworthySQL
package import SeaworthySchema
import SeaworthyStorage

extension RecordCollection {
    /// Changes a record by a JSON Merge Patch (RFC 7396) and gives it back whole.
    package func update(key: [String], _ json: JSONValue) async throws -> ByteBuffer {
        try require(access.update, to: "update")
        try requireRead()
        let key = try self.key(key)
        guard case .object(let patch) = json else { throw notAnObject(json) }
        let rules = [access.read, access.update].rules
        return try await database.transaction(.write) { [self] transaction in
            let stored = try await recordForChange(key, in: transaction)
            guard stored.allowsUpdate else { throw forbidden(to: "update") }
            var input = RecordInput(entity, isVisible: access.isVisible, inverses: inverses)
            let (record, fields) = input.patched(stored.record, by: patch)
            guard input.problems.isEmpty else { throw invalid(input.problems) }
            try require(access.update, on: record, to: "update")
            guard !fields.isEmpty else { return answer(stored.record, isReadable: true) }
            let parameters = fields.map { record[$0] } + key + RecordStatements.ruleParameters(rules)
            let row: [Value]?
            do {
                row = try await transaction.query(Statement(updateText(fields, rules: rules), parameters), into: FirstRow())
            } catch let error as StorageError {
                throw try await explained(error, record: record, in: transaction)
            }
            guard let row else { throw notFound }
            // The rule holds on the record after the change too: nobody can hand a record over to where they could not have changed it.
            guard row[entity.fields.count + 1].holds else { throw forbidden(to: "update") }
            return answer(row, isReadable: row[entity.fields.count].holds)
        }
    }

    private func updateText(_ fields: [Int], rules: [Filter]) -> SQLText {
        cache.text(entity: entity.name, PlanShape.update(fields)) { statements.update(fields: fields, rules: rules) }
    }

    /// A stored record before a change, and what the caller may do to it.
    struct StoredRecord: Sendable {
        var record: [Value]
        var allowsUpdate: Bool
        var allowsDelete: Bool
    }

    /// The record with this key, if the caller sees it.
    func recordForChange(_ key: [Value], in transaction: any DatabaseTransaction) async throws -> StoredRecord {
        guard let row = try await transaction.query(Statement(changeText, changeParameters + key), into: FirstRow()),
            row[entity.fields.count].holds
        else { throw notFound }
        return StoredRecord(
            record: Array(row[..<entity.fields.count]), allowsUpdate: row[entity.fields.count + 1].holds,
            allowsDelete: row[entity.fields.count + 2].holds)
    }
}
