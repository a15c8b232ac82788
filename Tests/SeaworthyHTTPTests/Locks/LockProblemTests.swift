import HTTPTypes
import Logging
import NIOCore
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthyHTTP

@Suite struct LockProblemTests {
    private static let lock = RecordLock(
        id: "secret", record: LockedRecord(entity: "Order", key: "1"), owner: LockOwner(.user, id: "ann", email: "ann@example.com"),
        acquiredAt: 1_720_096_200_000_000, expiresAt: 1_720_096_260_000_000, fence: 7)

    @Test func `where locks are away it is told that nobody knows, and when to ask again`() {
        let mapping = ProblemMapping.mapping(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let away = mapping(LockError(.unavailable, "redis.disconnected: no connection to 10.0.0.1"))
        #expect(away?.status == .serviceUnavailable)
        #expect(away?.code.rawValue == "locks_unavailable")
        #expect(away?.headers[.retryAfter] == "5")
        #expect(away?.detail.contains("10.0.0.1") == false)
        let many = mapping(LockError(.tooMany, "an owner has 200 locks"))
        #expect(many?.status == .conflict)
        #expect(many?.code.rawValue == "too_many_locks")
        #expect(many?.headers[.retryAfter] == nil)
    }

    @Test(
        arguments: [
            (1_720_096_200_000_000, "60"), (1_720_096_200_000_001, "60"), (1_720_096_259_999_999, "1"),
            // A clock that is elsewhere.
            (1_720_096_300_000_000, "1"), (1_720_000_000_000_000, "3600"),
        ] as [(Int64, String)])
    func `a lock of another is waited for no longer than it may last`(now: Int64, seconds: String) {
        #expect(Problem.locked(Self.lock, as: [:], now: now).headers[.retryAfter] == seconds)
    }

    @Test func `the lock stands in the problem as the caller sees it`() throws {
        let view = LockView(owner: LockOwner(.user, id: "bob"), isAdministrator: false, seesAddresses: false)
        let problem = Problem.locked(Self.lock, as: .object(view.json(Self.lock)), now: 1_720_096_200_000_000)
        let text = String(buffer: problem.rendered(requestID: "r"))
        #expect(
            text.contains(
                #""requestId":"r","lock":{"entity":"Order","key":"1","owner":{"id":"ann","kind":"user"},"acquiredAt":"2024-07-04T12:30:00.000000Z","expiresAt":"2024-07-04T12:31:00.000000Z","fence":7},"errors":[]}"#
            ))
    }

    @Test func `the id is for the owner and administrators, an address also for who may see addresses`() {
        func members(_ owner: LockOwner, _ isAdministrator: Bool, _ seesAddresses: Bool) -> [Bool] {
            let json = LockView(owner: owner, isAdministrator: isAdministrator, seesAddresses: seesAddresses).json(Self.lock)
            guard case .object(let who)? = json["owner"] else { return [] }
            return [json["id"] != nil, who["email"] != nil]
        }
        let (ann, bob, key) = (LockOwner(.user, id: "ann"), LockOwner(.user, id: "bob"), LockOwner(.apiKey, id: "ann"))
        #expect(members(ann, false, false) == [true, true])
        #expect(members(bob, false, false) == [false, false])
        #expect(members(key, false, false) == [false, false])
        #expect(members(bob, false, true) == [false, true])
        #expect(members(bob, true, false) == [true, true])
    }

    @Test func `strangers are let in by a registration or by a provider that makes accounts`() {
        func isOpen(_ registers: Bool, _ provider: Bool?...) -> Bool {
            Schema.Identity(
                registers: registers,
                providers: provider.enumerated().map { index, registers in
                    Schema.Identity.Provider(name: "p\(index)", issuer: "https://id.example.net", clientID: "a", registers: registers)
                }
            ).isOpenToStrangers
        }
        #expect(isOpen(true))
        #expect(!isOpen(false))
        #expect(!isOpen(false, nil, false))
        #expect(isOpen(false, nil, true))
        #expect(isOpen(true, false))
    }
}
