import SeaworthyTelemetry
import Testing

@testable import Seaworthy

@Suite struct `Where traces go` {
    private let folder: TemporaryFolder
    private static let endpoint = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"]

    init() throws { folder = try TemporaryFolder() }

    private func load(_ environment: [String: String]) throws(SettingsError) -> Settings {
        try Settings.load(
            environment: environment, workingDirectory: folder.path, machine: SettingsMachine(processorCount: 4, logsToTerminal: false))
    }

    private func tracing(_ further: [String: String]) throws -> TracingSettings {
        try #require(try load(Self.endpoint.merging(further) { $1 }).tracing)
    }

    private func problem(_ further: [String: String]) throws -> SettingsProblem {
        let problems = settingsProblems { () throws(SettingsError) in try load(Self.endpoint.merging(further) { $1 }) }
        #expect(problems.count == 1)
        return try #require(problems.first)
    }

    @Test func `without a receiver none are made`() throws {
        #expect(try load([:]).tracing == nil)
        #expect(try load(["OTEL_TRACES_SAMPLER": "always_on", "OTEL_SERVICE_NAME": "x"]).tracing == nil)
    }

    @Test func `the standard says where, how and which`() throws {
        let tracing = try tracing([:])
        #expect(tracing.url == "http://localhost:4318/v1/traces")
        #expect(tracing.form == .protobuf && tracing.sampler == .parentBased(root: .alwaysOn))
        #expect(tracing.serviceName == nil && tracing.attributes.isEmpty && tracing.headers.isEmpty)
        #expect(try self.tracing(["OTEL_EXPORTER_OTLP_ENDPOINT": "https://a.example/otlp/"]).url == "https://a.example/otlp/v1/traces")
        #expect(try self.tracing(["OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"]).form == .json)
    }

    @Test(arguments: [
        ("always_on", nil, TraceSampler.alwaysOn), ("always_off", nil, .alwaysOff), ("traceidratio", "0.25", .ratio(0.25)),
        ("traceidratio", nil, .ratio(1)), ("traceidratio", "0", .ratio(0)), ("parentbased_always_on", nil, .parentBased(root: .alwaysOn)),
        ("parentbased_always_off", nil, .parentBased(root: .alwaysOff)), ("parentbased_traceidratio", "1.0", .parentBased(root: .ratio(1))),
    ]) func `every sampler of the standard`(name: String, argument: String?, sampler: TraceSampler) throws {
        var variables = ["OTEL_TRACES_SAMPLER": name]
        variables["OTEL_TRACES_SAMPLER_ARG"] = argument
        #expect(try tracing(variables).sampler == sampler)
    }

    @Test func `names and fields are decoded, and the fields are secrets`() throws {
        let settings = try load(
            Self.endpoint.merging([
                "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Basic%20dXNlcjpw, x-a = b=c",
                "OTEL_RESOURCE_ATTRIBUTES": "a=b%2Cc,service.name=s",
            ]) { $1 })
        let tracing = try #require(settings.tracing)
        #expect(tracing.headers.map(\.name) == ["authorization", "x-a"] && tracing.headers.map(\.value) == ["Basic dXNlcjpw", "b=c"])
        #expect(tracing.attributes == ["a": "b,c", "service.name": "s"] && tracing.serviceName == "s")
        #expect(settings.secrets.contains("Basic dXNlcjpw"))
        #expect(try self.tracing(["OTEL_RESOURCE_ATTRIBUTES": "service.name=s", "OTEL_SERVICE_NAME": "t"]).serviceName == "t")
    }

    @Test(arguments: [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", SettingsProblem.Code.invalidValue),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://u:p@localhost:4318", .invalidValue),  // not-a-secret
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", .notSupported), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http", .invalidValue),
        ("OTEL_TRACES_SAMPLER", "jaeger_remote", .invalidValue), ("OTEL_EXPORTER_OTLP_HEADERS", "name", .invalidValue),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a b=c", .invalidValue), ("OTEL_EXPORTER_OTLP_HEADERS", "=c", .invalidValue),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=b%0D%0Ac:d", .invalidValue), ("OTEL_EXPORTER_OTLP_HEADERS", "Content-Type=x", .invalidValue),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=%zz", .invalidValue), ("OTEL_RESOURCE_ATTRIBUTES", "a=b,", .invalidValue),
        ("OTEL_RESOURCE_ATTRIBUTES", "=b", .invalidValue), ("OTEL_TRACES_SAMPLER_ARG", "0.5", .conflictingValues),
        ("OTEL_SDK_DISABLED", "true", .notSupported), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://x", .notSupported),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=b", .notSupported), ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc", .notSupported),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/x", .notSupported), ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip", .notSupported),
        ("OTEL_TRACES_EXPORTER", "none", .notSupported), ("OTEL_PROPAGATORS", "b3", .notSupported),
    ]) func `what cannot be is refused`(name: String, value: String, code: SettingsProblem.Code) throws {
        let problem = try problem([name: value])
        #expect(problem.subject == name && problem.code == code)
    }

    @Test(arguments: ["1.1", "-0.1", "half", "1e-3", "nan", ""]) func `a share is from 0 to 1`(text: String) throws {
        let problems = settingsProblems { () throws(SettingsError) in
            try load(Self.endpoint.merging(["OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": text]) { $1 })
        }
        #expect(problems.map(\.subject) == (text.isEmpty ? [] : ["OTEL_TRACES_SAMPLER_ARG"]))
    }

    @Test func `others of the standard are somebody else's`() throws {
        #expect(
            try tracing(["OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none", "OTEL_BSP_SCHEDULE_DELAY": "1"]).headers.isEmpty)
    }
}
