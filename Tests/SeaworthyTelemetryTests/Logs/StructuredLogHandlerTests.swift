import Logging
import Testing

@testable import SeaworthyTelemetry

struct StructuredLogHandlerTests {
    private struct Failure: Error, CustomStringConvertible { let description = "no\nluck" }

    private let file: LogFile

    init() throws { file = try LogFile() }

    /// The lines that `body` logs, without their times.
    private func lines(
        _ format: LogFormat = .json, level: Logger.Level = .trace, colored: Bool? = nil, provider: Logger.MetadataProvider? = nil,
        _ body: (inout Logger) -> Void
    ) throws -> [String] {
        let writer = LogWriter(descriptor: file.descriptor, format: format, colored: colored)
        var logger = Logger(label: "seaworthy.test") { label in
            StructuredLogHandler(label: label, writer: writer, level: level, metadataProvider: provider)
        }
        body(&logger)
        #expect(writer.shutdown(timeout: .seconds(60)))
        return try file.bodies()
    }

    @Test func `a JSON line has time, level, label, message and metadata in this order`() throws {
        let found = try lines { $0.info("hello", metadata: ["b": "2", "a": "1", "requestId": "r-1"]) }
        #expect(
            found == [
                #"{"time":"TIME","level":"info","label":"seaworthy.test","message":"hello","requestId":"r-1","a":"1","b":"2"}"#
            ])
    }

    @Test func `numbers and booleans stay what they are`() throws {
        let found = try lines {
            $0.info(
                "m",
                metadata: [
                    "a": .stringConvertible(-5), "b": .stringConvertible(true), "c": .stringConvertible(1.5),
                    "d": .stringConvertible(Double.nan),
                    "e": .stringConvertible(UInt8(255)), "f": .stringConvertible(Failure()), "g": .stringConvertible(false),
                ])
        }
        #expect(found.first?.hasSuffix(#""message":"m","a":-5,"b":true,"c":1.5,"d":"nan","e":255,"f":"no\nluck","g":false}"#) == true)
    }

    @Test func `arrays and dictionaries are written as such, members in order`() throws {
        let found = try lines { $0.info("m", metadata: ["x": ["a", ["z": "1", "k": ["deep"]]], "empty": [:], "none": []]) }
        #expect(found.first?.hasSuffix(#""empty":{},"none":[],"x":["a",{"k":["deep"],"z":"1"}]}"#) == true)
    }

    @Test func `a key of the line's own does not stand twice`() throws {
        let found = try lines { $0.info("m", metadata: ["time": "t", "level": "l", "label": "b", "message": "g"]) }
        #expect(
            found == [
                #"{"time":"TIME","level":"info","label":"seaworthy.test","message":"m","metadata.label":"b","metadata.level":"l","metadata.message":"g","metadata.time":"t"}"#
            ])
    }

    @Test func `whatever is logged stays on one line and is what was logged`() throws {
        let nasty = "a\"b\\c\n\r\t\u{0}\u{1B}\u{7F}\u{85}\u{2028}\u{2029}é🚢\u{301}"
        _ = try lines { $0.info("\(nasty)", metadata: ["k\n\"": "\(nasty)"]) }
        let object = try #require(try file.objects().first)
        #expect(object["message"] as? String == nasty)
        #expect(object["k\n\""] as? String == nasty)
        #expect(try file.lines().count == 1)
    }

    @Test func `secrets are hidden at every depth`() throws {
        let found = try lines {
            $0[metadataKey: "cookie"] = "hunter2"
            $0.info(
                "m",
                metadata: [
                    "authorization": ["hunter2"], "headers": ["set-cookie": "hunter2", "accept": "x"], "list": [["token": "hunter2"]],
                ])
        }
        #expect(
            found.first?.hasSuffix(
                #""message":"m","authorization":"[redacted]","cookie":"[redacted]","headers":{"accept":"x","set-cookie":"[redacted]"},"list":[{"token":"[redacted]"}]}"#
            ) == true)
        #expect(try lines(.text) { $0.info("m", metadata: ["password": "hunter2"]) }.last?.hasSuffix("m password=[redacted]") == true)
    }

    @Test func `the call's metadata wins over the provider's, and that over the logger's`() throws {
        let provider = Logger.MetadataProvider { ["b": "provider", "c": "provider"] }
        let found = try lines(provider: provider) {
            $0[metadataKey: "a"] = "logger"
            $0[metadataKey: "b"] = "logger"
            #expect($0[metadataKey: "a"] == "logger")
            $0.info("m", metadata: ["c": "call"])
        }
        #expect(found.first?.hasSuffix(#""message":"m","a":"logger","b":"provider","c":"call"}"#) == true)
    }

    @Test func `an error given to the call is a member`() throws {
        let found = try lines { $0.error("m", error: Failure()) }
        #expect(found.first?.hasSuffix(#""level":"error","label":"seaworthy.test","message":"m","error":"no\nluck"}"#) == true)
    }

    @Test func `what is less severe than the level is left out`() throws {
        let found = try lines(level: .warning) {
            $0.notice("no")
            $0.warning("yes")
            $0.logLevel = .debug
            $0.trace("no")
            $0.debug("yes")
        }
        #expect(found.count == 2)
        #expect(found.allSatisfy { $0.contains(#""message":"yes""#) })
    }

    @Test func `a text line is time, level, label, message and words`() throws {
        let found = try lines(.text) {
            $0.info(
                "hello world", metadata: ["b": "two words", "a": "1", "requestId": "r-1", "e": "", "n": .stringConvertible(7), "l": ["x"]])
            $0.critical("a\nb\u{1B}[2J \"q\"", metadata: ["k=": "a=b", "q": "\""])
        }
        #expect(
            found == [
                #"TIME INFO     seaworthy.test: hello world requestId=r-1 a=1 b="two words" e="" l=["x"] n=7"#,
                #"TIME CRITICAL seaworthy.test: a\nb\u001b[2J "q" "k="="a=b" q="\"""#,
            ])
    }

    @Test func `a file gets no colours, and who asks for them gets one a level`() throws {
        #expect(try lines(.text) { $0.info("m") } == ["TIME INFO     seaworthy.test: m"])
        let found = try lines(.text, colored: true) { logger in
            for level in Logger.Level.allCases { logger.log(level: level, "m") }
        }
        #expect(
            found.dropFirst().map { $0.prefix { $0 != "s" } } == [
                "TIME \u{1B}[2mTRACE\u{1B}[0m    ", "TIME \u{1B}[2mDEBUG\u{1B}[0m    ", "TIME \u{1B}[36mINFO\u{1B}[0m     ",
                "TIME \u{1B}[32mNOTICE\u{1B}[0m   ", "TIME \u{1B}[33mWARNING\u{1B}[0m  ", "TIME \u{1B}[31mERROR\u{1B}[0m    ",
                "TIME \u{1B}[1;31mCRITICAL\u{1B}[0m ",
            ])
        let json = LogWriter(descriptor: file.descriptor, format: .json, colored: true)
        #expect(!json.colored)
        json.shutdown()
    }
}
