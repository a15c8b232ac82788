import NIOCore
import SeaworthyQuery
import SeaworthySchema

extension RecordCollection {
    /// The most bytes that the records of one answer have: they are in memory until they are sent.
    package static let maximumAnswerBytes = 32 * 1024 * 1024

    /// Throws when an answer has more bytes than it may.
    static func requireRoom(_ bytes: Int) throws(QueryProblems) {
        guard bytes > maximumAnswerBytes else { return }
        throw QueryProblems([
            QueryProblem(
                .answerTooLarge, parameter: "limit",
                "would give more than \(maximumAnswerBytes) bytes; ask for fewer records, fewer fields or smaller includes")
        ])
    }

    /// A record that was written as `{"data":{…}}`, or `{"data":null}` when the caller may write it but not see it.
    ///
    /// - Parameter isTagged: whether its entity tags are told.
    func answer(_ made: MadeRecord, _ access: CallerAccess, isTagged: Bool = true) -> StoredRecord {
        var buffer = [UInt8](room: 1024)
        buffer.write("{\"data\":")
        write(made, into: &buffer, access)
        buffer.write("}")
        let isVisible = isTagged && access.entities[position].visibleFields(of: made.record) != nil
        return StoredRecord(
            body: ByteBuffer(bytes: buffer), tags: isVisible && made.nested.isEmpty ? tags(of: made.record.values, access) : [],
            keyPath: entity.path(of: made.record.values))
    }

    /// The record with those made within it.
    func write(_ made: MadeRecord, into buffer: inout [UInt8], _ access: CallerAccess) {
        guard let fields = access.entities[position].visibleFields(of: made.record) else { return buffer.write("null") }
        guard !made.nested.isEmpty else { return valueEncoder.write(made.record.values, fields: fields, into: &buffer) }
        var record: [UInt8] = []
        valueEncoder.write(made.record.values, fields: fields, into: &record)
        // Without its last brace.
        buffer.append(contentsOf: record.dropLast())
        for (index, list) in made.nested.enumerated() {
            if index > 0 || !fields.isEmpty { buffer.write(",") }
            buffer.writeQuoted(list.name)
            buffer.write(":[")
            for (index, record) in list.records.enumerated() {
                if index > 0 { buffer.write(",") }
                list.collection.write(record, into: &buffer, access)
            }
            buffer.write("]")
        }
        buffer.write("}")
    }
}
