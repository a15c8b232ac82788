import HTTPTypes
import SeaworthySchema

/// Reads the members of a small body, and says of every one that is wrong what is.
struct BodyMembers {
    let object: JSONObject
    private var problems: [ProblemItem] = []

    /// - Throws: 422 for what is no object.
    init(_ json: JSONValue, known: [String]) throws(Problem) {
        guard case .object(let object) = json else {
            throw Self.problem([Self.item("", "wrong_type", "is \(json.kind); expected an object")])
        }
        self.object = object
        for member in object.members where !known.contains(where: member.name.hasSameBytes) {
            problems.append(
                Self.item(
                    "/\(member.name.jsonPointerEscaped.excerpt)", "unknown_field",
                    "is not a member here; known are \(known.joined(separator: ", "))"))
        }
    }

    /// A text that has to be there, not empty, of at most so many bytes. The empty text where it is wrong.
    mutating func text(_ name: String, atMost bytes: Int = 4096) -> String {
        guard let value = object[name], value != .null else {
            report(name, "required", "is missing")
            return ""
        }
        return optionalText(name, atMost: bytes) ?? ""
    }

    /// A text that may be missing.
    mutating func optionalText(_ name: String, atMost bytes: Int = 4096) -> String? {
        guard let value = object[name], value != .null else { return nil }
        guard case .string(let text) = value else {
            report(name, "wrong_type", "is \(value.kind); expected a text")
            return nil
        }
        guard (1...bytes).contains(text.utf8.count) else {
            report(name, text.isEmpty ? "too_short" : "too_long", text.isEmpty ? "is empty" : "has more than \(bytes) bytes")
            return nil
        }
        return text
    }

    /// A list of texts that has to be there, of at most so many elements. Empty where it is wrong.
    mutating func texts(_ name: String, atMost count: Int, bytes: Int = 256) -> [String] {
        guard let value = object[name], value != .null else {
            report(name, "required", "is missing")
            return []
        }
        guard case .array(let elements) = value else {
            report(name, "wrong_type", "is \(value.kind); expected an array of texts")
            return []
        }
        guard elements.count <= count else {
            report(name, "too_long", "has more than \(count) elements")
            return []
        }
        return elements.enumerated().compactMap { index, element in
            guard case .string(let text) = element else {
                report("\(name)/\(index)", "wrong_type", "is \(element.kind); expected a text")
                return nil
            }
            guard text.utf8.count <= bytes else {
                report("\(name)/\(index)", "too_long", "has more than \(bytes) bytes")
                return nil
            }
            return text
        }
    }

    /// A time that may be missing, in microseconds since the epoch.
    mutating func optionalTime(_ name: String) -> Int64? {
        guard let value = object[name], value != .null else { return nil }
        do {
            if case .integer(let time) = try FieldType.timestamp.value(from: value) { return time }
        } catch {
            report(name, error.code.rawValue, error.detail)
        }
        return nil
    }

    mutating func report(_ name: String, _ code: String, _ detail: String) {
        problems.append(Self.item("/\(name)", code, detail))
    }

    /// - Throws: 422 with everything that was reported.
    func finish() throws(Problem) {
        guard problems.isEmpty else { throw Self.problem(problems) }
    }

    private static func item(_ pointer: String, _ code: String, _ detail: String) -> ProblemItem {
        ProblemItem(.pointer(pointer), code: ProblemCode(code), detail: detail)
    }

    private static func problem(_ items: [ProblemItem]) -> Problem {
        Problem(
            status: .unprocessableContent, code: ProblemCode("invalid_input"), detail: "The request cannot be taken.", errors: items)
    }
}
