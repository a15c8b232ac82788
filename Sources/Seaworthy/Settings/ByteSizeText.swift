import SeaworthySchema

/// Sizes as settings write them: a whole number and one unit, `512B`, `10MB` (powers of 1000), `64KiB`, `1MiB` (powers of 1024).
enum ByteSizeText {
    private static let units: [(suffix: String, bytes: Int)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1),
    ]

    /// Bytes; nil for anything else and for what does not fit.
    static func parse(_ text: String) -> Int? {
        for unit in units where text.hasSuffix(unit.suffix) {
            guard let count = WholeNumber.parse(text.dropLast(unit.suffix.count)) else { continue }
            let (bytes, overflow) = count.multipliedReportingOverflow(by: unit.bytes)
            return overflow ? nil : bytes
        }
        return nil
    }

    /// The shortest exact way to write it: `1MiB`, `10MB`, `1025B`.
    static func render(_ bytes: Int) -> String {
        let exact = units.filter { bytes > 0 && bytes % $0.bytes == 0 }.max { $0.bytes < $1.bytes }
        return exact.map { "\(bytes / $0.bytes)\($0.suffix)" } ?? "\(bytes)B"
    }
}
