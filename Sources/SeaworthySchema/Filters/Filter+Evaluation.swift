extension Filter {
    /// What the filter says of a record, with SQL's three values: nil is unknown.
    ///
    /// What other records decide is unknown here, and so is what depends on the caller: see ``isOwn`` and ``userAttributes``.
    ///
    /// - Parameter record: the record's values by the index of their field.
    package func evaluate(_ record: [Value]) -> Bool? {
        switch self {
        case .all(let parts):
            var result: Bool? = true
            for part in parts {
                switch part.evaluate(record) {
                case false?: return false
                case nil: result = nil
                case true?: continue
                }
            }
            return result
        case .any(let parts):
            var result: Bool? = false
            for part in parts {
                switch part.evaluate(record) {
                case true?: return true
                case nil: result = nil
                case false?: continue
                }
            }
            return result
        case .not(let part): return part.evaluate(record).map { !$0 }
        case .isNull(let path, _) where !path.isOwn, .isIn(let path, _) where !path.isOwn, .text(let path, _, _, _) where !path.isOwn,
            .has(let path, _) where !path.isOwn, .compare(let path, _, _) where !path.isOwn:
            return nil
        case .related, .compare(_, _, .user): return nil
        case .isNull(let path, let expected): return record[path.field].isNull == expected
        case .compare(let path, let comparison, let operand):
            let left = record[path.field]
            let right: Value
            switch operand {
            case .value(let value): right = value
            case .field(let other) where other.isOwn: right = record[other.field]
            case .field, .user: return nil
            }
            guard !left.isNull, !right.isNull else { return nil }
            return comparison.holds(left, right)
        case .isIn(let path, let values):
            if values.isEmpty { return false }
            return record[path.field].isNull ? nil : values.contains(record[path.field])
        case .text(let path, let match, let text, let mode):
            guard case .text(let stored) = record[path.field] else { return nil }
            return switch mode {
            case .sensitive: match.holds(stored, text)
            case .insensitive: match.holds(stored.uppercased(), text.uppercased())
            }
        case .has(let path, let element):
            guard case .text(let stored) = record[path.field] else { return nil }
            guard let json = try? JSONParser.parse(stored), case .array(let elements) = json else { return false }
            return elements.contains { $0.isAtom(equalTo: element) }
        }
    }
}

extension Filter.Comparison {
    fileprivate func holds(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .equals: left == right
        case .not: left != right
        case .lt: left.isOrdered(before: right)
        case .gt: right.isOrdered(before: left)
        case .lte: !right.isOrdered(before: left)
        case .gte: !left.isOrdered(before: right)
        }
    }
}

extension Filter.TextMatch {
    /// Compares by bytes: String's own `contains` and `hasPrefix` fold canonically equivalent texts.
    fileprivate func holds(_ text: String, _ part: String) -> Bool {
        let text = Array(text.utf8)
        let part = Array(part.utf8)
        guard part.count <= text.count else { return false }
        return switch self {
        case .startsWith: text.starts(with: part)
        case .endsWith: text.suffix(part.count).elementsEqual(part)
        case .contains: part.isEmpty || (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
        }
    }
}

extension JSONValue {
    fileprivate func isAtom(equalTo value: SeaworthySchema.Value) -> Bool {
        switch (self, value) {
        case (.string(let text), .text(let other)): text.hasSameBytes(as: other)
        case (.bool(let flag), .integer(let number)): number == (flag ? 1 : 0)
        case (.number(let digits), .integer(let number)): Int64(digits) == number
        case (.number(let digits), .double(let number)): Double(digits) == number
        default: false
        }
    }
}
