/// Something that went wrong and is to be reported.
package struct SentryFault: Sendable {
    package enum Level: String, Sendable {
        case fatal, error, warning, info
    }

    /// A call of the stack, by what is known of it.
    package struct Frame: Sendable, Equatable {
        package var function: String?
        package var file: String?
        package var line: Int?
        /// The library or executable.
        package var image: String?
        /// `0x…`
        package var address: String?

        package init(function: String? = nil, file: String? = nil, line: Int? = nil, image: String? = nil, address: String? = nil) {
            self.function = function
            self.file = file
            self.line = line
            self.image = image
            self.address = address
        }
    }

    /// The request that failed: what is known to hold nothing of somebody's.
    package struct Request: Sendable, Equatable {
        package var id: String
        package var method: String
        /// The route's template; nil where no route was reached.
        package var route: String?
        package var status: Int
        package var userID: String?

        package init(id: String, method: String, route: String?, status: Int, userID: String?) {
            self.id = id
            self.method = method
            self.route = route
            self.status = status
            self.userID = userID
        }
    }

    package var level: Level
    /// Who tells it: a logger's label.
    package var logger: String
    /// What kind of fault it is, such as `storage.disconnected`.
    package var type: String
    package var message: String
    /// Events that have the same belong together.
    package var fingerprint: [String]
    package var request: Request?
    package var tags: [(String, String)]
    package var extra: [(String, String)]
    /// Of the newest call last, as Sentry has it; empty where none is known. Swift's errors have none.
    package var frames: [Frame]
    /// Milliseconds since 1970; nil for now.
    package var milliseconds: Int64?
    /// False where nothing caught it: a crash.
    package var isHandled: Bool

    package init(
        _ level: Level, logger: String, type: String, message: String, fingerprint: [String], request: Request? = nil,
        tags: [(String, String)] = [], extra: [(String, String)] = [], frames: [Frame] = [], milliseconds: Int64? = nil,
        isHandled: Bool = true
    ) {
        self.level = level
        self.logger = logger
        self.type = type
        self.message = message
        self.fingerprint = fingerprint
        self.request = request
        self.tags = tags
        self.extra = extra
        self.frames = frames
        self.milliseconds = milliseconds
        self.isHandled = isHandled
    }
}
