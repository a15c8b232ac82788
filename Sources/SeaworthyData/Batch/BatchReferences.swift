import NIOCore
import SeaworthySchema

/// Puts the results of earlier operations where a later one refers to them: `{"$ref":"0.data.id"}` is the member `id` of `data` of what
/// the first operation answered.
struct BatchReferences {
    private var answers: [StoredRecord?] = []
    /// Answers that were referred to, parsed once.
    private var parsed: [Int: JSONValue] = [:]
    /// The bytes that references have put in so far, in all bodies.
    private var insertedBytes = 0

    /// The most bytes of JSON that the references of one batch put in: as much as a body may have. Otherwise each level of references could
    /// multiply the one before.
    static let maximumInsertedBytes = 1024 * 1024

    mutating func add(_ result: BatchResult) {
        answers.append(result.record)
    }

    /// The body with every reference replaced.
    ///
    /// - Throws: ``RecordError`` `invalidRecord` naming each reference that leads nowhere.
    mutating func resolved(_ json: JSONValue) throws -> JSONValue {
        guard json.hasReference else { return json }
        var problems: [RecordProblem] = []
        let resolved = resolve(json, at: "", &problems)
        if problems.isEmpty, resolved.depth > JSONParser.defaultMaximumDepth {
            problems.append(
                RecordProblem(
                    pointer: "", code: ValueProblem.Code.tooLong.rawValue,
                    detail: "is nested deeper than \(JSONParser.defaultMaximumDepth) levels once its references are put in"))
        }
        guard problems.isEmpty else {
            throw RecordError(.invalidRecord, "The body refers to what no earlier operation gave.", problems: problems)
        }
        return resolved
    }

    private mutating func resolve(_ json: JSONValue, at pointer: String, _ problems: inout [RecordProblem]) -> JSONValue {
        switch json {
        case .object(let object):
            if object.isReference {
                return target(object.members[0].value, at: pointer, &problems)
            }
            var members: [JSONObject.Member] = []
            for member in object.members {
                members.append(
                    .init(name: member.name, value: resolve(member.value, at: pointer + "/" + member.name.jsonPointerEscaped, &problems)))
            }
            return .object(JSONObject(members))
        case .array(let elements):
            var resolved: [JSONValue] = []
            for (index, element) in elements.enumerated() { resolved.append(resolve(element, at: "\(pointer)/\(index)", &problems)) }
            return .array(resolved)
        default: return json
        }
    }

    private mutating func target(_ json: JSONValue, at pointer: String, _ problems: inout [RecordProblem]) -> JSONValue {
        func refuse(_ detail: String) -> JSONValue {
            problems.append(RecordProblem(pointer: pointer + "/$ref", code: RecordProblem.Code.reference, detail: detail))
            return .null
        }
        guard case .string(let text) = json else { return refuse("is \(json.kind); expected a text like \"0.data.id\"") }
        let steps = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let index = steps.first.flatMap({ WholeNumber.parse($0) }) else {
            return refuse("«\(text.excerpt)» does not begin with the number of an operation, counted from 0")
        }
        guard index < answers.count else { return refuse("«\(text.excerpt)» refers to an operation that is not done before this one") }
        guard var value = answer(index) else { return refuse("operation \(index) gives nothing to refer to") }
        for step in steps.dropFirst() {
            switch value {
            case .object(let object):
                guard let member = object[step] else { return refuse("«\(text.excerpt)»: there is no «\(step.excerpt)»") }
                value = member
            case .array(let elements):
                guard let place = WholeNumber.parse(step), elements.indices.contains(place) else {
                    return refuse("«\(text.excerpt)»: there is no element «\(step.excerpt)»")
                }
                value = elements[place]
            default: return refuse("«\(text.excerpt)»: nothing is below «\(step.excerpt)»")
            }
        }
        insertedBytes += value.compactText.utf8.count
        guard insertedBytes <= Self.maximumInsertedBytes else {
            problems.append(
                RecordProblem(
                    pointer: pointer + "/$ref", code: ValueProblem.Code.tooLong.rawValue,
                    detail: "the references of the batch put in more than \(Self.maximumInsertedBytes) bytes"))
            return .null
        }
        return value
    }

    private mutating func answer(_ index: Int) -> JSONValue? {
        if let known = parsed[index] { return known }
        guard let body = answers[index]?.body else { return nil }
        let json = body.withUnsafeReadableBytes {
            try? JSONParser.parse($0.assumingMemoryBound(to: UInt8.self), maximumDepth: RecordInput.storedDepth)
        }
        parsed[index] = json
        return json
    }
}

extension JSONValue {
    /// How deep arrays and objects are nested; 0 for what is neither.
    fileprivate var depth: Int {
        switch self {
        case .array(let elements): 1 + (elements.map(\.depth).max() ?? 0)
        case .object(let object): 1 + (object.members.map(\.value.depth).max() ?? 0)
        default: 0
        }
    }
}

extension JSONObject {
    fileprivate var isReference: Bool { members.count == 1 && members[0].name == "$ref" }
}

extension JSONValue {
    /// Whether a reference stands anywhere within: most bodies have none and stay as they are.
    fileprivate var hasReference: Bool {
        switch self {
        case .object(let object): object.isReference || object.members.contains { $0.value.hasReference }
        case .array(let elements): elements.contains(where: \.hasReference)
        default: false
        }
    }
}
