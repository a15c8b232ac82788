import NIOCore
import SeaworthySchema
import SeaworthyStorage

extension RecordStore {
    /// The most operations of one batch.
    package static let maximumBatch = 1000
    /// The most bytes that the answers of one batch have together: they are kept until the last is done.
    package static let maximumBatchAnswerBytes = 16 * 1024 * 1024
    /// How long a batch may hold its transaction: others wait for it. It ends before the operation that would begin later.
    package static let maximumBatchTime: Duration = .seconds(5)

    /// Carries out operations in their order in one transaction: all of them, or none.
    ///
    /// - Throws: ``BatchError`` for the first that fails.
    package func batch(
        _ operations: [BatchOperation], _ request: WriteRequest, ending: WriteEnding<[BatchResult]>? = nil
    ) async throws -> [BatchResult] {
        guard let first = operations.first else { return [] }
        return try await first.collection.write(request) { context in
            var references = BatchReferences()
            var results: [BatchResult] = []
            results.reserveCapacity(operations.count)
            let clock = ContinuousClock()
            let deadline = clock.now + Self.maximumBatchTime
            var bytes = 0
            for (index, operation) in operations.enumerated() {
                do {
                    guard clock.now < deadline else {
                        throw RecordError(
                            .batchTooLarge,
                            "The batch takes longer than \(DurationText.render(Self.maximumBatchTime)); send fewer operations at once.")
                    }
                    let body = try operation.body.map { try references.resolved($0) }
                    let result = try await operation.collection.perform(operation, body ?? .null, context)
                    bytes += result.record?.body.readableBytes ?? 0
                    guard bytes <= Self.maximumBatchAnswerBytes else {
                        throw RecordError(
                            .batchTooLarge,
                            "The answers have more than \(Self.maximumBatchAnswerBytes) bytes; send fewer operations at once.")
                    }
                    references.add(result)
                    results.append(result)
                } catch let error as CancellationError {
                    throw error
                } catch {
                    throw BatchError(index: index, underlying: error)
                }
            }
            try await ending?.run(results, context.transaction)
            return results
        }
    }

    /// Throws unless the caller may do each of the operations with some record.
    ///
    /// - Throws: ``BatchError`` for the first that they may not.
    package func requireRights(to operations: [BatchOperation], by caller: Caller) throws {
        for (index, operation) in operations.enumerated() {
            do {
                try operation.collection.require(operation.action, operation.collection.access(of: caller))
            } catch {
                throw BatchError(index: index, underlying: error)
            }
        }
    }
}

extension RecordCollection {
    /// Carries out one operation of a batch.
    fileprivate func perform(_ operation: BatchOperation, _ body: JSONValue, _ context: WriteContext) async throws -> BatchResult {
        let access = context.access
        func result(_ made: MadeRecord, isNew: Bool) -> BatchResult {
            BatchResult(record: answer(made, access, isTagged: false), isNew: isNew)
        }
        func result(_ record: JudgedRecord) -> BatchResult { result(MadeRecord(record: record, nested: []), isNew: false) }
        try require(operation.action, access)
        switch operation.action {
        case .read(let key): return result(try await recordForChange(try self.key(key), [], context))
        case .create: return result(try await create(body, context), isNew: true)
        case .update(let key):
            return result(try await update(try self.key(key), body, operation.condition, context))
        case .put(let key):
            let (made, isNew) = try await put(try self.key(key), body, operation.condition, context)
            return result(made, isNew: isNew)
        case .delete(let key, let isPurge):
            try await delete(try self.key(key), operation.condition, isPurge: isPurge, context)
            return BatchResult(record: nil, isNew: false)
        case .restore(let key):
            return result(try await restore(try self.key(key), operation.condition, context))
        }
    }
    /// Throws unless the caller may do this with some record.
    fileprivate func require(_ action: BatchOperation.Action, _ access: CallerAccess) throws {
        switch action {
        case .read: return try requireRead(access)
        case .create: return try require(.create, to: "create", access)
        case .put: return try requirePut(access)
        case .update: try require(.update, to: "update", access)
        case .delete(_, let isPurge): try require(isPurge ? .purge : .delete, to: isPurge ? "purge" : "delete", access)
        case .restore: try require(.restore, to: "restore", access)
        }
        try requireRead(access)
    }
}
