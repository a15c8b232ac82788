/// A row of a file that was not taken, and why.
package struct BadRow: Sendable, Equatable {
    /// Counted from 1; of a row that spans lines, its first.
    package var line: Int
    package var problems: [RecordProblem]

    package init(line: Int, problems: [RecordProblem]) {
        self.line = line
        self.problems = problems
    }
}

/// What an import did.
package struct ImportReport: Sendable {
    /// Rows that are in the database now.
    package var imported = 0
    /// How many rows were bad.
    package var badCount = 0
    /// The first of them, in the order of the file; at most ``ImportReport/maximumBadRows``.
    package var badRows: [BadRow] = []

    /// How many bad rows are told one by one; without `skipsBadRows` the import gives up behind that many.
    package static let maximumBadRows = 100

    package init() {}

    /// - Parameter count: how many there are, where not all of them are told.
    mutating func add(_ rows: [BadRow], count: Int? = nil) {
        badCount += count ?? rows.count
        badRows = Array((badRows + rows).sorted { $0.line < $1.line }.prefix(Self.maximumBadRows))
    }
}

/// Why an import stopped.
package struct ImportError: Error, Sendable, CustomStringConvertible {
    /// Stable codes; never reused.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String
        package var description: String { rawValue }

        /// The file is not of its format at all, or its header names what is no field.
        package static let invalidFile = Code(rawValue: "import.invalid_file")
        /// Rows were bad; nothing of the open transaction was kept.
        package static let badRows = Code(rawValue: "import.bad_rows")
        package static let readOnlyEntity = Code(rawValue: "import.read_only_entity")

        package static let all: [Code] = [invalidFile, badRows, readOnlyEntity]
    }

    package var code: Code
    package var line: Int?
    package var detail: String
    package var report: ImportReport

    package init(_ code: Code, line: Int? = nil, _ detail: String, report: ImportReport = ImportReport()) {
        self.code = code
        self.line = line
        self.detail = detail
        self.report = report
    }

    package var description: String {
        line.map { "line \($0): \(detail)" } ?? detail
    }
}
