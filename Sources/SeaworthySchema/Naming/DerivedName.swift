/// The names that follow from a declared name when the schema gives no other.
package enum DerivedName {
    /// `OrderDetail` → `order_details`.
    package static func table(of entity: String) -> String {
        plural(words(of: entity).joined(separator: "_"))
    }

    /// `OrderDetail` → `order-details`.
    package static func path(of entity: String) -> String {
        plural(words(of: entity).joined(separator: "-"))
    }

    /// The relation that a field makes: `CustomerID` → `customer`, `owner_id` → `owner`.
    package static func relation(of field: String) -> String {
        for ending in ["_ID", "_Id", "_id", "ID", "Id"] where field.hasSuffix(ending) && field.utf8.count > ending.utf8.count {
            return lowerFirst(String(field.dropLast(ending.count)))
        }
        return lowerFirst(field)
    }

    /// `OrderDetail` → `orderDetail`, `HTTPRoute` → `httpRoute`.
    package static func relation(toEntity entity: String) -> String {
        let words = words(of: entity)
        guard let first = words.first else { return entity }
        return first + entity.dropFirst(first.count)
    }

    /// The words of a name in camel case, in lower case. Letters that are all capitals are one word: `HTTPRoute` → `http`, `route`.
    package static func words(of name: String) -> [String] {
        let letters = Array(name)
        var words: [String] = []
        var word = ""
        for (index, letter) in letters.enumerated() {
            let begins =
                index > 0 && letter.isUppercase
                && (!letters[index - 1].isUppercase || (index + 1 < letters.count && letters[index + 1].isLowercase))
            if begins || letter == "_" {
                if !word.isEmpty { words.append(word) }
                word = ""
            }
            if letter != "_" { word += letter.lowercased() }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// English in three rules: y → ies after a consonant; s, x, z, ch, sh → es; else s.
    package static func plural(_ word: String) -> String {
        if word.hasSuffix("y"), let before = word.dropLast().last, before.isLetter, !"aeiou".contains(before) {
            return word.dropLast() + "ies"
        }
        if ["s", "x", "z", "ch", "sh"].contains(where: word.hasSuffix) { return word + "es" }
        return word + "s"
    }

    private static func lowerFirst(_ name: String) -> String {
        name.prefix(1).lowercased() + name.dropFirst()
    }
}
