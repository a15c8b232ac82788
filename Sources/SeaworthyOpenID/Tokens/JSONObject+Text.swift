import SeaworthySchema

extension JSONObject {
    /// The member, where it is text.
    func text(_ name: String) -> String? {
        if case .string(let text) = self[name] { text } else { nil }
    }

    /// The member, where it is a list of texts.
    func texts(_ name: String) -> [String]? {
        guard case .array(let elements) = self[name] else { return nil }
        var texts: [String] = []
        for element in elements {
            guard case .string(let text) = element else { return nil }
            texts.append(text)
        }
        return texts
    }

    /// The member, where it is a number that can be a moment: whole seconds since 1970, a fraction cut off (NumericDate of RFC 7519).
    func seconds(_ name: String) -> Int64? {
        guard case .number(let digits) = self[name] else { return nil }
        if let whole = Int64(digits) { return whole }
        guard let fraction = Double(digits), fraction.magnitude < 9e15 else { return nil }
        return Int64(fraction.rounded(.down))
    }
}

/// Why bytes are no JSON object.
struct JSONObjectError: Error {
    /// Without what was in them: a name of a member may be anything.
    let summary: String
}

extension JSONObject {
    /// Strictly: a member that stands twice is refused, because others could read the other one.
    init(parsing bytes: [UInt8]) throws(JSONObjectError) {
        let result: Result<JSONValue, JSONError> = bytes.withUnsafeBufferPointer { buffer in
            do throws(JSONError) {
                return .success(try JSONParser.parse(buffer))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(.object(let object)): self = object
        case .success(let value): throw JSONObjectError(summary: "it is \(value.kind)")
        case .failure(let error):
            if case .duplicateMember = error.reason { throw JSONObjectError(summary: "a member stands twice") }
            throw JSONObjectError(summary: error.description)
        }
    }
}
