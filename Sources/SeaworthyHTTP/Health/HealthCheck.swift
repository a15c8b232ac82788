#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Runs one probe: at most once at a time and about once in ``HealthProbe/lifetime``, whatever the number of askers.
///
/// A probe that hangs beyond its timeout is cancelled and counts as failed. Until it returns no further one is started, so that a
/// dependency that never answers costs one task.
actor HealthCheck {
    nonisolated let probe: HealthProbe
    private var last: (finding: HealthFinding, at: ContinuousClock.Instant)?
    private var waiters: [CheckedContinuation<HealthFinding, Never>] = []
    private var isRunning = false
    private var startedAt = ContinuousClock.now

    init(_ probe: HealthProbe) {
        self.probe = probe
    }

    func finding() async -> HealthFinding {
        if let last, .now - last.at < probe.lifetime || (isRunning && waiters.isEmpty) {
            return last.finding
        }
        return await withCheckedContinuation { continuation in
            waiters.append(continuation)
            if !isRunning {
                start()
            }
        }
    }

    private func start() {
        isRunning = true
        startedAt = .now
        let run = Task { [probe] in
            do {
                self.ended(.observed(try await probe.observe()))
            } catch let degradation as HealthProbe.Degradation {
                self.ended(.observed([HealthObservation(probe.name, of: probe.component, .warn, output: degradation.output)]))
            } catch {
                self.ended(.failed)
            }
        }
        Task { [probe, startedAt] in
            try? await Task.sleep(for: probe.timeout)
            self.timedOut(run: run, startedAt: startedAt)
        }
    }

    private func ended(_ outcome: HealthFinding.Outcome) {
        isRunning = false
        // After the timeout the answer has been given already; a late one says nothing of the present.
        if !waiters.isEmpty {
            conclude(outcome)
        }
    }

    private func timedOut(run: Task<Void, Never>, startedAt: ContinuousClock.Instant) {
        guard isRunning, startedAt == self.startedAt else { return }
        conclude(.timedOut)
        run.cancel()
    }

    private func conclude(_ outcome: HealthFinding.Outcome) {
        let now = ContinuousClock.now
        var wall = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        let finding = HealthFinding(
            outcome: outcome, duration: now - startedAt, time: Int(wall.tv_sec) * 1000 + Int(wall.tv_nsec) / 1_000_000)
        last = (finding, now)
        let waiting = waiters
        waiters = []
        for waiter in waiting {
            waiter.resume(returning: finding)
        }
    }
}
