import Synchronization
import Testing

@testable import SeaworthyData

@Suite struct `Passwords` {
    // MARK: Which are taken

    @Test(arguments: [
        "correct horse battery", "xK9#mPq2vL", "мой очень длинный пароль", "blue-tractor-seven", "hunter2hunter3x", "Zürich im Regen 1987",
    ])
    func `are taken when they are long and nobody tries them first`(_ password: String) {
        #expect(PasswordPolicy.problem(password, known: ["ann@example.com", "northwind"])?.code == nil)
    }

    @Test(arguments: [
        ("short1234", "too_short"), ("", "too_short"), ("🔑🔑🔑🔑🔑", "too_short"), ("password123", "common_password"),
        ("P@ssw0rd2024!", "common_password"), ("passwordpassword", "common_password"), ("1234567890", "common_password"),
        ("12345678910", "common_password"), ("qwertyuiop12", "common_password"), ("abcdefghijkl", "common_password"),
        ("aaaaaaaaaaaa", "common_password"), ("abcabcabcabc", "common_password"), ("1qaz2wsx3edc", "common_password"),
        ("iloveyou12345", "common_password"), ("Sunshine!!2023", "common_password"), ("monkeydragon", "common_password"),
        ("0987654321", "common_password"), ("lkjhgfdsaqwerty", "common_password"), ("ann@example.com", "guessable_password"),
        ("northwind-1", "guessable_password"), ("example.com", "guessable_password"), ("a\u{0}bcdefghijklmn", "invalid_text"),
    ])
    func `are refused when they are short or tried first`(_ password: String, _ code: String) {
        #expect(PasswordPolicy.problem(password, known: ["ann@example.com", "northwind"])?.code == code)
    }

    @Test func `have a bound in bytes`() {
        let longest = String((0..<1024).map { _ in "abcdefghijklmnopqrstuvwxyz0123456789".randomElement() ?? "x" })
        #expect(PasswordPolicy.problem(longest, known: [])?.code == nil)
        #expect(PasswordPolicy.problem(longest + "y", known: [])?.code == "too_long")
    }

    // MARK: How they are kept

    @Test func `are hashed with salt, in what OWASP names, and verified`() async throws {
        let hasher = PasswordHasher(threads: 1)
        let (first, second) = (try await hasher.hash("correct horse"), try await hasher.hash("correct horse"))
        #expect(first.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(first != second)
        #expect(try await hasher.verify("correct horse", first))
        #expect(try await hasher.verify("correct horse", second))
        #expect(try await !hasher.verify("correct horsf", first))
        #expect(try await !hasher.verify("", first))
        #expect(try await !hasher.verify("correct horse", nil))
        // What is verified against where there is nobody is a hash like any other, so that the same time passes.
        #expect(PasswordHasher.isMismatch("correct horse", PasswordHasher.decoy(hasher.parameters)))
        #expect(PasswordParameters(encoded: PasswordHasher.decoy(hasher.parameters)) == hasher.parameters)
        #expect(!PasswordHasher.isMismatch("correct horse", "no hash at all"))
        #expect(try await !hasher.verify("correct horse", "no hash at all"))
        #expect(try await !hasher.verify(String(repeating: "x", count: PasswordHasher.maximumBytes + 1), first))
    }

    @Test func `hashed with other parameters are outdated`() async throws {
        let (old, new) = (PasswordHasher(TestIdentities.quick, threads: 1), PasswordHasher(threads: 1))
        let hash = try await old.hash("correct horse")
        #expect(!old.isOutdated(hash))
        #expect(new.isOutdated(hash))
        #expect(new.isOutdated("plain"))
        #expect(try await new.verify("correct horse", hash))
    }

    @Test(arguments: [
        "", "$argon2id$v=19$m=8,t=1$c2FsdA$aGFzaA", "$argon2i$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA", "$argon2id$v=16$m=8,t=1,p=1$c2FsdA$aGFzaA",
        "$argon2id$v=19$t=1,m=8,p=1$c2FsdA$aGFzaA", "x$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA",
        "$argon2id$v=19$m=8,t=1,p=-1$c2FsdA$aGFzaA",
    ])
    func `parameters are read of a PHC string of Argon2id only`(_ text: String) {
        #expect(PasswordParameters(encoded: text) == nil)
        #expect(PasswordParameters(encoded: "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA") == TestIdentities.quick)
    }

    // MARK: When many are hashed at once

    @Test func `wait in a bounded line, in their order, for the few that are hashed`() async throws {
        let slots = WorkSlots(count: 2, maximumWaiting: 3)
        let gate = Gate()
        let order = Shared<[Int]>([])
        let outcomes = await withTaskGroup(of: String.self) { group in
            for number in 0..<5 {
                group.addTask {
                    do {
                        try await slots.run {
                            order.change { $0.append(number) }
                            await gate.wait()
                        }
                        return "done"
                    } catch { return "\(error)" }
                }
                // Each is inside or in the line before the next comes.
                while await !Self.settled(number + 1, slots) { await Task.yield() }
            }
            // The line is full.
            await #expect(identityRefusal { try await slots.run {} } == "identity_busy")
            gate.open()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes == Array(repeating: "done", count: 5))
        #expect(Array(order.value.dropFirst(2)) == [2, 3, 4])
        // Both slots are free again.
        #expect(try await slots.run { 1 } == 1)
        #expect(slots.load == 0)
    }

    private static func settled(_ count: Int, _ slots: WorkSlots) async -> Bool { slots.load == count }

    @Test func `leave the line when nobody waits for them any more`() async throws {
        let slots = WorkSlots(count: 1, maximumWaiting: 3)
        let gate = Gate()
        let first = Task { try await slots.run { await gate.wait() } }
        while slots.load < 1 { await Task.yield() }
        let second = Task { try await slots.run {} }
        while slots.load < 2 { await Task.yield() }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        #expect(slots.load == 1)
        gate.open()
        try await first.value
        #expect(slots.load == 0)
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await slots.run { 1 }
        }
        // A free slot is taken even so; what it does notices the cancellation itself.
        #expect(try await cancelled.value == 1)
    }
}

/// Holds whoever waits until it is opened.
private final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
