import SeaworthySchema

/// Makes names of the language out of those of a database.
struct PulledNames {
    private var entities: Set<String> = []
    private var paths: Set<String> = []

    // MARK: Entities

    /// The name of a table's entity, and its path: `order_details` is OrderDetail.
    mutating func entity(of table: CatalogName) -> (name: String, path: String) {
        let base = Self.entityName(table.table)
        var candidates = [base]
        if let schema = table.schema { candidates.append(Self.entityName(schema, isTable: false) + base) }
        let name = Self.first(candidates, isFree: { !entities.contains($0.lowercased()) && NameRules.entity($0) == nil })
        entities.insert(name.lowercased())
        let derived = DerivedName.path(of: name)
        let path = Self.first([derived, "app-" + derived], separator: "-") { !paths.contains($0) && NameRules.path($0) == nil }
        paths.insert(path)
        return (name, path)
    }

    /// The first candidate that is free, else the last with a number behind it.
    static func first(_ candidates: [String], separator: String = "", isFree: (String) -> Bool) -> String {
        if let name = candidates.first(where: isFree) { return name }
        let base = String((candidates.last ?? "x").prefix(58))
        var number = 2
        while !isFree(base + separator + String(number)), number < 10_000 { number += 1 }
        return base + separator + String(number)
    }

    private static func entityName(_ table: String, isTable: Bool = true) -> String {
        var parts = latin(table).split(whereSeparator: { !$0.isLetter && !$0.isNumber }).flatMap { part -> [String] in
            let text = String(part)
            // All capitals are one word.
            return text == text.uppercased() ? [text.lowercased()] : DerivedName.words(of: text)
        }
        if isTable, let last = parts.last { parts[parts.count - 1] = singular(last) }
        let name = parts.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        guard let first = name.unicodeScalars.first else { return "Table" }
        return String((("A"..."Z").contains(first) ? name : "T" + name).prefix(60))
    }

    private static let irregular = [
        "people": "person", "children": "child", "men": "man", "women": "woman", "series": "series", "species": "species", "news": "news",
        "movies": "movie", "cookies": "cookie", "data": "data", "indices": "index", "matrices": "matrix",
    ]

    /// English the other way round than ``DerivedName``: where it errs, the file names the table.
    static func singular(_ word: String) -> String {
        if let one = irregular[word] { return one }
        func drop(_ count: Int) -> String { String(word.dropLast(count)) }
        let endings: [(String, Int)] = [
            ("sses", 2), ("xes", 2), ("tches", 2), ("nches", 2), ("rches", 2), ("shes", 2), ("zzes", 3), ("auses", 1), ("ouses", 1),
            ("uses", 2),
        ]
        if word.hasSuffix("ies"), word.count > 4 { return drop(3) + "y" }
        if let ending = endings.first(where: { word.hasSuffix($0.0) }) { return drop(ending.1) }
        if word.hasSuffix("s"), word.count > 2, !["ss", "us", "is"].contains(where: word.hasSuffix) { return drop(1) }
        return word
    }

    // MARK: Fields

    /// The name of a column's field: its own where the language takes it.
    static func field(of column: String, besides taken: Set<String>) -> String {
        func isFree(_ name: String) -> Bool { NameRules.member(name, of: "a field") == nil && !taken.contains(name.lowercased()) }
        if isFree(column) { return column }
        let parts = latin(column).split(whereSeparator: { !$0.isLetter && !$0.isNumber }).map(String.init)
        // In the manner of its own words: Order Date is OrderDate, unit price is unit_price.
        let isCapitalized = parts.allSatisfy { $0.prefix(1) == $0.prefix(1).uppercased() }
        var name = parts.joined(separator: isCapitalized ? "" : "_")
        if name.isEmpty { name = "column" }
        if let first = name.unicodeScalars.first, ("0"..."9").contains(first) { name = "_" + name }
        name = String(name.prefix(58))
        return first([name, name + "_"], separator: "_", isFree: isFree)
    }

    private static let letters: [Character: String] = [
        "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "é": "e", "è": "e", "ê": "e", "ë": "e", "á": "a",
        "à": "a",
        "â": "a", "å": "a", "ã": "a", "í": "i", "ì": "i", "î": "i", "ï": "i", "ó": "o", "ò": "o", "ô": "o", "õ": "o", "ø": "o", "ú": "u",
        "ù": "u", "û": "u", "ç": "c", "ñ": "n", "ý": "y", "É": "E", "È": "E", "Å": "A", "Ø": "O", "Ç": "C", "Ñ": "N", "æ": "ae", "Æ": "Ae",
    ]

    /// With letters of ASCII for those that have such; what has none parts words.
    private static func latin(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if character.isASCII { result.append(character) } else { result += letters[character] ?? " " }
        }
    }
}
