/// What one HTTP/1.1 connection does about requests, bodies, answers and its own end; without a socket.
///
/// One request is answered at a time, in the order in which they came (RFC 9112, 9.3.2); what arrives behind it waits in a queue of
/// the handler, which asks ``acceptsInput`` first.
struct HTTPConnectionStateMachine {
    private enum Mode {
        case open
        /// The last answer is written and our side is closed: input is thrown away until the client closes too.
        case lingering
        case closed
    }

    private enum Response: Equatable {
        case none
        case started(close: Bool)
        case ended
    }

    /// How the handler reads the body.
    private enum Reading {
        /// It has not asked yet: what comes along with the head is kept, and no more is read.
        case none
        case whole
        case pieces(maximumBytes: Int64?)
    }

    private struct Exchange {
        var keepAlive: Bool
        /// The client waits for 100 Continue before it sends the body.
        var awaitsContinue: Bool
        var contentLength: Int?
        var reading = Reading.none
        var received = 0
        var discarded = 0
        var bodyWanted = false
        var bodyEnded: Bool
        var bodyFailed = false
        var response = Response.none
    }

    private let maximumBodyBytes: Int
    private let maximumDrainBytes: Int
    private var mode = Mode.open
    private var exchange: Exchange?
    private var isDraining = false
    private(set) var inputClosed = false

    init(settings: HTTPSettings) {
        maximumBodyBytes = settings.maximumBodyBytes
        maximumDrainBytes = settings.maximumDrainBytes
    }

    var isOpen: Bool { mode == .open }
    var isClosed: Bool { mode == .closed }
    var hasExchange: Bool { exchange != nil }
    /// May the next part be taken, or must it wait for the answer before it?
    var acceptsInput: Bool { exchange.map { !$0.bodyEnded } ?? true }
    /// Is a request's body on its way?
    var awaitsBody: Bool { exchange.map { !$0.bodyEnded } ?? false }
    var hasResponded: Bool { exchange.map { $0.response != .none } ?? false }

    /// Should the socket be read? Not a body that nobody asked for, and not further ahead than a queue of requests.
    func wantsInput(queueIsEmpty: Bool) -> Bool {
        guard mode == .open, let exchange else { return true }
        guard exchange.bodyEnded else { return exchange.bodyWanted || exchange.response == .ended || exchange.bodyFailed }
        return queueIsEmpty
    }

    // MARK: The request

    mutating func receiveHead(_ facts: RequestFacts) {
        exchange = Exchange(
            keepAlive: facts.keepAlive, awaitsContinue: facts.expectsContinue && facts.hasBody,
            contentLength: facts.isChunked ? nil : facts.contentLength ?? 0, bodyEnded: false)
    }

    enum BodyAction: Equatable {
        case append
        case discard
        /// The body is beyond the cap: what was kept is let go, who waits for it is told.
        case tooLarge
        /// More of an unwanted body than is worth reading.
        case stop
    }

    mutating func receiveBody(bytes: Int) -> BodyAction {
        guard mode == .open, var exchange else { return .discard }
        defer { self.exchange = exchange }
        exchange.received += bytes
        // It did not wait, as it may (RFC 9110, 10.1.1).
        exchange.awaitsContinue = false
        guard isKept(exchange) else {
            exchange.discarded += bytes
            return exchange.discarded > maximumDrainBytes && exchange.response == .ended ? .stop : .discard
        }
        guard isWithinCap(exchange) else {
            exchange.bodyFailed = true
            return .tooLarge
        }
        return .append
    }

    /// May somebody still want what arrives? In pieces a body may be read while it is being answered.
    private func isKept(_ exchange: Exchange) -> Bool {
        guard !exchange.bodyFailed else { return false }
        if case .pieces = exchange.reading { return exchange.response != .ended }
        return exchange.response == .none
    }

    private func isWithinCap(_ exchange: Exchange) -> Bool {
        exchange.received <= cap(exchange)
    }

    /// The most that the body may have, by the way in which it is read.
    var bodyCap: Int64 { exchange.map { cap($0) } ?? 0 }

    private func cap(_ exchange: Exchange) -> Int64 {
        switch exchange.reading {
        case .none: .max
        case .whole: Int64(maximumBodyBytes)
        case .pieces(let maximumBytes): maximumBytes ?? .max
        }
    }

    enum EndAction: Equatable {
        case bodyComplete
        /// The answer was there before the end of the body: on to the next request.
        case next
    }

    mutating func receiveEnd() -> EndAction {
        exchange?.bodyEnded = true
        exchange?.awaitsContinue = false
        guard exchange?.response == .ended else { return .bodyComplete }
        exchange = nil
        return .next
    }

    enum CollectAction: Equatable {
        case complete
        case tooLarge
        /// The body failed before it was asked for.
        case failed
        case wait(sendContinue: Bool)
    }

    /// The handler wants the body.
    mutating func collectBody() -> CollectAction {
        guard mode == .open, var exchange else { return .failed }
        if exchange.bodyFailed { return .failed }
        if case .pieces = exchange.reading { return .failed }
        exchange.reading = .whole
        defer { self.exchange = exchange }
        // What came before it was asked for is counted now.
        if !isWithinCap(exchange) {
            exchange.bodyFailed = true
            return .tooLarge
        }
        if exchange.bodyEnded { return .complete }
        if let length = exchange.contentLength, length > maximumBodyBytes { return .tooLarge }
        let sendContinue = exchange.awaitsContinue
        exchange.awaitsContinue = false
        exchange.bodyWanted = true
        return .wait(sendContinue: sendContinue)
    }

    enum PieceAction: Equatable {
        /// What is buffered.
        case piece
        /// There is no more.
        case end
        case tooLarge
        case failed
        case wait(sendContinue: Bool)
    }

    /// The handler wants the next piece of the body, of which `buffered` bytes are there.
    ///
    /// - Parameter maximumBytes: What the whole body may have.
    mutating func requestPiece(maximumBytes: Int64?, buffered: Int) -> PieceAction {
        guard mode == .open, var exchange, !exchange.bodyFailed else { return .failed }
        if case .whole = exchange.reading { return .failed }
        exchange.reading = .pieces(maximumBytes: maximumBytes)
        defer { self.exchange = exchange }
        if let maximumBytes, !isWithinCap(exchange) || Int64(exchange.contentLength ?? 0) > maximumBytes {
            exchange.bodyFailed = true
            return .tooLarge
        }
        if buffered > 0 { return .piece }
        if exchange.bodyEnded { return .end }
        let sendContinue = exchange.awaitsContinue
        exchange.awaitsContinue = false
        exchange.bodyWanted = true
        return .wait(sendContinue: sendContinue)
    }

    /// A piece is on its way to the handler, or is no longer waited for: nothing is read until the next is asked for.
    mutating func deliverPiece() {
        exchange?.bodyWanted = false
    }

    /// Is the body read in pieces, and not yet at its end?
    var isReadingPieces: Bool {
        guard let exchange, case .pieces = exchange.reading else { return false }
        return !exchange.bodyEnded
    }

    /// The body will not arrive: too slow, or badly framed.
    mutating func failBody() {
        exchange?.bodyFailed = true
    }

    // MARK: The answer

    /// The head of the answer is about to be written: must the connection be closed after it?
    ///
    /// - Parameter mustClose: The end of the body cannot be told otherwise, or the server stops.
    mutating func startResponse(mustClose: Bool = false) -> Bool {
        guard var exchange else { return true }
        let close = mustClose || !exchange.keepAlive || isDraining || inputClosed || !(exchange.bodyEnded || isDrainable(exchange))
        exchange.response = .started(close: close)
        self.exchange = exchange
        return close
    }

    /// Is the rest of the body short enough to be read only to get at the next request?
    private func isDrainable(_ exchange: Exchange) -> Bool {
        guard !exchange.awaitsContinue, !exchange.bodyFailed, let length = exchange.contentLength else { return false }
        return length - exchange.received <= maximumDrainBytes
    }

    enum ResponseEndAction: Equatable {
        case next
        /// The rest of the body comes first.
        case awaitBody
        /// Close our side, and wait for the client to close its own.
        case linger
        case close
    }

    mutating func endResponse() -> ResponseEndAction {
        guard mode == .open else { return .close }
        guard var exchange, exchange.response == .started(close: false), !isDraining, !inputClosed else {
            self.exchange = nil
            mode = inputClosed ? .closed : .lingering
            return inputClosed ? .close : .linger
        }
        guard exchange.bodyEnded else {
            exchange.response = .ended
            self.exchange = exchange
            return .awaitBody
        }
        self.exchange = nil
        return .next
    }

    /// A request is refused without reaching a handler; its answer is the last on the connection.
    mutating func refuse() {
        exchange = Exchange(keepAlive: false, awaitsContinue: false, contentLength: nil, bodyEnded: true)
    }

    // MARK: The connection

    enum ShutdownAction: Equatable {
        case none
        case close
    }

    /// The server stops: nothing further is begun here.
    mutating func drain() -> ShutdownAction {
        isDraining = true
        return mode == .open && exchange == nil ? .close : .none
    }

    enum InputClosedAction: Equatable {
        case close
        /// A request is being answered: it may still finish, for a short while.
        case awaitAnswer
        /// A request was cut off, so its answer has no reader who could use it.
        case abandon
        /// A request that is read in pieces was cut off: its handler is told, and may still say so.
        case failBody
    }

    mutating func closeInput() -> InputClosedAction {
        inputClosed = true
        guard mode == .open, let exchange else { return .close }
        if exchange.bodyEnded { return .awaitAnswer }
        if case .pieces = exchange.reading { return .failBody }
        return .abandon
    }

    mutating func close() {
        mode = .closed
        exchange = nil
    }
}
