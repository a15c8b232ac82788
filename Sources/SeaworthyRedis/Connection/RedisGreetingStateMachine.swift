/// How we introduce ourselves on a new connection: by `HELLO` (RESP3); a server that does not know it, by `AUTH` and in RESP2.
struct RedisGreetingStateMachine: Sendable {
    enum Action: Equatable, Sendable {
        case send([RedisCommand])
        case wait
        case done(RedisGreeting)
        case fail(RedisError)
    }

    private enum Step {
        case hello, auth, name, info, select
    }

    private let user: String?
    private let password: String?
    private let database: Int
    private let clientName: String
    private var awaited: [Step] = []
    private var greeting = RedisGreeting()

    init(user: String? = nil, password: String? = nil, database: Int = 0, clientName: String) {
        self.user = user
        self.password = password
        self.database = database
        self.clientName = clientName
    }

    mutating func begin() -> Action {
        awaited = [.hello]
        var words: [RedisCommand.Word] = ["HELLO", "3"]
        if let password { words += ["AUTH", .text(user ?? "default"), .text(password)] }
        return .send([RedisCommand(words + ["SETNAME", .text(clientName)])])
    }

    mutating func received(_ value: RESPValue) -> Action {
        guard !awaited.isEmpty else { return .fail(RedisError(.protocolViolation, "an answer came that nobody asked for")) }
        switch awaited.removeFirst() {
        case .hello:
            if case .failure(let error) = value {
                // "NOPROTO" and "ERR unknown command" alike: it is older than what we asked for.
                return ["NOPROTO", "ERR"].contains(error.kind) ? older() : .fail(Self.refused(error))
            }
            greeting = RedisGreeting(hello: value)
            return select()
        case .auth:
            if case .failure(let error) = value { return .fail(Self.refused(error)) }
            return .wait
        case .name:
            // A name is a courtesy. Without a password where one is needed, INFO fails next.
            return .wait
        case .info:
            switch value {
            case .failure(let error):
                if error.kind == "NOAUTH" { return .fail(Self.refused(error)) }
            default: greeting = RedisGreeting(info: value.string ?? "")
            }
            return select()
        case .select:
            if case .failure(let error) = value { return .fail(RedisError(.wrongServer, "there is no database \(database)", reply: error)) }
            return .done(greeting)
        }
    }

    private mutating func older() -> Action {
        var commands: [RedisCommand] = []
        if let password {
            awaited.append(.auth)
            commands.append(RedisCommand(["AUTH"] + (user.map { [.text($0)] } ?? []) + [.text(password)]))
        }
        awaited += [.name, .info]
        return .send(commands + [RedisCommand(["CLIENT", "SETNAME", .text(clientName)]), RedisCommand(["INFO"])])
    }

    private mutating func select() -> Action {
        guard database != 0 else { return .done(greeting) }
        guard greeting.mode == .standalone else {
            return .fail(RedisError(.wrongServer, "database \(database) is set, and a \(greeting.mode.rawValue) has only 0"))
        }
        awaited = [.select]
        return .send([RedisCommand(["SELECT", .integer(Int64(database))])])
    }

    private static func refused(_ error: RedisReplyError) -> RedisError {
        switch error.kind {
        case "WRONGPASS", "NOAUTH", "NOPERM", "ERR": RedisError(.authentication, "Redis does not let this user in", reply: error)
        default: RedisError(error)
        }
    }
}
