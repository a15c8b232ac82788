/// A parsed `.env` file.
///
///     file       = lines, ended by LF or CRLF; a byte order mark at the start is skipped
///     line       = blank | "#" comment | ["export" space] NAME "=" value [space "#" comment]
///     NAME       = letter or "_", then letters, digits, "_"; spaces around "=" are allowed
///     value      = bare | 'single' | "double"
///     bare       = up to " #" or the end of the line, without the spaces at its end
///     'single'   = taken literally, ends at the next '
///     "double"   = \n \r \t \" \\ \$ are escapes, any other backslash is an error
///
/// A value ends on its line. Nothing is expanded: `$` before a letter, `_`, `{` or `(` is an error outside single quotes, since
/// other tools would expand it. A name may stand only once.
struct EnvironmentFile {
    struct Entry {
        let value: String
        /// From 1.
        let line: Int
    }

    private(set) var entries: [String: Entry] = [:]
    /// One for each line that cannot be used, in order. Values are not shown: any may be a secret.
    private(set) var problems: [SettingsProblem] = []
    private let name: String

    /// - Parameter name: what problems call the file.
    init(parsing text: String, name: String = ".env") {
        self.name = name
        // By scalars: in Characters, CRLF is one, and a combining mark would hide a quote.
        var scalars = text.unicodeScalars[...]
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        for (index, line) in scalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            read(line.last == "\r" ? line.dropLast() : line, number: index + 1)
        }
    }

    private typealias Scalars = Substring.UnicodeScalarView

    private struct Refusal: Error {
        let detail: String
        let fix: String
    }

    private mutating func read(_ line: Scalars, number: Int) {
        do {
            guard let (key, value) = try Self.assignment(in: line) else { return }
            if let first = entries[key] {
                throw Refusal(detail: "sets \(key) again, after line \(first.line)", fix: "keep one of the two lines")
            }
            entries[key] = Entry(value: value, line: number)
        } catch let refusal as Refusal {
            problems.append(SettingsProblem(.environmentFileSyntax, "\(name) line \(number)", refusal.detail, fix: refusal.fix))
        } catch {
            problems.append(SettingsProblem(.environmentFileSyntax, "\(name) line \(number)", "cannot be read", fix: "write NAME=value"))
        }
    }

    private static func assignment(in line: Scalars) throws -> (key: String, value: String)? {
        var rest = line.drop(while: isSpace)
        guard let first = rest.first, first != "#" else { return nil }
        if rest.starts(with: "export".unicodeScalars), let after = rest.dropFirst(6).first, isSpace(after) {
            rest = rest.dropFirst(6).drop(while: isSpace)
        }
        let key = rest.prefix(while: isNameScalar)
        let equals = rest[key.endIndex...].drop(while: isSpace)
        guard let initial = key.first, !("0"..."9").contains(initial), equals.first == "=" else {
            throw Refusal(detail: "is not an assignment", fix: "write NAME=value, or begin the line with # to make it a comment")
        }
        let value = equals.dropFirst().drop(while: isSpace)
        // `NAME= # comment` has an empty value; `NAME=#x` has the value `#x`.
        if value.first == "#", value.startIndex != equals.index(after: equals.startIndex) { return (String(key), "") }
        switch value.first {
        case "'": return (String(key), try quoted(value, by: "'", name: String(key)))
        case "\"": return (String(key), try quoted(value, by: "\"", name: String(key)))
        default: return (String(key), try bare(value, name: String(key)))
        }
    }

    private static func bare(_ text: Scalars, name: String) throws -> String {
        var value = String.UnicodeScalarView()
        for (index, scalar) in zip(text.indices, text) {
            if scalar == "#", let last = value.last, isSpace(last) { break }
            if scalar == "$" { try refuseExpansion(after: text[index...].dropFirst(), name: name) }
            value.append(scalar)
        }
        while let last = value.last, isSpace(last) { value.removeLast() }
        return String(value)
    }

    private static func quoted(_ text: Scalars, by quote: Unicode.Scalar, name: String) throws -> String {
        var value = String.UnicodeScalarView()
        var rest = text.dropFirst()
        while let scalar = rest.popFirst() {
            if scalar == quote {
                let after = rest.drop(while: isSpace)
                guard after.isEmpty || (after.first == "#" && after.startIndex != rest.startIndex) else {
                    throw Refusal(detail: "has text after the closing quote of \(name)", fix: "put the whole value between the quotes")
                }
                return String(value)
            }
            if quote == "\"", scalar == "\\" {
                value.append(try unescaped(rest.popFirst(), name: name))
            } else {
                if quote == "\"", scalar == "$" { try refuseExpansion(after: rest, name: name) }
                value.append(scalar)
            }
        }
        throw Refusal(detail: "has no closing quote for \(name)", fix: "end the value with \(quote) on the same line")
    }

    private static func unescaped(_ scalar: Unicode.Scalar?, name: String) throws -> Unicode.Scalar {
        switch scalar {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "\"", "\\", "$": if let scalar { return scalar }
        default: break
        }
        throw Refusal(
            detail: "has an unknown escape in the double quotes of \(name)", fix: #"write \\ for a backslash, or use single quotes"#)
    }

    private static func refuseExpansion(after rest: Scalars, name: String) throws {
        guard let next = rest.first, next == "{" || next == "(" || (isNameScalar(next) && !("0"..."9").contains(next)) else { return }
        throw Refusal(
            detail: "refers to another variable with $ in \(name), and nothing is expanded here",
            fix: "write the value out, or put it in single quotes if $ is meant literally")
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "A"..."Z", "a"..."z", "0"..."9", "_": true
        default: false
        }
    }
}
