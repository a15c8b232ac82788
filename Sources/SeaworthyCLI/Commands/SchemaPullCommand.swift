import ArgumentParser
import Seaworthy

struct SchemaPullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Writes the schema file of a database that is there already. Changes nothing in it.",
        discussion: """
            Reads the database of DATABASE_URL. What cannot be taken over is said at its place in the file, and on standard error.
            Nobody may read or write anything until the file's access rules say so: see --grant.
            """)

    @Option(help: ArgumentHelp("The file to write instead of standard output.", valueName: "file")) var output: String?
    @Flag(help: "Replaces the file when it is there.") var force = false
    @Option(
        help: ArgumentHelp(
            "Another database than DATABASE_URL: sqlite:PATH or postgres://USER@HOST/NAME, without a password.", valueName: "url"))
    var database: String?
    @Option(
        help: ArgumentHelp("A schema of PostgreSQL to take the tables of, by default public; may stand several times.", valueName: "name"))
    var schemaName: [String] = []
    @Option(help: ArgumentHelp("Only tables whose names match, with * and ?; may stand several times.", valueName: "pattern"))
    var table: [String] = []
    @Option(help: ArgumentHelp("Not the tables whose names match; may stand several times.", valueName: "pattern")) var exclude: [String] =
        []
    @Option(help: ArgumentHelp("The application's name; by default that of the database.", valueName: "name")) var name: String?
    @Option(help: ArgumentHelp("none, read or write: what the file lets everyone do, by default none.", valueName: "rights"))
    var grant = "none"

    func validate() throws {
        guard SchemaPullOperation.grants.contains(grant) else {
            throw ValidationError("--grant is one of \(SchemaPullOperation.grants.joined(separator: ", "))")
        }
        guard name?.isEmpty != true else { throw ValidationError("--name is empty") }
    }

    func run() async throws {
        try await CommandOutput.run {
            let report = try await SchemaPullOperation(
                database: database, outputPath: output, overwrites: force, name: name, schemas: schemaName, tables: table,
                excluded: exclude,
                grant: grant
            ).run()
            for note in report.notes { CommandOutput.error("note: \(note)") }
            let notes = report.notes.isEmpty ? "" : ", \(report.notes.count) note(s)"
            CommandOutput.error(
                "\(report.entities) \(report.entities == 1 ? "entity" : "entities")\(output.map { " written to \($0)" } ?? "")\(notes)")
        }
    }
}
