/// The unbroken chain of pieces that is being stored, as far as it has come, and the judgement whether the log at hand goes on where it
/// ended. Pure: what the log holds is handed in.
struct LogChain: Sendable, Equatable {
    enum Continuation: Sendable, Equatable {
        /// The log holds what was stored, and what follows comes behind it.
        case goesOn
        /// The log was begun anew, and everything of the old one is stored: what follows is the new one from its first frame.
        case begunAnew(LogPosition)
        /// Something is or may be missing, for the reason given.
        case broken(String)
    }

    let generation: LogGeneration
    /// The number of the last piece.
    private(set) var number: Int
    /// Where that piece ended.
    private(set) var position: LogPosition
    /// The size of the log's pages in bytes.
    let pageBytes: Int
    /// While nobody could write, everything that the log held was read: it may be begun anew once.
    private(set) var isComplete = false

    init(_ generation: LogGeneration, number: Int, position: LogPosition, pageBytes: Int) {
        self.generation = generation
        self.number = number
        self.position = position
        self.pageBytes = pageBytes
    }

    /// - Parameters:
    ///   - header: of the log as it is now; nil when there is none.
    ///   - frame: the checksum that the frame before ``position`` has in it, or the head's where that is the beginning; nil when there
    ///     is no such frame of this log.
    func continuation(in header: LogHeader?, frame: LogChecksum?) -> Continuation {
        guard let header else { return .broken("there is no log any more: somebody else copied it into the database and took it away") }
        guard header.pageBytes == pageBytes else { return .broken("the database has pages of another size") }
        if header.salts == position.salts {
            return frame == position.checksum ? .goesOn : .broken("the log no longer holds what was stored of it last")
        }
        guard isComplete, header.follows(position.salts) else {
            return .broken("the log was begun anew by somebody else, or is of another time")
        }
        return .begunAnew(header.start)
    }

    /// A piece is stored.
    mutating func advance(to position: LogPosition) {
        number += 1
        self.position = position
        isComplete = false
    }

    /// Everything is read, and nobody could write meanwhile.
    mutating func complete() {
        isComplete = true
    }

    /// The log is the same still, and others may write again.
    mutating func reopen() {
        isComplete = false
    }
}

/// Which chain a piece belongs to: a number that counts up, so that a list says which is the newest, and random digits. Twelve hexadecimal digits.
struct LogGeneration: Sendable, Hashable, Comparable, CustomStringConvertible {
    let description: String

    private init(_ text: String) {
        description = text
    }

    /// Nil for a text of another form.
    init?(text: String) {
        guard text.utf8.count == 12, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else { return nil }
        self.init(text)
    }

    /// The one after the newest there is.
    static func next(after newest: LogGeneration?) -> LogGeneration {
        let number = (newest.flatMap { UInt32($0.description.prefix(6), radix: 16) } ?? 0) + 1
        var bytes: [UInt8] = []
        bytes.appendBigEndian(number)
        return LogGeneration((bytes.suffix(3) + [UInt8].random(3)).hexadecimal)
    }

    static func < (left: LogGeneration, right: LogGeneration) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}
