import SeaworthySchema

/// `seaworthy check`: every problem of the schema and of the environment at once.
package struct CheckOperation: Sendable {
    package struct Report: Sendable {
        package struct Finding: Sendable {
            package var severity: String
            package var code: String
            /// `seaworthy.yaml:12:7`, or the variable's name.
            package var place: String
            package var message: String
            package var fix: String
        }

        package var findings: [Finding] = []

        package var isSound: Bool { !findings.contains { $0.severity == "error" } }

        /// A finding a line, then the sum.
        package var text: String {
            let lines = findings.map { "\($0.place): \($0.severity): \($0.message) Fix: \($0.fix)" }
            let errors = findings.count { $0.severity == "error" }
            let sum = errors == 0 && findings.isEmpty ? "all is well" : "\(errors) error(s), \(findings.count - errors) warning(s)"
            return (lines + [sum]).joined(separator: "\n")
        }

        package var json: String {
            let findings: [JSONValue] = findings.map { finding in
                [
                    "severity": .string(finding.severity), "code": .string(finding.code), "place": .string(finding.place),
                    "message": .string(finding.message), "fix": .string(finding.fix),
                ]
            }
            let report: JSONValue = ["ok": .bool(isSound), "findings": .array(findings)]
            return report.indentedText
        }
    }

    private let schemaPath: String

    package init(schemaPath: String) {
        self.schemaPath = schemaPath
    }

    /// The JSON Schema of the schema language, for editors.
    package static var schemaOfSchema: String {
        SchemaJSONSchema.document.indentedText
    }

    package func run() -> Report {
        var report = Report()
        var schema: Schema?
        do {
            let file = try SchemaFile(path: schemaPath)
            schema = file.schema
            report.findings += file.warnings.map(Self.finding)
        } catch let error as SchemaError {
            report.findings += error.problems.map(Self.finding)
        } catch {
            report.findings.append(
                Report.Finding(
                    severity: "error", code: "unreadable_file", place: schemaPath, message: "\(error)",
                    fix: "name another with --schema FILE"))
        }
        do {
            let settings = try Settings.loadFromProcess(logDescriptor: 1, makesKeys: false)
            report.findings += settings.web.certificateProblem().map { [Self.finding($0)] } ?? []
            if !settings.database.location.isPostgres { report.findings += (schema?.entities ?? []).compactMap(schemaless) }
        } catch {
            report.findings += error.problems.map(Self.finding)
        }
        return report
    }

    /// What the language takes and the database of the settings does not.
    private func schemaless(_ entity: Entity) -> Report.Finding? {
        entity.dbSchema.map { name in
            Report.Finding(
                severity: "error", code: SchemaProblem.Code.notApplicable.rawValue, place: schemaPath,
                message:
                    "entities.\(entity.name).dbSchema: «\(name)» is a schema of PostgreSQL, and DATABASE_URL names SQLite, which has none.",
                fix: "set DATABASE_URL=postgres://…, or remove `dbSchema:`")
        }
    }

    private static func finding(_ problem: SettingsProblem) -> Report.Finding {
        Report.Finding(severity: "error", code: "\(problem.code)", place: problem.subject, message: problem.detail + ".", fix: problem.fix)
    }

    private static func finding(_ problem: SchemaProblem) -> Report.Finding {
        let subject = problem.path.isEmpty ? "" : "\(problem.path): "
        return Report.Finding(
            severity: problem.severity.rawValue, code: problem.code.rawValue, place: "\(problem.file):\(problem.line):\(problem.column)",
            message: subject + problem.message, fix: problem.fix)
    }
}
