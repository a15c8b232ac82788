package import SeaworthySchema

/// One of the operations that are carried out together.
package struct BatchOperation: Sendable {
    package enum Action: Sendable {
        case read(key: [String])
        case create
        case update(key: [String])
        case put(key: [String])
        case delete(key: [String], isPurge: Bool)
        case restore(key: [String])
    }

    package var collection: RecordCollection
    package var action: Action
    /// Nil where the action takes none. It may hold references to earlier results.
    package var body: JSONValue?
    package var condition: RecordCondition

    package init(_ collection: RecordCollection, _ action: Action, body: JSONValue? = nil, if condition: RecordCondition = .none) {
        self.collection = collection
        self.action = action
        self.body = body
        self.condition = condition
    }
}

/// What one operation of a batch did.
package struct BatchResult: Sendable {
    /// Nil for one that leaves nothing, such as a delete.
    package var record: StoredRecord?
    /// Whether it made the record.
    package var isNew: Bool
}

/// Why a batch was not carried out: the first operation that failed. Nothing of the batch is kept.
package struct BatchError: Error {
    package var index: Int
    package var underlying: any Error
}
