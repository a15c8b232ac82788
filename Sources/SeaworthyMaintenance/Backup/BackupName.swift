/// The name of a backup: the database, the time in UTC, and six random digits, `northwind-20261125T031500Z-8f3a2c`.
enum BackupName {
    static let dataSuffix = ".backup"
    static let manifestSuffix = ".manifest.json"
    static let verifiedSuffix = ".verified.json"

    /// What all backups of a database begin with. Letters, digits, `_`; never empty.
    static func prefix(of database: String) -> String {
        let plain = database.utf8.prefix(60).map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
            default: UInt8(ascii: "_")
            }
        }
        return String(decoding: plain, as: UTF8.self) + "-"
    }

    static func make(_ database: String, time: Int64) -> String {
        prefix(of: database) + TimeLabel.compact(time) + "-" + [UInt8].random(3).hexadecimal
    }

    /// Whether a text that came from outside has the form of a name, and so can name no other file.
    static func isValid(_ text: String) -> Bool {
        text.wholeMatch(of: /[a-z0-9_]{1,60}-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}/) != nil
    }
}
