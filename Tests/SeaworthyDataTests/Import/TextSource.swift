import SeaworthyData

/// A file in memory, handed over in chunks.
struct TextSource: ImportSource {
    let bytes: [UInt8]
    let chunk: Int

    init(_ text: String, chunk: Int = 64 * 1024) {
        self.init(Array(text.utf8), chunk: chunk)
    }

    init(_ bytes: [UInt8], chunk: Int = 64 * 1024) {
        self.bytes = bytes
        self.chunk = chunk
    }

    func open() throws -> () throws -> [UInt8]? {
        var position = 0
        return {
            guard position < bytes.count else { return nil }
            defer { position += chunk }
            return Array(bytes[position..<min(position + chunk, bytes.count)])
        }
    }
}

extension TestStore {
    /// What an import did, a line for the sum or the error and one for each problem.
    func importing(
        _ entity: String, _ source: TextSource, _ format: ImportFormat = .csv, skips: Bool = false, batch: Int? = nil
    ) async throws -> String {
        let options = RecordImport.Options(format: format, skipsBadRows: skips, batchSize: batch)
        let task = RecordImport(into: try collection(entity), from: source, options: options, now: Self.now)
        do {
            return Self.text(try await task.run(), nil)
        } catch let error as ImportError {
            return Self.text(error.report, error)
        }
    }

    static func text(_ report: ImportReport, _ error: ImportError?) -> String {
        let rows = report.badRows.flatMap { row in row.problems.map { "\(row.line): \($0.pointer) \($0.code): \($0.detail)" } }
        let lead = error.map { "\($0.code): \($0); " } ?? ""
        return (["\(lead)\(report.imported) imported, \(report.badCount) bad"] + rows).joined(separator: "\n")
    }
}
