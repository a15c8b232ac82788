import ArgumentParser
import Seaworthy

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Runs the server until SIGTERM or SIGINT.")

    @OptionGroup var schema: SchemaOptions
    @Flag(help: .hidden) var watch = false

    func validate() throws {
        if watch { throw ValidationError("--watch is not supported in this version [not_supported]") }
    }

    func run() async throws {
        try await CommandOutput.run { try await ServeOperation(schemaPath: schema.path).run() }
    }
}
