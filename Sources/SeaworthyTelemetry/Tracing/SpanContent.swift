import Tracing

/// What is told of a span beside where it stands in its trace, within bounds (OpenTelemetry's defaults, but of links).
struct SpanContent: Sendable {
    static let maximumAttributes = 128
    static let maximumEvents = 128
    static let maximumLinks = 32
    /// Of a text. Longer ones are cut.
    static let maximumValueBytes = 4096
    static let maximumNameBytes = 256

    private(set) var attributes: [String: SpanAttribute] = [:]
    private(set) var events: [(name: String, time: UInt64, attributes: [String: SpanAttribute])] = []
    private(set) var links: [TraceContext] = []
    private(set) var droppedAttributes = 0
    private(set) var droppedEvents = 0
    private(set) var droppedLinks = 0
    var status: SpanStatus?
    /// Of texts among the values.
    private(set) var valueBytes = 0

    mutating func set(_ given: SpanAttributes) {
        attributes.removeAll(keepingCapacity: true)
        (droppedAttributes, valueBytes) = (0, 0)
        // swift-format-ignore: ReplaceForEachWithForLoop
        given.forEach { name, value in add(name, value) }
    }

    private mutating func add(_ name: String, _ value: SpanAttribute) {
        guard attributes.count < Self.maximumAttributes else {
            droppedAttributes += 1
            return
        }
        let (kept, bytes) = Self.bounded(value)
        attributes[name] = kept
        valueBytes += bytes
    }

    mutating func add(event: SpanEvent) {
        guard events.count < Self.maximumEvents else {
            droppedEvents += 1
            return
        }
        var kept: [String: SpanAttribute] = [:]
        // swift-format-ignore: ReplaceForEachWithForLoop
        event.attributes.forEach { name, value in
            let (value, bytes) = Self.bounded(value)
            kept[name] = value
            valueBytes += bytes
        }
        events.append((event.name, event.nanosecondsSinceEpoch, kept))
    }

    mutating func add(link context: TraceContext) {
        guard links.count < Self.maximumLinks else {
            droppedLinks += 1
            return
        }
        links.append(context)
    }

    private static func bounded(_ value: SpanAttribute) -> (SpanAttribute, bytes: Int) {
        switch value {
        case .string(let text):
            let text = cut(text, to: maximumValueBytes)
            return (.string(text), text.utf8.count)
        case .stringConvertible(let some):
            let text = cut("\(some)", to: maximumValueBytes)
            return (.string(text), text.utf8.count)
        case .stringArray(let texts):
            let texts = texts.prefix(maximumAttributes).map { cut($0, to: maximumValueBytes) }
            return (.stringArray(texts), texts.reduce(0) { $0 + $1.utf8.count })
        default: return (value, 0)
        }
    }

    /// The beginning of a text, in whole characters.
    static func cut(_ text: String, to bytes: Int) -> String {
        guard text.utf8.count > bytes else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: bytes)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }
}
