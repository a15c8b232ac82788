import Logging

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Takes log lines from any thread and writes them to a file descriptor from a thread of its own.
///
/// A call costs an append under a lock; it never waits for the file. Lines leave after at most ``defaultDelay``, once 64 KiB wait,
/// or at once when urgent. When ``LogBuffer/capacity`` is used up, lines are dropped and counted, and the next batch ends in a
/// line that says how many. Each line begins with the time at which it was appended, so times never run backwards unless
/// the clock does.
///
/// Call ``shutdown(timeout:)`` before the process ends: what still waits would be lost, and the thread keeps the writer alive.
// `buffer`, `timestamp`, `isUrgent`, `isClosed` and `isFinished` are only touched while `gate` is locked; the rest is constant.
package final class LogWriter: @unchecked Sendable {
    /// 1 MiB: some 4,000 lines of 250 bytes.
    package static let defaultCapacity = 1 << 20
    /// How long a line that is not urgent may wait.
    package static let defaultDelay = Duration.milliseconds(100)
    /// So many waiting bytes wake the thread before the delay is over.
    static let wakeBytes = 64 << 10

    package let format: LogFormat
    /// Whether text lines carry colours.
    package let colored: Bool
    private let descriptor: Int32
    private let delayNanoseconds: Int64
    private let gate = LogThreadGate()
    private var buffer: LogBuffer
    private var timestamp = LogTimestamp()
    private var isUrgent = false
    private var isClosed = false
    private var isFinished = false

    /// Starts the thread.
    /// - Parameters:
    ///   - descriptor: where lines go; standard output for `serve`, standard error for every other command. It stays open
    ///     and belongs to the caller.
    ///   - format: how lines look.
    ///   - colored: colours in text; by default only when the descriptor is a terminal.
    ///   - capacity: bytes that may wait.
    ///   - delay: how long a line that is not urgent may wait.
    package init(
        descriptor: Int32, format: LogFormat, colored: Bool? = nil, capacity: Int = LogWriter.defaultCapacity,
        delay: Duration = LogWriter.defaultDelay
    ) {
        self.descriptor = descriptor
        self.delayNanoseconds = delay.nanoseconds
        self.format = format
        self.colored = format == .text && (colored ?? (isatty(descriptor) == 1))
        self.buffer = LogBuffer(capacity: capacity)
        startThread()
    }

    /// Appends a line. `encode` runs under the lock: it must not log, wait or call foreign code. It appends what follows the
    /// time, without line feed: `,"level":…` up to but without the closing brace in JSON, ` INFO …` in text.
    ///
    /// After ``shutdown(timeout:)`` lines are dropped.
    package func write(urgent: Bool = false, _ encode: (inout [UInt8]) -> Void) {
        gate.locked {
            guard !isClosed else { return buffer.countLost(1) }
            let isFirst = append(encode)
            let reachedLimit = buffer.pending.count >= Self.wakeBytes
            if urgent || reachedLimit {
                // One signal is enough until the thread has taken the batch.
                guard !isUrgent else { return }
                isUrgent = true
                gate.wakeAll(.work)
            } else if isFirst {
                gate.wakeAll(.work)
            }
        }
    }

    /// Lines that never reached the descriptor, since the start.
    package var droppedLines: Int { gate.locked { buffer.droppedTotal } }

    /// Waits until every line appended before the call has been handed to the descriptor.
    /// - Parameter timeout: how long at most, for a descriptor that takes nothing; 5 seconds by default.
    /// - Returns: false when the time ran out.
    @discardableResult
    package func flush(timeout: Duration = .seconds(5)) -> Bool {
        let deadline = LogThreadGate.now() + timeout.nanoseconds
        return gate.locked {
            let goal = buffer.goal
            isUrgent = true
            gate.wakeAll(.work)
            while buffer.batchesWritten < goal, !isFinished {
                guard gate.wait(for: .progress, until: deadline) || buffer.batchesWritten >= goal else { return false }
            }
            return true
        }
    }

    /// Writes what waits and ends the thread. Safe to call twice.
    /// - Parameter timeout: as for ``flush(timeout:)``; the thread is left behind when it cannot end in time.
    /// - Returns: false when the time ran out.
    @discardableResult
    package func shutdown(timeout: Duration = .seconds(5)) -> Bool {
        let deadline = LogThreadGate.now() + timeout.nanoseconds
        return gate.locked {
            isClosed = true
            gate.wakeAll(.work)
            while !isFinished {
                guard gate.wait(for: .progress, until: deadline) || isFinished else { return false }
            }
            return true
        }
    }

    private func append(_ encode: (inout [UInt8]) -> Void) -> Bool {
        let now = LogTimestamp.now()
        return buffer.append { bytes in
            appendTime(now, to: &bytes)
            encode(&bytes)
            if format == .json { bytes.append(UInt8(ascii: "}")) }
        }
    }

    private func appendTime(_ now: Int64, to bytes: inout [UInt8]) {
        switch format {
        case .json:
            bytes.append(contentsOf: #"{"time":""#.utf8)
            timestamp.append(now, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        case .text:
            timestamp.append(now, to: &bytes)
        }
    }
}

// MARK: - The writing thread

extension LogWriter {
    private func startThread() {
        let context = Unmanaged.passRetained(self)
        #if canImport(Darwin)
        var thread: pthread_t?
        let body: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { pointer in
            Unmanaged<LogWriter>.fromOpaque(pointer).takeRetainedValue().run()
            return nil
        }
        #else
        var thread = pthread_t()
        let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { pointer in
            if let pointer { Unmanaged<LogWriter>.fromOpaque(pointer).takeRetainedValue().run() }
            return nil
        }
        #endif
        guard pthread_create(&thread, nil, body, context.toOpaque()) == 0 else {
            // Without a thread there is no log; `shutdown` must not wait for one.
            context.release()
            isClosed = true
            isFinished = true
            return
        }
        #if canImport(Darwin)
        if let thread { pthread_detach(thread) }
        #else
        pthread_detach(thread)
        #endif
    }

    private func run() {
        var closedPipe = sigset_t()
        sigemptyset(&closedPipe)
        sigaddset(&closedPipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &closedPipe, nil)
        var sink = LogSink(descriptor: descriptor)
        while var batch = nextBatch() {
            let lost = sink.write(batch.bytes, isAbandoned: { gate.locked { isClosed } })
            if batch.dropped > 0 {
                // A notice that cannot be written either is no line of anyone's: what it tells is in the total already.
                _ = sink.write(notice(of: batch.dropped), isAbandoned: { gate.locked { isClosed } })
            }
            gate.locked {
                buffer.finish(&batch, lost: lost)
                gate.wakeAll(.progress)
            }
        }
        gate.locked {
            isFinished = true
            gate.wakeAll(.progress)
        }
    }

    /// Sleeps until there is something to write and it is time to; nil once closed and empty.
    private func nextBatch() -> LogBuffer.Batch? {
        gate.locked {
            while !buffer.hasWork {
                if isClosed { return nil }
                isUrgent = false
                gate.wait(for: .work)
            }
            let deadline = LogThreadGate.now() + delayNanoseconds
            while !isUrgent, !isClosed, gate.wait(for: .work, until: deadline) {}
            isUrgent = false
            return buffer.take()
        }
    }

    private func notice(of dropped: Int) -> [UInt8] {
        gate.locked {
            var line: [UInt8] = []
            appendTime(LogTimestamp.now(), to: &line)
            LogLineHead.append(
                level: .warning, label: "seaworthy.log", message: "log lines were dropped: they came faster than they could be written",
                format: format, colored: colored, to: &line)
            LogMetadataEncoder.append(["dropped": .stringConvertible(dropped)], format: format, to: &line)
            line.append(contentsOf: format == .json ? "}\n".utf8 : "\n".utf8)
            return line
        }
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedReportingOverflow(by: 1_000_000_000).overflow
            ? .max / 2 : seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
