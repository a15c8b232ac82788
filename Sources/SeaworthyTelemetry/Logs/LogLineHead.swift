import Logging

/// What every line begins with: the time is put before it by ``LogWriter``, under its lock.
///
/// JSON: `,"level":"info","label":"seaworthy","message":"…"`, text: ` INFO     seaworthy: …`.
enum LogLineHead {
    static func append(level: Logger.Level, label: String, message: String, format: LogFormat, colored: Bool, to bytes: inout [UInt8]) {
        switch format {
        case .json:
            bytes.append(contentsOf: #","level":""#.utf8)
            bytes.append(contentsOf: level.rawValue.utf8)
            bytes.append(contentsOf: #"","label":"#.utf8)
            LogText.appendQuoted(label, to: &bytes)
            bytes.append(contentsOf: #","message":"#.utf8)
            LogText.appendQuoted(message, to: &bytes)
        case .text:
            bytes.append(UInt8(ascii: " "))
            if colored { bytes.append(contentsOf: color(of: level).utf8) }
            bytes.append(contentsOf: level.rawValue.uppercased().utf8)
            if colored { bytes.append(contentsOf: "\u{1B}[0m".utf8) }
            for _ in level.rawValue.utf8.count..<9 { bytes.append(UInt8(ascii: " ")) }
            LogText.appendPlain(label, to: &bytes)
            bytes.append(contentsOf: ": ".utf8)
            LogText.appendPlain(message, to: &bytes)
        }
    }

    /// SGR sequences of ECMA-48: dim, cyan, green, yellow, red, bold red.
    private static func color(of level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "\u{1B}[2m"
        case .info: "\u{1B}[36m"
        case .notice: "\u{1B}[32m"
        case .warning: "\u{1B}[33m"
        case .error: "\u{1B}[31m"
        case .critical: "\u{1B}[1;31m"
        }
    }
}
