import SeaworthyRedis

extension Settings {
    /// Where Redis is; nil for a server that does without. `REDIS_URL` wins over `REDIS_HOST` and `REDIS_PORT`.
    static func redis(_ reading: inout SettingsReading) -> RedisSettings? {
        let (host, port) = (reading.text("REDIS_HOST"), reading.integer("REDIS_PORT"))
        let (connect, command) = (reading.duration("REDIS_CONNECT_TIMEOUT"), reading.duration("REDIS_COMMAND_TIMEOUT"))
        let authorities = reading.text("REDIS_CA_FILE")
        var settings: RedisSettings?
        if let url = reading.text("REDIS_URL") {
            do {
                settings = try RedisAddress.parse(url)
            } catch {
                reading.report(SettingsProblem(.invalidValue, "REDIS_URL", error.detail, fix: error.fix))
            }
        } else if let host {
            settings = RedisSettings([RedisEndpoint(host: host, port: port ?? RedisEndpoint.standardPort)])
        }
        refuseAlone(&reading)
        if let authorities {
            if settings?.tls == nil, settings != nil {
                reading.report(
                    SettingsProblem(
                        .conflictingValues, "REDIS_CA_FILE", "is for TLS, and Redis is reached in clear",
                        fix: "write REDIS_URL=rediss://…, or unset it"))
            }
            settings?.tls?.authorities = authorities
        }
        if let connect { settings?.connectTimeout = connect }
        if let command { settings?.commandTimeout = command }
        return settings
    }

    /// What says something of a Redis that nobody names.
    private static func refuseAlone(_ reading: inout SettingsReading) {
        guard !reading.isGiven("REDIS_URL"), !reading.isGiven("REDIS_HOST") else { return }
        for name in ["REDIS_PORT", "REDIS_CA_FILE", "REDIS_CONNECT_TIMEOUT", "REDIS_COMMAND_TIMEOUT"] where reading.isGiven(name) {
            reading.report(
                SettingsProblem(.conflictingValues, name, "is set, and no Redis is", fix: "set REDIS_URL, or unset it"))
        }
    }
}
