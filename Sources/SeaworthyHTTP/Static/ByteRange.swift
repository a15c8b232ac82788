/// The part of a body that a request asks for: the value of `Range` (RFC 9110, 14.1).
enum ByteRange: Equatable {
    /// The whole body: no range, several, another unit, or one that is not well formed.
    case whole
    /// 206.
    case part(ClosedRange<Int>)
    /// 416: it begins behind the end.
    case unsatisfiable

    /// - Parameter size: Of the whole body.
    init(_ field: String?, size: Int) {
        self = .whole
        guard let field, let equals = field.firstIndex(of: "="), field[..<equals].isEqualIgnoringASCIICase(to: "bytes") else { return }
        let pieces = field[equals...].dropFirst().trimmingOptionalWhitespace().split(separator: "-", omittingEmptySubsequences: false)
        guard pieces.count == 2, let first = Self.number(pieces[0]), let last = Self.number(pieces[1]) else { return }
        switch (first, last) {
        case (nil, nil): return
        case (nil, let length?):
            // The last so many bytes.
            self = length == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - length)...(size - 1))
        case (let first?, let last):
            if let last, last < first { return }
            self = first >= size ? .unsatisfiable : .part(first...min(last ?? .max, size - 1))
        }
    }

    /// Nil when it is no number, a nil within when there is none. One that is too large for Int is as good as the largest.
    private static func number(_ text: Substring) -> Int?? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return .some(text.isEmpty ? nil : Int(text) ?? .max)
    }
}
