/// What a metric of this server means: one table, for `# HELP` and for docs/observability.md.
package struct MetricDescription: Sendable {
    package let name: String
    let kind: MetricKind
    /// The names of its labels, in order.
    package let labels: [String]
    /// Of the value, such as `seconds`.
    package let unit: String
    /// In one sentence without line breaks.
    package let help: String

    private init(_ name: String, _ kind: MetricKind, _ labels: [String] = [], unit: String, _ help: String) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.unit = unit
        self.help = help
    }

    /// What this backend tells of itself and of the process.
    static let own: [MetricDescription] = [
        MetricDescription(
            "metrics_dropped_series_total", .counter, unit: "series",
            "Series that record nowhere, because there are as many as there may be."),
        MetricDescription(
            "metrics_rejected_handles_total", .counter, ["reason"], unit: "handles",
            "Handles that record nowhere, because their name, kind or labels would break this text."),
        MetricDescription(
            "process_cpu_seconds_total", .counter, unit: "seconds", "Time that processors spent on this process, in it and in the system."),
        MetricDescription("process_max_fds", .gauge, unit: "descriptors", "File descriptors that this process may have open."),
        MetricDescription("process_open_fds", .gauge, unit: "descriptors", "File descriptors that this process has open."),
        MetricDescription("process_resident_memory_bytes", .gauge, unit: "bytes", "Memory of this process that is in the machine's."),
        MetricDescription(
            "process_start_time_seconds", .gauge, unit: "seconds since 1970", "When this process began."),
    ]

    /// Every metric there is, sorted by name.
    package static let all: [MetricDescription] = (own + emitted).sorted { $0.name < $1.name }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    static func kind(of name: String) -> MetricKind? { byName[name]?.kind }

    static func help(of name: String) -> String { byName[name]?.help ?? "Not described." }

    private static let pool = ["db_system_name", "pool"]

    private static let emitted: [MetricDescription] = [
        MetricDescription("backup_age_seconds", .gauge, unit: "seconds", "How old the newest backup was when it was last looked at."),
        MetricDescription(
            "backup_failures_total", .counter, ["operation"], unit: "runs", "Backups, verifications and prunings that failed."),
        MetricDescription("backup_last_duration_seconds", .gauge, unit: "seconds", "How long the newest backup took."),
        MetricDescription("backup_last_size_bytes", .gauge, unit: "bytes", "What the newest backup takes in its store."),
        MetricDescription(
            "backup_last_success_timestamp_seconds", .gauge, unit: "seconds since 1970", "When a backup was last made."),
        MetricDescription(
            "backup_last_verified_timestamp_seconds", .gauge, unit: "seconds since 1970",
            "When a backup was last restored on trial, and was as the database had been."),
        MetricDescription("backup_log_bytes_total", .counter, unit: "bytes", "Pieces of SQLite's log that were stored, in bytes."),
        MetricDescription(
            "backup_log_failures_total", .counter, unit: "pieces",
            "Pieces of SQLite's log that could not be stored, and breaks between them."),
        MetricDescription(
            "backup_log_last_success_timestamp_seconds", .gauge, unit: "seconds since 1970",
            "When a piece of SQLite's log was last stored."),
        MetricDescription(
            "cache_requests_total", .counter, ["outcome"], unit: "requests",
            "Reads of entities with cache: answered by what was kept (hit, stale), made (miss), or made because Redis was away (bypass)."),
        MetricDescription(
            "db_client_connection_failures_total", .counter, pool, unit: "attempts", "Attempts to connect to the database that failed."),
        MetricDescription(
            "db_client_connection_pending_requests", .gauge, pool, unit: "requests", "Requests that wait for a connection to the database."),
        MetricDescription(
            "db_client_connection_timeouts_total", .counter, pool, unit: "requests",
            "Requests that waited for a connection as long as they may, and got none."),
        MetricDescription(
            "db_client_connection_wait_seconds", .histogram, pool, unit: "seconds",
            "How long statements and transactions waited for a connection."),
        MetricDescription(
            "db_client_connections", .gauge, pool + ["state"], unit: "connections", "Connections to the database that are used and idle."),
        MetricDescription(
            "db_client_connections_closed_total", .counter, pool, unit: "connections", "Connections that this server closed."),
        MetricDescription(
            "db_client_connections_created_total", .counter, pool, unit: "connections", "Connections that were opened."),
        MetricDescription(
            "db_client_connections_lost_total", .counter, pool, unit: "connections", "Connections that broke or that the database closed."),
        MetricDescription("db_client_connections_max", .gauge, pool, unit: "connections", "Connections there may be."),
        MetricDescription(
            "db_client_operation_duration_seconds", .histogram, ["db_operation_name"] + pool, unit: "seconds",
            "How long statements ran on their connection."),
        MetricDescription(
            "event_loop_lag_seconds", .gauge, unit: "seconds",
            "How long a task waited for the event loops on which requests are answered, at the longest within the last 5 to 10 s."),
        MetricDescription("http_server_active_requests", .gauge, unit: "requests", "Requests that are being answered."),
        MetricDescription("http_server_open_connections", .gauge, unit: "connections", "Connections of clients."),
        MetricDescription(
            "http_server_request_duration_seconds", .histogram, ["http_request_method", "http_response_status_code", "http_route"],
            unit: "seconds",
            "How long requests took, from the end of the head to the end of the answer. The route is a template, and empty where none answered; 499 is a client that left."
        ),
        MetricDescription("jobs_duration_seconds", .histogram, ["job"], unit: "seconds", "How long runs of scheduled jobs took."),
        MetricDescription(
            "jobs_last_success_timestamp_seconds", .gauge, ["job"], unit: "seconds since 1970",
            "When this server last did a scheduled job; 0 where it has not."),
        MetricDescription(
            "jobs_leading", .gauge, unit: "1 or 0", "Whether this server is the one of all that does the scheduled jobs."),
        MetricDescription("jobs_runs_total", .counter, ["job", "outcome"], unit: "runs", "Runs of scheduled jobs on this server."),
        MetricDescription("mail_queue_length", .gauge, unit: "mails", "Mails that wait to be handed on."),
        MetricDescription("mail_sent_total", .counter, ["outcome"], unit: "mails", "What became of mails, and of attempts to send them."),
        MetricDescription(
            "ratelimit_rejected_total", .counter, ["policy"], unit: "requests", "Requests that were refused, because a limit was used up."),
        MetricDescription(
            "redis_command_duration_seconds", .histogram, unit: "seconds", "How long commands to Redis took, those that failed as well."),
        MetricDescription(
            "redis_command_failures_total", .counter, ["reason"], unit: "commands", "Commands to Redis that failed."),
        MetricDescription(
            "redis_commands_refused_total", .counter, unit: "commands",
            "Commands that were not sent, because Redis was away or had failed."),
        MetricDescription("redis_up", .gauge, unit: "1 or 0", "Whether Redis answers and takes writes; of a cluster, every part of it."),
        MetricDescription(
            "telemetry_dropped_total", .counter, ["exporter", "reason"], unit: "items",
            "What was to be exported, such as spans, and was dropped."),
        MetricDescription(
            "tls_certificate_not_after_timestamp_seconds", .gauge, unit: "seconds since 1970",
            "When the certificate ends that clients are shown; with TLS_CERT_FILE."),
    ]
}

extension MetricDescription {
    /// The table of docs/observability.md: a row for each metric, with a line feed at its end.
    package static func table() -> String {
        let rows = all.map { metric in
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: " ")
            return "| `\(metric.name)` | \(metric.kind.rawValue) | \(metric.unit) | \(labels) | \(metric.help) |\n"
        }
        return "| metric | kind | unit | labels | meaning |\n| --- | --- | --- | --- | --- |\n" + rows.joined()
    }
}
