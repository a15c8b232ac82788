import SeaworthySchema
import SeaworthyStorage
import Tracing

extension RecordCollection {
    /// Of the way from a request to its statement; nil where no trace is recorded. It ends once, however often it is told to.
    func planSpan() -> (any Span)? {
        guard let span = Traced.start("plan") else { return nil }
        span.attributes = ["db.collection.name": .string(entity.name)]
        return span
    }
}
