/// Texts that may stand in Markdown, whatever they hold: nothing in them becomes a heading, a list, a cell, a link, math or HTML.
enum MarkdownText {
    /// A text for people, on one line.
    static func prose(_ text: String) -> String {
        let line = oneLine(text)
        var safe = ""
        for scalar in line.unicodeScalars {
            switch scalar {
            case "\\", "`", "*", "_", "[", "]", "~", "$", "{", "}": safe += "\\\(scalar)"
            case "<": safe += "&lt;"
            case ">": safe += "&gt;"
            case "&": safe += "&amp;"
            // An escaped bar is read differently inside and outside tables and code; its number is read alike.
            case "|": safe += "&#124;"
            default: safe.unicodeScalars.append(scalar)
            }
        }
        return startingAsText(safe)
    }

    /// A name or value as code. What a code span cannot hold everywhere goes into an element.
    static func code(_ text: String) -> String {
        let isPlain = !text.isEmpty && text == oneLine(text) && !text.contains("`") && !text.contains("|")
        return isPlain ? "`\(text)`" : "<code>\(prose(text))</code>"
    }

    static func codes(_ texts: [String]) -> String {
        texts.map(code).joined(separator: ", ")
    }

    /// A table. Cells are Markdown already; a row without any content in a column leaves it empty.
    static func table(_ head: [String], _ rows: [[String]]) -> String {
        ([head, head.map { _ in "---" }] + rows).map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }

    /// The fragment that GitHub gives a heading: lower case, spaces as hyphens, no signs.
    static func anchor(_ heading: String) -> String {
        var anchor = ""
        for character in heading.lowercased() {
            if character.isLetter || character.isNumber || character == "-" || character == "_" {
                anchor.append(character)
            } else if character == " " {
                anchor.append("-")
            }
        }
        return anchor
    }

    private static func oneLine(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || scalar.properties.generalCategory == .control {
                if let last = line.last, last != " " { line += " " }
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
        return line.last == " " ? String(line.dropLast()) : line
    }

    /// At the start of a line `#`, `+`, `-` and `=` begin blocks, and so does a number with a point or parenthesis.
    private static func startingAsText(_ line: String) -> String {
        guard let first = line.first else { return line }
        if "#+-=".contains(first) { return "\\" + line }
        let digits = line.prefix { $0.isASCII && $0.isNumber }
        let rest = line.dropFirst(digits.count)
        guard !digits.isEmpty, let sign = rest.first, ".)".contains(sign) else { return line }
        return digits + "\\" + rest
    }
}
