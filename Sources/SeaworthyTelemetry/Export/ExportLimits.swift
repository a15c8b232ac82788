/// How much of what is to be exported may wait, and in what portions it goes.
package struct ExportLimits: Sendable, Equatable {
    /// Items that wait or are on their way, at most; what comes beyond is dropped. (OpenTelemetry's `OTEL_BSP_MAX_QUEUE_SIZE`.)
    package var maximumItems = 2048
    /// The same in bytes, as whoever offers them counts.
    package var maximumBytes = 4 << 20
    /// Items in a batch, at most. (`OTEL_BSP_MAX_EXPORT_BATCH_SIZE`.)
    package var batchItems = 512
    /// The same in bytes; an item that is larger by itself goes alone.
    package var batchBytes = 1 << 20
    /// How long an item waits for others to fill its batch. (`OTEL_BSP_SCHEDULE_DELAY`.)
    package var batchAge: Duration = .seconds(5)
    /// How long may be delivered once the queue is closed.
    package var flushTime: Duration = .seconds(2)

    package init() {}
}
