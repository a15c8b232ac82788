import ArgumentParser

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Who can sign in.",
        subcommands: [UserCreateCommand.self, UserListCommand.self, UserDisableCommand.self, UserEnableCommand.self])
}
