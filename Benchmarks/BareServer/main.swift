// The baseline of the benchmarks: one route of Hummingbird's own that answers with the bytes in the file named by the first argument,
// and nothing around it.
import FoundationEssentials
import Hummingbird
import Logging
import NIOCore

let arguments = CommandLine.arguments
guard arguments.count == 3, let port = Int(arguments[2]), let data = FileManager.default.contents(atPath: arguments[1]) else {
    throw UsageError()
}
let body = ByteBuffer(bytes: data)
var logger = Logger(label: "bare")
logger.logLevel = .error
let router = Router()
router.get("/v1/orders/{key}") { _, _ in
    Response(status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
}
let application = Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)), logger: logger)
try await application.runService()

struct UsageError: Error, CustomStringConvertible {
    var description: String { "usage: BareServer FILE PORT" }
}
