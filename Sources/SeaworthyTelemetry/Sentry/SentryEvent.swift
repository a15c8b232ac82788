/// An event as Sentry takes it («Event Payloads» on develop.sentry.dev), and the envelope around it.
struct SentryEvent {
    /// Of the error's text, in bytes; more is cut.
    static let maximumMessageBytes = 4096
    /// Of a name, a tag or a value beside it. (Sentry cuts tags at 200 characters.)
    static let maximumTextBytes = 200
    /// Calls of a stack, the newest.
    static let maximumFrames = 100

    /// 32 hexadecimal digits.
    let id: String
    let payload: [UInt8]

    /// - Parameters:
    ///   - held: how many of the same were held back since the last event.
    ///   - now: milliseconds since 1970.
    init(
        _ fault: SentryFault, id: String, origin: SentryOrigin, held: Int, breadcrumbs: [SentryBreadcrumbs.Crumb],
        scrubbing: SentryScrubbing,
        now: Int64
    ) {
        self.id = id
        func short(_ text: String) -> ExportJSON { .string(scrubbing.text(text, limit: Self.maximumTextBytes)) }
        var tags = fault.tags.map { ($0.0, short($0.1)) }
        var extra = fault.extra.map { ($0.0, short($0.1)) }
        if let request = fault.request {
            tags += [("request_id", .string(request.id)), ("status", .string(String(request.status)))]
        }
        // A tag can be searched for; the number itself is what is read.
        if held > 0 { tags.append(("held_back", .string("yes"))) }
        extra.append(("held_back", .integer(held)))
        let exception = ExportJSON.members([
            ("type", short(fault.type)),
            ("value", .string(scrubbing.text(fault.message, limit: Self.maximumMessageBytes))),
            (
                "mechanism",
                .object([("type", .string(fault.isHandled ? "generic" : "signalhandler")), ("handled", .bool(fault.isHandled))])
            ),
            (
                "stacktrace",
                fault.frames.isEmpty ? nil : .object([("frames", .array(fault.frames.suffix(Self.maximumFrames).map(Self.frame)))])
            ),
        ])
        let route = fault.request.map { "\($0.method) \($0.route ?? "(no route)")" }
        payload =
            ExportJSON.members([
                ("event_id", .string(id)),
                ("timestamp", .string(Self.time(fault.milliseconds ?? now))),
                ("platform", .string(fault.frames.isEmpty ? "other" : "native")),
                ("level", .string(fault.level.rawValue)),
                ("logger", short(fault.logger)),
                ("release", .string(origin.release)),
                ("environment", .string(origin.environment)),
                ("transaction", route.map(short)),
                ("exception", .object([("values", .array([exception]))])),
                ("fingerprint", .array(fault.fingerprint.map(short))),
                ("user", fault.request?.userID.map { .object([("id", .string($0))]) }),
                (
                    "request",
                    fault.request.map { request in
                        .members([("method", .string(request.method)), ("url", request.route.map { .string($0) })])
                    }
                ),
                ("tags", tags.isEmpty ? nil : .object(tags)),
                ("extra", .object(extra)),
                ("breadcrumbs", breadcrumbs.isEmpty ? nil : .object([("values", .array(breadcrumbs.map(Self.crumb)))])),
                ("sdk", .object([("name", .string("seaworthy")), ("version", .string(origin.version))])),
            ]).bytes
    }

    /// - Parameter now: milliseconds since 1970, by which Sentry knows how far the clocks are apart.
    func envelope(now: Int64) -> [UInt8] {
        var bytes = ExportJSON.object([("event_id", .string(id)), ("sent_at", .string(Self.time(now)))]).bytes
        bytes.append(UInt8(ascii: "\n"))
        ExportJSON.object([
            ("type", .string("event")), ("content_type", .string("application/json")), ("length", .integer(payload.count)),
        ]).append(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes + payload + [UInt8(ascii: "\n")]
    }

    /// 32 hexadecimal digits by chance, of the form of a UUID 4.
    static func newID() -> String {
        let high = (UInt64.random(in: 0 ... .max) & ~0xF000) | 0x4000
        let low = (UInt64.random(in: 0 ... .max) & (.max >> 2)) | (1 << 63)
        return HexText.text(high, low)
    }

    private static func time(_ milliseconds: Int64) -> String {
        var bytes: [UInt8] = []
        var timestamp = LogTimestamp()
        timestamp.append(milliseconds, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func frame(_ frame: SentryFault.Frame) -> ExportJSON {
        .members([
            ("function", frame.function.map { .string($0) }), ("filename", frame.file.map { .string($0) }),
            ("lineno", frame.line.map { .integer($0) }), ("package", frame.image.map { .string($0) }),
            ("instruction_addr", frame.address.map { .string($0) }), ("in_app", .bool(frame.file != nil)),
        ])
    }

    private static func crumb(_ crumb: SentryBreadcrumbs.Crumb) -> ExportJSON {
        .members([
            ("timestamp", .string(time(crumb.milliseconds))), ("type", .string("default")), ("level", .string(crumb.level)),
            ("category", .string(crumb.label)), ("message", .string(crumb.message)),
            ("data", crumb.data.isEmpty ? nil : .object(crumb.data.map { ($0.0, .string($0.1)) })),
        ])
    }
}
