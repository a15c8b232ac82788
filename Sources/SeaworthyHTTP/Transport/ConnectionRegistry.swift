import NIOCore
import Synchronization

/// The open connections: counted, to bound them, and known, to close them by force when the time to stop has run out.
final class ConnectionRegistry: Sendable {
    private let maximum: Int
    private let metrics: HTTPMetrics?
    private let draining = Atomic(false)
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    init(maximum: Int, metrics: HTTPMetrics?) {
        self.maximum = maximum
        self.metrics = metrics
    }

    /// Has the server been asked to stop? Known here at once, while the connections are told one after the other.
    var isDraining: Bool {
        draining.load(ordering: .relaxed)
    }

    func beginDraining() {
        draining.store(true, ordering: .relaxed)
    }

    /// Takes in an accepted connection until it closes.
    ///
    /// - Returns: False when there are too many.
    func admit(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isAdmitted = channels.withLock { channels in
            guard channels.count < maximum else { return false }
            channels[id] = channel
            return true
        }
        if isAdmitted {
            metrics?.connectionOpened()
            channel.closeFuture.whenComplete { _ in
                self.metrics?.connectionClosed()
                self.channels.withLock { _ = $0.removeValue(forKey: id) }
            }
        }
        return isAdmitted
    }

    func closeAll() {
        let open = channels.withLock { Array($0.values) }
        for channel in open {
            channel.close(promise: nil)
        }
    }
}
