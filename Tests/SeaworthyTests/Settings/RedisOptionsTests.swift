import PostgresServing
import SeaworthyRedis
import Testing

@testable import Seaworthy

@Suite struct `Where Redis is` {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ environment: [String: String]) throws(SettingsError) -> RedisSettings? {
        try Settings.load(
            environment: environment, workingDirectory: folder.path, machine: SettingsMachine(processorCount: 4, logsToTerminal: false)
        ).redis
    }

    private func problems(_ environment: [String: String]) -> [SettingsProblem] {
        settingsProblems { () throws(SettingsError) in try load(environment) }
    }

    @Test func `nowhere without being told`() throws {
        #expect(try load([:]) == nil)
    }

    @Test func `REDIS_URL says everything, and wins over host and port`() throws {
        let settings = try load([
            "REDIS_URL": "rediss://app:pw@cache:7000/2",  // not-a-secret
            "REDIS_HOST": "other", "REDIS_PORT": "1", "REDIS_CA_FILE": "ca.pem",
            "REDIS_CONNECT_TIMEOUT": "3s", "REDIS_COMMAND_TIMEOUT": "100ms",
        ])
        #expect(settings?.endpoints == [RedisEndpoint(host: "cache", port: 7000)])
        #expect(settings?.user == "app" && settings?.password == "pw" && settings?.database == 2)
        #expect(settings?.tls?.authorities == "\(folder.path)/ca.pem")
        #expect(settings?.connectTimeout == .seconds(3) && settings?.commandTimeout == .milliseconds(100))
    }

    @Test func `a host is enough, and a port beside it`() throws {
        #expect(try load(["REDIS_HOST": "cache"])?.endpoints == [RedisEndpoint(host: "cache", port: 6379)])
        let settings = try load(["REDIS_HOST": "cache", "REDIS_PORT": "7000"])
        #expect(settings?.endpoints == [RedisEndpoint(host: "cache", port: 7000)])
        #expect(settings?.commandTimeout == .milliseconds(250) && settings?.connectTimeout == .seconds(1) && settings?.tls == nil)
    }

    @Test func `what Kubernetes sets for a service named redis is not ours`() throws {
        #expect(try load(["REDIS_PORT": "tcp://10.0.0.1:6379", "REDIS_SERVICE_HOST": "10.0.0.1"]) == nil)
    }

    @Test(arguments: [
        ("REDIS_PORT", "7000"), ("REDIS_CA_FILE", "ca.pem"), ("REDIS_CONNECT_TIMEOUT", "1s"), ("REDIS_COMMAND_TIMEOUT", "1s"),
    ])
    func `what says something of no Redis is refused`(name: String, value: String) {
        let found = problems([name: value])
        #expect(found.map(\.subject) == [name] && found.map(\.code) == [.conflictingValues])
    }

    @Test func `a wrong address is told with the fix, and without what may be a password`() {
        let found = problems(["REDIS_URL": "redis://u:geheim/nis@h"])  // not-a-secret
        #expect(found.map(\.subject) == ["REDIS_URL"] && found.first?.code == .invalidValue)
        #expect(found.first.map { !"\($0)".contains("geheim") && $0.fix.contains("%2F") } == true)
        #expect(problems(["REDIS_URL": "localhost:6379"]).first?.fix.contains("redis://") == true)
    }

    @Test func `an authority is for TLS`() {
        #expect(problems(["REDIS_URL": "redis://h", "REDIS_CA_FILE": "ca.pem"]).map(\.subject) == ["REDIS_CA_FILE"])
        // A wrong address is one problem, not two.
        #expect(problems(["REDIS_URL": "h", "REDIS_CA_FILE": "ca.pem"]).map(\.subject) == ["REDIS_URL"])
    }

    @Test func `passwords are never shown`() throws {
        let settings = try Settings.load(
            environment: ["REDIS_URL": "redis://:p%40ss@h?sentinel=m&sentinelPassword=other"],  // not-a-secret
            workingDirectory: folder.path, machine: SettingsMachine(processorCount: 4, logsToTerminal: false))
        #expect(settings.secrets.contains("p@ss") && settings.secrets.contains("other"))
    }
}
