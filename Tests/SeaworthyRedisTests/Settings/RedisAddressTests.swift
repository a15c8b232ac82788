import Testing

@testable import SeaworthyRedis

@Suite struct RedisAddressTests {
    private static func endpoints(_ pairs: (String, Int)...) -> [RedisEndpoint] { pairs.map { RedisEndpoint(host: $0.0, port: $0.1) } }

    @Test func `a host alone has the usual port, database 0, no user and no TLS`() throws {
        let settings = try RedisAddress.parse("redis://cache.example.org")
        #expect(settings.endpoints == Self.endpoints(("cache.example.org", 6379)))
        #expect(
            settings.user == nil && settings.password == nil && settings.database == 0 && settings.tls == nil && settings.sentinel == nil)
    }

    @Test func `everything that can be said`() throws {
        let settings = try RedisAddress.parse("rediss://app:p%40ss%2Fw%3Ard@[::1]:7000/5")  // not-a-secret
        #expect(settings.endpoints == Self.endpoints(("::1", 7000)))
        #expect(settings.endpoints[0].description == "[::1]:7000")
        #expect(settings.user == "app" && settings.password == "p@ss/w:rd" && settings.database == 5)
        #expect(settings.tls == RedisSettings.TLS())
    }

    @Test func `a password without a user is the default user's`() throws {
        let settings = try RedisAddress.parse("redis://:a:b@h/")  // not-a-secret
        #expect(settings.user == nil && settings.password == "a:b")
        #expect(try RedisAddress.parse("redis://@h").password == nil)
    }

    @Test func `several hosts, and sentinels with their usual port and their own user`() throws {
        #expect(try RedisAddress.parse("REDIS://a:1,b,c:3").endpoints == Self.endpoints(("a", 1), ("b", 6379), ("c", 3)))
        let parameters = "sentinel=my%20master&sentinelUser=su&sentinelPassword=sp"
        let settings = try RedisAddress.parse("redis://:pw@s1,s2:5000/2?\(parameters)")  // not-a-secret
        #expect(settings.endpoints == Self.endpoints(("s1", 26379), ("s2", 5000)))
        #expect(settings.sentinel == RedisSettings.Sentinel(primary: "my master", user: "su", password: "sp"))
        #expect(settings.password == "pw" && settings.database == 2)
    }

    @Test(arguments: [
        ("http://h", "does not begin"), ("redis:/h", "does not begin"), ("redis://", "no host"), ("redis://h:0", "port"),
        ("redis://h:65536", "port"),
        ("redis://h:x", "port"), ("redis://h:", "port"), ("redis://h,", "no host"), ("redis://h,h:6379", "twice"),
        ("redis://h h", "no host"),
        ("redis://h/x", "path"), ("redis://h/-1", "path"), ("redis://h/+1", "path"), ("redis://h/1/2", "path"), ("redis://h/65536", "path"),
        ("redis://user@h", "no password"), ("redis://user:@h", "no password"),
        ("redis://u:a/b@h", "%2F"), ("redis://u:a@b@h", "%2F"),  // not-a-secret
        ("redis://u:%zz@h", "%25"), ("redis://u:%ff@h", "%25"),  // not-a-secret
        ("redis://u:a#b@h", "%23"),  // not-a-secret
        ("redis://h?db=1", "parameter"),
        ("redis://h?sentinel=", "without a value"), ("redis://h?sentinel=a&sentinel=b", "twice"),
        ("redis://h?sentinelPassword=x", "names no primary"),
        ("redis://h?sentinel=a&sentinelUser=x", "sentinelPassword"),
    ])
    func `refuses what cannot be meant, without quoting it`(text: String, told: String) {
        let problem = #expect(throws: RedisAddress.Problem.self) { try RedisAddress.parse(text) }
        #expect(problem.map { $0.detail + $0.fix }?.contains(told) == true)
        #expect(problem?.detail.contains("a/b") == false)
    }
}
