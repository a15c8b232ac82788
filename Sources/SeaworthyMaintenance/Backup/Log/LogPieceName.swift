import SeaworthySchema

/// The name of a piece, which says where it belongs without being read:
/// `northwind_db-log-0000018f3a2c-00000042-20261125T031500123456Z.log`, the database, the chain, the number in it, and when it was read.
/// It ends with `.part` where a transaction goes on in the next piece.
struct LogPieceName: Sendable, Hashable, CustomStringConvertible {
    private static let wholeSuffix = ".log"
    private static let partSuffix = ".part"
    static let maximumNumber = 99_999_999

    /// What all names of the database begin with.
    var prefix: String
    var generation: LogGeneration
    var number: Int
    /// Microseconds since the epoch.
    var time: Int64
    /// Whether it can be the last one that a restore applies.
    var endsCommit: Bool

    init(_ prefix: String, _ generation: LogGeneration, number: Int, time: Int64, endsCommit: Bool) {
        (self.prefix, self.generation, self.number, self.time, self.endsCommit) = (prefix, generation, number, time, endsCommit)
    }

    /// What the names of all pieces of a database begin with.
    static func prefix(of database: String) -> String { BackupName.prefix(of: database) + "log-" }

    var description: String {
        "\(prefix)\(generation)-\(Self.pad(number, 8))-\(Self.label(time))\(endsCommit ? Self.wholeSuffix : Self.partSuffix)"
    }

    /// Nil for what is no name of a piece.
    init?(_ text: String, prefix: String) {
        guard text.hasPrefix(prefix) else { return nil }
        let endsCommit = text.hasSuffix(Self.wholeSuffix)
        guard let rest = text.removingSuffix(endsCommit ? Self.wholeSuffix : Self.partSuffix)?.dropFirst(prefix.count) else { return nil }
        let parts = rest.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let generation = LogGeneration(text: String(parts[0])), parts[1].utf8.count == 8,
            let number = Int(parts[1]), number >= 0, let time = Self.time(parts[2])
        else { return nil }
        self.init(prefix, generation, number: number, time: time, endsCommit: endsCommit)
        guard description == text else { return nil }
    }

    /// `20261125T031500123456Z`
    private static func label(_ time: Int64) -> String {
        TimeLabel.compact(time).dropLast() + pad(CivilTime(microseconds: time).microsecond, 6) + "Z"
    }

    private static func time(_ label: Substring) -> Int64? {
        let digits = Array(label.utf8)
        guard digits.count == 22, digits[8] == UInt8(ascii: "T"), digits[21] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
        return TimeLabel.microseconds(
            "\(number(0..<4))-\(number(4..<6))-\(number(6..<8))T\(number(9..<11)):\(number(11..<13)):\(number(13..<15)).\(number(15..<21))Z"
        )
    }

    private static func pad(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
