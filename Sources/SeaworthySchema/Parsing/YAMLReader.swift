internal import Yams

/// Reads the one YAML document of a schema file into nodes with places, within bounds that no file of a person reaches.
///
/// Reports everything it refuses; what can still be read is returned, so that the schema's own problems are named in the same run.
struct YAMLReader {
    /// The deepest nesting that is read. The language itself needs 16 levels.
    static let maximumDepth = 64
    /// The nodes that a file may hold after its aliases were replaced by what they stand for.
    static let maximumNodes = 200_000
    /// The longest text, in bytes of UTF-8.
    static let maximumBytes = 1 << 20

    private let log: ProblemLog
    private var renamed: [SourcePlace: String] = [:]
    private var nodes = 0
    private var isTooComplex = false

    private init(log: ProblemLog) {
        self.log = log
    }

    /// - Returns: nil when there is nothing to look at further.
    static func read(_ yaml: String, log: ProblemLog) -> YAMLNode? {
        var reader = YAMLReader(log: log)
        return reader.document(yaml.unicodeScalars.first == "\u{FEFF}" ? String(yaml.unicodeScalars.dropFirst()) : yaml)
    }

    private mutating func document(_ yaml: String) -> YAMLNode? {
        guard yaml.utf8.count <= Self.maximumBytes else {
            tooComplex(SourcePlace(line: 1, column: 1), "The file has \(yaml.utf8.count) bytes; at most \(Self.maximumBytes) are read.")
            return nil
        }
        if let place = YAMLAliases.unboundedPlace(in: yaml) {
            tooComplex(place, "The aliases of this file could expand without end.")
            return nil
        }
        guard let root = compose(yaml) else { return nil }
        let node = convert(root, depth: 1, parent: SourcePlace(line: 1, column: 1))
        guard case .null = node.content else { return isTooComplex ? nil : node }
        if !log.hasErrors { reportEmpty() }
        return nil
    }

    private func reportEmpty() {
        log.report(
            .emptyDocument, at: SourcePlace(line: 1, column: 1), path: "", "The file is empty.",
            fix: "begin with `name: myapp` and `entities:`.")
    }

    private func tooComplex(_ place: SourcePlace, _ message: String) {
        log.report(.tooComplex, at: place, path: "", message, fix: "write what is meant in full, with fewer aliases and levels.")
    }

    /// Yams stops at the first mapping that has a key twice. To see the others too, the first of the two is renamed in the text, in a
    /// way that moves nothing, and the text is read again.
    private mutating func compose(_ yaml: String) -> Node? {
        var text = yaml
        while true {
            do {
                guard let root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot() else {
                    reportEmpty()
                    return nil
                }
                return root
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let place = SourcePlace(line: context.mark.line, column: context.mark.column)
                guard let key = keys.first, let next = rename(key, at: place, in: text) else {
                    log.report(
                        .duplicateKey, at: place, path: "", "«\((keys.first ?? "").lineExcerpt)» stands twice in one mapping.",
                        fix: "keep one of the two.")
                    return nil
                }
                text = next
            } catch {
                YAMLFailure(error, in: text).report(to: log)
                return nil
            }
        }
    }

    /// The text with the first character of the key at a place replaced by one of Unicode's private use area; nil when the key does
    /// not stand there as it is.
    private mutating func rename(_ key: String, at place: SourcePlace, in text: String) -> String? {
        let limit = 64
        guard renamed.count < limit, let mark = Unicode.Scalar(0xE000 + UInt32(renamed.count)) else { return nil }
        var scalars = Array(text.unicodeScalars)
        guard var index = scalars.index(of: place), !key.isEmpty else { return nil }
        if scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        let original = Array(key.unicodeScalars)
        guard index + original.count <= scalars.count, Array(scalars[index..<index + original.count]) == original else { return nil }
        scalars[index] = mark
        renamed[place] = key
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars)
        return String(result)
    }

    // MARK: Yams' nodes to ours

    private mutating func convert(_ node: Node, depth: Int, parent: SourcePlace) -> YAMLNode {
        let place = node.mark.map { SourcePlace(line: $0.line, column: $0.column) } ?? parent
        nodes += 1
        guard depth <= Self.maximumDepth, nodes <= Self.maximumNodes else {
            if !isTooComplex {
                tooComplex(
                    place,
                    depth > Self.maximumDepth
                        ? "Nested deeper than \(Self.maximumDepth) levels."
                        : "With its aliases replaced the file has more than \(Self.maximumNodes) values.")
            }
            isTooComplex = true
            return YAMLNode(content: .null, place: place)
        }
        guard !isTooComplex else { return YAMLNode(content: .null, place: place) }
        switch node {
        case .scalar(let scalar): return YAMLNode(content: content(of: scalar, at: place), place: place)
        case .sequence(let sequence):
            checkTag(sequence.tag, at: place)
            return YAMLNode(content: .sequence(sequence.map { convert($0, depth: depth + 1, parent: place) }), place: place)
        case .mapping(let mapping):
            checkTag(mapping.tag, at: place)
            return YAMLNode(content: .mapping(members(of: mapping, depth: depth, place: place)), place: place)
        case .alias: return YAMLNode(content: .null, place: place)
        }
    }

    private mutating func members(of mapping: Node.Mapping, depth: Int, place: SourcePlace) -> [YAMLNode.Member] {
        var members: [YAMLNode.Member] = []
        var first: [String: SourcePlace] = [:]
        for (key, value) in mapping {
            let keyPlace = key.mark.map { SourcePlace(line: $0.line, column: $0.column) } ?? place
            guard case .scalar(let scalar) = key else {
                log.report(
                    .invalidYAML, at: keyPlace, path: "", "A list or mapping cannot be a key here.", fix: "write a name before the colon.")
                continue
            }
            checkTag(scalar.tag, at: keyPlace)
            let name = renamed[keyPlace] ?? scalar.string
            let member = YAMLNode.Member(key: name, keyPlace: keyPlace, value: convert(value, depth: depth + 1, parent: keyPlace))
            if let earlier = first[name] {
                log.report(
                    .duplicateKey, at: keyPlace, path: "",
                    "«\(name.lineExcerpt)» stands twice in one mapping; the first is in line \(earlier.line).", fix: "keep one of the two.")
                continue
            }
            first[name] = keyPlace
            members.append(member)
        }
        return members
    }

    private func content(of scalar: Node.Scalar, at place: SourcePlace) -> YAMLNode.Content {
        checkTag(scalar.tag, at: place)
        // A quoted scalar and `!!str` both carry this tag; a plain one is resolved by what it looks like.
        if scalar.tag.description == Tag.Name.str.rawValue || scalar.style != .plain { return .text(scalar.string) }
        return YAMLNode.plain(scalar.string)
    }

    private func checkTag(_ tag: Tag, at place: SourcePlace) {
        let name = tag.description
        guard ![Tag.Name.implicit, .str, .seq, .map].contains(where: { $0.rawValue == name }) else { return }
        log.report(
            .invalidYAML, at: place, path: "", "The YAML tag «\(name.lineExcerpt)» is not used in a schema.", fix: "remove the tag.")
    }
}

extension [Unicode.Scalar] {
    /// The index of the scalar at a line and column.
    func index(of place: SourcePlace) -> Int? {
        var line = 1
        var index = 0
        while line < place.line {
            guard let newline = self[index...].firstIndex(of: "\n") else { return nil }
            index = newline + 1
            line += 1
        }
        index += place.column - 1
        return indices.contains(index) ? index : nil
    }
}
