package import NIOCore

/// One command with its arguments, as Redis takes it: an array of texts.
package struct RedisCommand: Sendable, Hashable {
    package enum Word: Sendable, Hashable, ExpressibleByStringLiteral {
        case text(String)
        case bytes(ByteBuffer)
        case integer(Int64)

        package init(stringLiteral text: String) {
            self = .text(text)
        }
    }

    package let words: [Word]
    /// Which of the words is the first key, by which a cluster knows where the command belongs; nil for one without keys.
    package let keyIndex: Int?

    /// - Parameters:
    ///   - words: its name first.
    ///   - key: the index of the first key among the words; nil for a command without keys.
    package init(_ words: [Word], key: Int? = nil) {
        self.words = words
        keyIndex = key
    }

    /// A command of the usual form: its name, its key, then the rest.
    package init(_ name: String, key: Word, _ rest: Word...) {
        words = [.text(name), key] + rest
        keyIndex = 1
    }

    /// The command's name, for logs and metrics.
    var name: String {
        if case .text(let name) = words.first { name } else { "" }
    }

    var key: Word? { keyIndex.flatMap { words.indices.contains($0) ? words[$0] : nil } }
}

extension ByteBuffer {
    mutating func write(_ command: RedisCommand) {
        writeHeader(UInt8(ascii: "*"), command.words.count)
        for word in command.words {
            switch word {
            case .text(let text):
                writeHeader(UInt8(ascii: "$"), text.utf8.count)
                writeString(text)
            case .bytes(let bytes):
                writeHeader(UInt8(ascii: "$"), bytes.readableBytes)
                writeImmutableBuffer(bytes)
            case .integer(let number):
                let text = String(number)
                writeHeader(UInt8(ascii: "$"), text.utf8.count)
                writeString(text)
            }
            writeLineEnd()
        }
    }

    private mutating func writeHeader(_ type: UInt8, _ count: Int) {
        writeInteger(type)
        writeString(String(count))
        writeLineEnd()
    }

    private mutating func writeLineEnd() {
        writeInteger(0x0D0A as UInt16)
    }
}
