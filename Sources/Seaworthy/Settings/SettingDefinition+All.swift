import NIOCore
import SeaworthyData
import SeaworthyHTTP
import SeaworthyMaintenance
import SeaworthyPostgres
import SeaworthyRedis
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import SeaworthyTelemetry

extension SettingDefinition {
    // Where a target has settings of its own, the default is its.
    private static let http = HTTPSettings()
    private static let sqlite = SQLiteSettings(.memory)
    private static let postgres = PostgresSettings("")
    private static let identity = IdentitySettings()
    private static let redis = RedisSettings([])

    /// Every setting there is or will be, in the order in which they are documented.
    package static let all: [SettingDefinition] = supported + later

    static let supported: [SettingDefinition] = [
        SettingDefinition(
            "APP_ENV", .choice(AppEnvironment.allCases.map(\.rawValue), ignoringCase: false), default: .value("development"),
            "Where the server runs; staging and production refuse weak secrets and a database in memory."),
        SettingDefinition("HOST", .host, default: .value(http.host), "Address to listen on; 0.0.0.0 for every network interface."),
        SettingDefinition("PORT", .integer(0...65535), default: .value(String(http.port)), "Port to listen on; 0 takes a free one."),
        SettingDefinition(
            "ADMIN_PORT", .integer(0...65535),
            "Port of HOST for operators' pages and probes alone, without TLS, open to all who reach it; 0 takes a free one."),
        SettingDefinition(
            "OPERATOR_TOKEN", .bearerToken, secret: true,
            "Shows operators' pages on PORT to whoever sends it as Authorization: Bearer. Without it and ADMIN_PORT they are open in development, and nowhere else."
        ),
        SettingDefinition(
            "TLS_CERT_FILE", .file,
            "Certificate chain in PEM to serve HTTPS with, the server's own first; read again when it changes. Unset: plain HTTP."),
        SettingDefinition("TLS_KEY_FILE", .file, "Private key of the certificate in PEM, without a passphrase."),
        SettingDefinition(
            "SHUTDOWN_GRACE_PERIOD", .duration(.zero ... .seconds(3600)),
            default: .value(DurationText.render(.nanoseconds(http.shutdownGracePeriod.nanoseconds))),
            "How long requests under way may take to finish once the server is told to stop."),
        SettingDefinition(
            "DATABASE_URL", .databaseURL, default: .value("sqlite:seaworthy.db"), secret: true,
            "The database: sqlite:PATH (a relative path starts at the working directory), sqlite::memory: or postgres://USER:PASSWORD@HOST:PORT/DATABASE."
        ),
        SettingDefinition(
            "DATABASE_DIRECT_URL", .postgresURL, secret: true, support: .postgresOnly,
            "The same PostgreSQL database past a connection pooler, for changes of the schema."),
        SettingDefinition(
            "DATABASE_POOL_SIZE", .integer(1...64),
            default: .dependent(
                "SQLite: the number of processor cores, at least 2 and at most 8; PostgreSQL: \(postgres.pool.size)"),
            "SQLite: connections that read at the same time, one more writes; PostgreSQL: connections at most, which many reads share and a transaction has to itself."
        ),
        SettingDefinition(
            "DATABASE_POOL_TIMEOUT", .duration(.milliseconds(1) ... .seconds(3600)),
            default: .value(DurationText.render(sqlite.poolTimeout)),
            "How long a statement may wait for a connection."),
        SettingDefinition(
            "DATABASE_CONNECT_TIMEOUT", .duration(.seconds(2) ... .seconds(600)),
            default: .dependent("\(DurationText.render(postgres.connectTimeout)), with PostgreSQL"), support: .postgresOnly,
            "How long PostgreSQL may take to accept a connection, each host of DATABASE_URL; whole seconds."),
        SettingDefinition(
            "DATABASE_STATEMENT_TIMEOUT", .duration(.milliseconds(1) ... .seconds(86400)),
            default: .value(DurationText.render(sqlite.statementTimeout)),
            "How long a statement may run before it is interrupted."),
        SettingDefinition(
            "DATABASE_SLOW_STATEMENT", .duration(.milliseconds(1) ... .seconds(86400)),
            default: .value(DurationText.render(postgres.slowStatementTime)),
            "How long a statement runs until it is logged, with its plan and without its values."),
        SettingDefinition(
            "DATABASE_PREPARED_STATEMENTS", .choice(["on", "off"], ignoringCase: true),
            default: .dependent("\(postgres.usesPreparedStatements ? "on" : "off"), with PostgreSQL"), support: .postgresOnly,
            "off behind a pooler that gives each transaction another session, such as PgBouncer in transaction mode."),
        SettingDefinition(
            "DATABASE_REPLICA_URLS", .postgresURLs, secret: true, support: .postgresOnly,
            "Replicas of the PostgreSQL database that answer reads, one server each."),
        SettingDefinition(
            "REDIS_URL", .redisURL, secret: true,
            "Redis that all nodes share: redis://USER:PASSWORD@HOST:PORT/DATABASE, rediss:// for TLS; several hosts of a cluster, or sentinels with ?sentinel=NAME. Unset: in memory."
        ),
        SettingDefinition("REDIS_HOST", .host, "Host of Redis, where REDIS_URL is not set."),
        SettingDefinition(
            "REDIS_PORT", .integer(1...65535), default: .dependent("\(RedisEndpoint.standardPort), with REDIS_HOST"), "Port of REDIS_HOST."),
        SettingDefinition(
            "REDIS_CA_FILE", .file, "Certificates in PEM of whom to trust for rediss://. Unset: those that the system trusts."),
        SettingDefinition(
            "REDIS_CONNECT_TIMEOUT", .duration(.milliseconds(10) ... .seconds(60)),
            default: .dependent("\(DurationText.render(redis.connectTimeout)), with Redis"),
            "How long Redis may take to accept a connection and greet."),
        SettingDefinition(
            "REDIS_COMMAND_TIMEOUT", .duration(.milliseconds(10) ... .seconds(10)),
            default: .dependent("\(DurationText.render(redis.commandTimeout)), with Redis"),
            "How long a request waits for Redis at most; then it goes on without."),
        SettingDefinition(
            "CACHE_MEMORY_LIMIT", .size(1 << 20...64 << 30), default: .value(ByteSizeText.render(MemoryCache.standardBytes)),
            "How many bytes of answers a node keeps in its memory, for entities with cache."),
        SettingDefinition(
            "MIGRATE_ON_START", .choice(["true", "false"], ignoringCase: true), default: .value("false"),
            "Whether a start applies pending migrations, those that drop or narrow something excepted; of many nodes that start at once one does it."
        ),
        SettingDefinition(
            "SECRET_KEYS", .secretKeys, secret: true,
            "Keys that cursors are encrypted with, separated by commas, each of at least 32 bytes; the first encrypts, all decrypt. "
                + "Required in staging and production; in development made once and kept in .seaworthy/secret-keys."),
        SettingDefinition(
            "JWT_SIGNING_KEYS", .signingKeys, secret: true,
            "Private keys that access tokens are signed with, PEM (PKCS#8) of Ed25519 or P-256 one behind another; the first signs, all verify. "
                + "Unset: keys that follow from SECRET_KEYS."),
        SettingDefinition(
            "ACCESS_TOKEN_TTL", .duration(.seconds(60) ... .seconds(86400)),
            default: .value(DurationText.render(identity.accessTokenLifetime)), "How long an access token is good."),
        SettingDefinition(
            "REFRESH_TOKEN_TTL", .duration(.seconds(300) ... .seconds(90 * 86400)),
            default: .value(DurationText.render(identity.refreshTokenLifetime)),
            "How long a session goes on after its tokens were last refreshed; 90 days after it began it ends in any case."),
        SettingDefinition(
            "PUBLIC_URL", .publicURL, "The server's address as clients see it, for links in mails and as the issuer of access tokens."),
        SettingDefinition(
            "TRUSTED_PROXIES", .addressRanges,
            "Addresses of the proxies before the server, whose X-Forwarded-For and X-Forwarded-Proto are believed; from others both are passed over."
        ),
        SettingDefinition(
            "CORS_ALLOWED_ORIGINS", .origins,
            "Whose pages may call the API from the browser, beside the server's own, for all of it or a group of routes; every page by * gets no credentials."
        ),
        SettingDefinition(
            "COOKIE_DOMAIN", .domain,
            "Domain whose hosts share the cookies of sessions, which are then __Secure- and not __Host-. Unset: this host alone."),
        SettingDefinition(
            "OIDC_CLIENT_SECRETS", .anyText, secret: true,
            "Secrets that providers of OpenID Connect know this application by, PROVIDER=SECRET by the names in the schema, separated by commas or line breaks."
        ),
        SettingDefinition(
            "SMTP_URL", .smtpURL, secret: true,
            "Server that takes mails. Unset: in development they become files in .seaworthy/mail, elsewhere none is sent."),
        SettingDefinition(
            "MAIL_FROM", .mailSender, "Whom mails come from; required with SMTP_URL."),
        SettingDefinition(
            "LOG_LEVEL", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"], ignoringCase: true),
            default: .value("info"), "The least severe level that is logged; access lines are at info."),
        SettingDefinition(
            "LOG_FORMAT", .choice(["json", "text"], ignoringCase: false),
            default: .computed("text on a terminal, else json") { $0.logsToTerminal ? "text" : "json" },
            "One JSON object a line, or text for people."),
        SettingDefinition(
            "SENTRY_DSN", .anyText, secret: true,
            "Where errors are reported: Sentry, or what speaks like it, as https://KEY@HOST/PROJECT. Unset: nowhere."),
        SettingDefinition(
            "SENTRY_ENVIRONMENT", .anyText, default: .dependent("APP_ENV"), "Environment that error reports name."),
        SettingDefinition(
            "SENTRY_RELEASE", .anyText, default: .value(SentrySettings.standardRelease), "Release that error reports name."),
        SettingDefinition(
            "OTEL_EXPORTER_OTLP_ENDPOINT", .publicURL,
            "Receiver of traces by OTLP over HTTP, which get /v1/traces behind it. Unset: no traces."),
        SettingDefinition(
            "OTEL_EXPORTER_OTLP_HEADERS", .anyText, secret: true,
            "Header fields sent with traces, NAME=VALUE separated by commas, percent-encoded."),
        SettingDefinition(
            "OTEL_EXPORTER_OTLP_PROTOCOL", .choice(OTLPProtocol.allCases.map(\.rawValue), ignoringCase: false),
            default: .value(OTLPProtocol.protobuf.rawValue), "Form in which traces are sent; grpc is not supported in this version."),
        SettingDefinition(
            "OTEL_TRACES_SAMPLER",
            .choice(
                [
                    "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off",
                    "parentbased_traceidratio",
                ], ignoringCase: false), default: .value("parentbased_always_on"),
            "Which traces are recorded; with parentbased_ as whoever sends a request decided, where they say so."),
        SettingDefinition(
            "OTEL_TRACES_SAMPLER_ARG", .anyText, default: .dependent("1, with traceidratio and parentbased_traceidratio"),
            "Share of the traces that is recorded, from 0 to 1."),
        SettingDefinition(
            "OTEL_SERVICE_NAME", .anyText, default: .dependent("the schema's name"), "Name of the service in traces."),
        SettingDefinition(
            "OTEL_RESOURCE_ATTRIBUTES", .anyText, "Attributes of the service in traces, NAME=VALUE separated by commas, percent-encoded."),
        SettingDefinition("BACKUP_DIR", .folder, "Folder that backups are kept in; made when it is not there."),
        SettingDefinition(
            "BACKUP_S3_URL", .bucketURL, secret: true,
            "Bucket that backups are kept in, instead of a folder; region and endpoint are those of AWS_REGION and AWS_ENDPOINT_URL unless they stand here."
        ),
        SettingDefinition(
            "BACKUP_SCHEDULE", .schedule,
            "When the server makes a backup, verifies it and removes old ones, in UTC; one node of many does it. Unset: never."),
        SettingDefinition(
            "BACKUP_RETENTION_DAYS", .retention, default: .value(BackupRetention.standard.description),
            "For how many days the newest backup of each day, week and month is kept; one number is for days alone. All of the last 24 hours are kept, and the newest verified one always."
        ),
        SettingDefinition(
            "BACKUP_LOG_INTERVAL", .duration(.seconds(1) ... .seconds(3600)),
            "SQLite: how often the server stores beside the backups what was committed, so that a restore can go to any moment. Unset: never."
        ),
        SettingDefinition(
            "BACKUP_ENCRYPTION_KEY", .secretKeys, secret: true,
            "Keys that backups are encrypted with, separated by commas; the first encrypts, all decrypt. Unset: not encrypted."),
        SettingDefinition("AWS_ACCESS_KEY_ID", .anyText, secret: true, "Who writes to the bucket of BACKUP_S3_URL."),
        SettingDefinition("AWS_SECRET_ACCESS_KEY", .anyText, secret: true, "Key of AWS_ACCESS_KEY_ID."),
        SettingDefinition("AWS_SESSION_TOKEN", .anyText, secret: true, "Token of temporary credentials."),
        SettingDefinition(
            "AWS_REGION", .anyText, default: .none, "Region of the bucket where BACKUP_S3_URL names none; us-east-1 without both."),
        SettingDefinition(
            "AWS_ENDPOINT_URL", .endpoint, "Server that speaks like S3 where BACKUP_S3_URL names none; without both Amazon's."),
    ]

    private static let later: [SettingDefinition] = [
        .later("LOG_DIR", "Folder for log files."),
        .later("LOG_RETENTION_DAYS", "Days that log files are kept."),
        .later("OTEL_SDK_DISABLED", "Switches traces off; leave OTEL_EXPORTER_OTLP_ENDPOINT unset instead."),
        .later("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "Whole address that traces are sent to."),
        .later("OTEL_EXPORTER_OTLP_TRACES_HEADERS", secret: true, "Header fields sent with traces alone."),
        .later("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "Form in which traces alone are sent."),
        .later("OTEL_EXPORTER_OTLP_CERTIFICATE", "Certificates to trust a receiver by."),
        .later("OTEL_EXPORTER_OTLP_COMPRESSION", "How what is sent is compressed."),
        .later("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "Certificates to trust a receiver of traces by."),
        .later("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "How traces are compressed."),
        .later("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "Certificate to show to a receiver."),
        .later("OTEL_EXPORTER_OTLP_CLIENT_KEY", "Key of that certificate."),
        .later("OTEL_TRACES_EXPORTER", "Where traces go; leave OTEL_EXPORTER_OTLP_ENDPOINT unset for nowhere."),
        .later("OTEL_PROPAGATORS", "By which fields traces go on; it is tracecontext."),
        .later("POSTHOG_API_KEY", secret: true, "Key for analytics."),
        .later("POSTHOG_HOST", "Where analytics are sent."),
    ]
}
