import Testing

@testable import Seaworthy

struct SettingNamesTests {
    private func problem(_ name: String, _ value: String = "1") -> SettingsProblem? {
        SettingNames.problem(name: name, value: value, origin: "")
    }

    @Test(arguments: [
        ("LOG_LEVL", "LOG_LEVEL"), ("LOGLEVEL", "LOG_LEVEL"), ("SECRET_KEY", "SECRET_KEYS"), ("REDIS_URI", "REDIS_URL"),
        ("DATABASEURL", "DATABASE_URL"), ("SECRET_KEY_FILE", "SECRET_KEYS_FILE"), ("LOG_LEVEL_FIL", "LOG_LEVEL_FILE"),
        ("DATABASE_HOST", "DATABASE_URL"), ("DATABASE_POOL", "DATABASE_POOL_SIZE"), ("JWT_SECRET", "JWT_SIGNING_KEYS"),
        ("BACKUP_X", "BACKUP_DIR"),
    ])
    func `a name that ought to be a setting is an error`(name: String, nearest: String) throws {
        let found = try #require(problem(name))
        #expect(found.code == .unknownSetting)
        #expect(found.subject == name)
        if !SettingNames.ownPrefixes.contains(where: name.hasPrefix) { #expect(found.fix.contains("did you mean \(nearest)?")) }
    }

    @Test func `the nearest name is told`() {
        #expect(
            problem("LOG_LEVL")?.description
                == "LOG_LEVL is not a setting; did you mean LOG_LEVEL? Rename it, or unset it [unknown_setting]")
        #expect(problem("SECRET_KEY_FILE")?.fix == "did you mean SECRET_KEYS_FILE? Rename it, or unset it")
    }

    @Test func `a name is near from eight characters and up to two letters off`() {
        #expect(problem("APP_ENVS") != nil)
        #expect(problem("APP_EN") == nil)
        #expect(problem("APP_ENX") == nil)
        #expect(problem("LOG_LEVELXX") != nil)
        #expect(problem("LOG_LEVELXXX") == nil)
    }

    @Test(arguments: SettingDefinition.all)
    func `a setting is no problem, nor is its file`(definition: SettingDefinition) {
        #expect(problem(definition.name) == nil)
        #expect(problem(definition.name + "_FILE") == nil)
    }

    @Test(arguments: [
        "HOSTNAME", "LOGNAME", "HOSTTYPE", "MACHTYPE", "HISTFILE", "HISTSIZE", "HISTFILESIZE", "HISTCONTROL", "PATH", "HOME", "USER",
        "SHELL",
        "TERM", "TERM_PROGRAM", "COLORTERM", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "PWD", "OLDPWD", "SHLVL", "EDITOR", "VISUAL",
        "PAGER",
        "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "XDG_DATA_DIRS", "XDG_CONFIG_HOME", "XDG_SESSION_ID",
        "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "SUDO_USER", "SUDO_COMMAND", "MAIL",
        "MAILCHECK", "TZ", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE",
        "JAVA_HOME",
        "NODE_ENV", "NODE_OPTIONS", "RAILS_ENV", "RACK_ENV", "PYTHONPATH", "VIRTUAL_ENV", "GOPATH", "CARGO_HOME", "CI", "GITHUB_ACTIONS",
        "GITHUB_TOKEN", "GITHUB_WORKSPACE", "RUNNER_TEMP", "KUBECONFIG", "DOCKER_HOST", "INVOCATION_ID", "JOURNAL_STREAM", "NOTIFY_SOCKET",
        "LISTEN_FDS", "MEMORY_PRESSURE_WATCH", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "PGHOST", "PGPASSWORD",
        "HOSTFILE",
        "LOG_FILE", "APP_NAME", "LS_COLORS", "LESSOPEN", "DEBIAN_FRONTEND", "SWIFT_VERSION", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE", "_",
        "OTEL_LOG_LEVEL", "OTEL_LOGS_EXPORTER", "OTEL_METRICS_EXPORTER", "SMTP_HOST", "SMTP_PORT", "HTTP_PORT",
    ])
    func `an ordinary variable of the system is no problem`(name: String) {
        #expect(problem(name) == nil)
    }

    @Test(arguments: [
        ("REDIS_SERVICE_HOST", "10.0.0.1"), ("REDIS_SERVICE_PORT", "6379"), ("REDIS_SERVICE_PORT_HTTP", "80"),
        ("REDIS_PORT", "tcp://10.0.0.1:6379"),
        ("REDIS_PORT_6379_TCP", "tcp://10.0.0.1:6379"), ("REDIS_PORT_6379_TCP_ADDR", "10.0.0.1"), ("DATABASE_SERVICE_HOST", "10.0.0.1"),
        ("DATABASE_PORT", "tcp://10.0.0.1:5432"), ("DATABASE_PORT_5432_TCP_PROTO", "tcp"), ("BACKUP_PORT", "udp://10.0.0.1:1"),
        ("JWT_PORT", "sctp://10.0.0.1:1"), ("ADMIN_PORT", "tcp://10.0.0.1:1"),
    ])
    func `what Kubernetes sets for a service is ignored`(name: String, value: String) throws {
        #expect(SettingNames.isServiceLink(name, value: value))
        #expect(problem(name, value) == nil)
        let folder = try TemporaryFolder()
        #expect(throws: Never.self) { try Settings.load(environment: [name: value], workingDirectory: folder.path) }
    }

    @Test(arguments: [
        ("REDIS_PORT", "6379"), ("ADMIN_PORT", "9090"), ("ADMIN_PORT_FILE", "/x"), ("REDIS_PORT_FILE", "/x"), ("PORT", "tcp://x"),
    ])
    func `a setting is no service link`(name: String, value: String) {
        #expect(!SettingNames.isServiceLink(name, value: value))
    }

    @Test func `an unknown name with a port that is no link is still an error`() {
        #expect(problem("DATABASE_PORT", "5432")?.code == .unknownSetting)
    }

    @Test(arguments: [
        ("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 2), ("abc", "abd", 1),
        ("abc", "ab", 1),
    ])
    func `edit distance counts insertions, deletions and substitutions`(left: String, right: String, distance: Int) {
        #expect(SettingNames.editDistance(left, right) == distance)
    }
}
