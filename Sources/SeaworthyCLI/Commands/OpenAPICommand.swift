import ArgumentParser
import Seaworthy

struct OpenAPICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi", abstract: "Prints the OpenAPI 3.1 document of the schema's API.")

    @OptionGroup var schema: SchemaOptions

    func run() async throws {
        try await CommandOutput.run { CommandOutput.result(try await OpenAPIOperation(schemaPath: schema.path).run()) }
    }
}
