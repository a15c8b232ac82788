import NIOCore
import NIOHTTP1
import Testing

@testable import SeaworthyHTTP

@Suite struct `HTTP connection` {
    private static func settings() -> HTTPSettings {
        var settings = HTTPSettings()
        settings.maximumBodyBytes = 100
        settings.maximumDrainBytes = 10
        return settings
    }

    private var machine = HTTPConnectionStateMachine(settings: settings())

    private func facts(_ fields: HTTPHeaders = [:], version: HTTPVersion = .http1_1) -> RequestFacts {
        var headers = fields
        headers.add(name: "Host", value: "h")
        let head = HTTPRequestHead(version: version, method: .POST, uri: "/", headers: headers)
        return RequestFacts.examine(head, settings: Self.settings()).0
    }

    @Test mutating func `answers one request after the other`() {
        #expect(machine.acceptsInput)
        machine.receiveHead(facts())
        #expect(machine.hasExchange)
        #expect(machine.acceptsInput)
        #expect(machine.receiveEnd() == .bodyComplete)
        #expect(!machine.acceptsInput)
        #expect(machine.startResponse() == false)
        #expect(machine.endResponse() == .next)
        #expect(machine.acceptsInput)
        #expect(!machine.hasExchange)
    }

    @Test mutating func `keeps a body up to the cap and not a byte more`() {
        machine.receiveHead(facts(["Transfer-Encoding": "chunked"]))
        #expect(machine.collectBody() == .wait(sendContinue: false))
        #expect(machine.receiveBody(bytes: 60) == .append)
        #expect(machine.receiveBody(bytes: 40) == .append)
        #expect(machine.receiveBody(bytes: 1) == .tooLarge)
        #expect(machine.receiveBody(bytes: 1) == .discard)
        #expect(machine.collectBody() == .failed)
        #expect(machine.startResponse() == true)
    }

    @Test mutating func `counts what came before the body was asked for`() {
        machine.receiveHead(facts(["Transfer-Encoding": "chunked"]))
        #expect(machine.receiveBody(bytes: 101) == .append)
        _ = machine.receiveEnd()
        #expect(machine.collectBody() == .tooLarge)
        #expect(machine.collectBody() == .failed)
    }

    @Test mutating func `reads a piece only when it is asked for`() {
        machine.receiveHead(facts(["Transfer-Encoding": "chunked"]))
        #expect(machine.receiveBody(bytes: 150) == .append)
        #expect(!machine.isReadingPieces)
        #expect(!machine.wantsInput(queueIsEmpty: true))
        #expect(machine.requestPiece(maximumBytes: nil, buffered: 150) == .piece)
        #expect(machine.isReadingPieces)
        #expect(!machine.wantsInput(queueIsEmpty: true))
        #expect(machine.requestPiece(maximumBytes: nil, buffered: 0) == .wait(sendContinue: false))
        #expect(machine.wantsInput(queueIsEmpty: true))
        #expect(machine.receiveBody(bytes: 1000) == .append)
        machine.deliverPiece()
        #expect(!machine.wantsInput(queueIsEmpty: true))
        _ = machine.receiveEnd()
        #expect(!machine.isReadingPieces)
        #expect(machine.requestPiece(maximumBytes: nil, buffered: 5) == .piece)
        #expect(machine.requestPiece(maximumBytes: nil, buffered: 0) == .end)
        #expect(machine.startResponse() == false)
        #expect(machine.endResponse() == .next)
    }

    @Test mutating func `holds pieces to their own cap`() {
        machine.receiveHead(facts(["Transfer-Encoding": "chunked"]))
        #expect(machine.requestPiece(maximumBytes: 120, buffered: 0) == .wait(sendContinue: false))
        #expect(machine.receiveBody(bytes: 120) == .append)
        #expect(machine.bodyCap == 120)
        #expect(machine.receiveBody(bytes: 1) == .tooLarge)
        #expect(machine.requestPiece(maximumBytes: 120, buffered: 0) == .failed)
        #expect(machine.startResponse() == true)
        machine.close()
        machine = HTTPConnectionStateMachine(settings: Self.settings())
        machine.receiveHead(facts(["Content-Length": "121"]))
        #expect(machine.requestPiece(maximumBytes: 120, buffered: 0) == .tooLarge)
        #expect(machine.requestPiece(maximumBytes: 120, buffered: 0) == .failed)
    }

    @Test mutating func `says Continue once, when the first piece is asked for`() {
        machine.receiveHead(facts(["Content-Length": "500", "Expect": "100-continue"]))
        #expect(machine.requestPiece(maximumBytes: nil, buffered: 0) == .wait(sendContinue: true))
        #expect(machine.requestPiece(maximumBytes: nil, buffered: 0) == .wait(sendContinue: false))
    }

    @Test mutating func `does not read a body in both ways`() {
        machine.receiveHead(facts(["Content-Length": "50"]))
        _ = machine.collectBody()
        #expect(machine.requestPiece(maximumBytes: nil, buffered: 0) == .failed)
        machine.close()
        machine = HTTPConnectionStateMachine(settings: Self.settings())
        machine.receiveHead(facts(["Content-Length": "50"]))
        _ = machine.requestPiece(maximumBytes: nil, buffered: 0)
        #expect(machine.collectBody() == .failed)
    }

    @Test mutating func `keeps pieces while the answer is under way, not after it`() {
        machine.receiveHead(facts(["Content-Length": "50"]))
        _ = machine.requestPiece(maximumBytes: nil, buffered: 0)
        #expect(machine.startResponse() == true)
        #expect(machine.receiveBody(bytes: 10) == .append)
        #expect(machine.endResponse() == .linger)
        #expect(machine.receiveBody(bytes: 10) == .discard)
        machine.close()
        machine = HTTPConnectionStateMachine(settings: Self.settings())
        machine.receiveHead(facts(["Content-Length": "5"]))
        _ = machine.requestPiece(maximumBytes: nil, buffered: 0)
        #expect(machine.startResponse() == false)
        #expect(machine.endResponse() == .awaitBody)
        #expect(machine.receiveBody(bytes: 5) == .discard)
        #expect(machine.receiveEnd() == .next)
    }

    @Test mutating func `tells the reader of pieces that the client has closed its side`() {
        machine.receiveHead(facts(["Content-Length": "5"]))
        _ = machine.requestPiece(maximumBytes: nil, buffered: 0)
        #expect(machine.closeInput() == .failBody)
        machine.failBody()
        #expect(machine.requestPiece(maximumBytes: nil, buffered: 0) == .failed)
        #expect(machine.startResponse() == true)
        #expect(machine.endResponse() == .close)
    }

    @Test mutating func `refuses a declared length beyond the cap before reading`() {
        machine.receiveHead(facts(["Content-Length": "101"]))
        #expect(machine.collectBody() == .tooLarge)
        machine.close()
        machine = HTTPConnectionStateMachine(settings: Self.settings())
        machine.receiveHead(facts(["Content-Length": "100"]))
        #expect(machine.collectBody() == .wait(sendContinue: false))
    }

    @Test mutating func `reads a body only when it is wanted`() {
        #expect(machine.wantsInput(queueIsEmpty: true))
        machine.receiveHead(facts(["Content-Length": "50"]))
        #expect(!machine.wantsInput(queueIsEmpty: true))
        #expect(machine.collectBody() == .wait(sendContinue: false))
        #expect(machine.wantsInput(queueIsEmpty: true))
        _ = machine.receiveEnd()
        #expect(machine.collectBody() == .complete)
        #expect(machine.wantsInput(queueIsEmpty: true))
        #expect(!machine.wantsInput(queueIsEmpty: false))
    }

    @Test mutating func `says Continue once, when the body is wanted`() {
        machine.receiveHead(facts(["Content-Length": "50", "Expect": "100-continue"]))
        #expect(machine.collectBody() == .wait(sendContinue: true))
        #expect(machine.collectBody() == .wait(sendContinue: false))
    }

    @Test mutating func `does not say Continue to a client that has begun to send`() {
        machine.receiveHead(facts(["Content-Length": "50", "Expect": "100-continue"]))
        _ = machine.receiveBody(bytes: 1)
        #expect(machine.collectBody() == .wait(sendContinue: false))
    }

    @Test mutating func `closes after an answer to a client that waits for Continue`() {
        machine.receiveHead(facts(["Content-Length": "5", "Expect": "100-continue"]))
        #expect(machine.startResponse() == true)
        #expect(machine.endResponse() == .linger)
    }

    @Test mutating func `reads the rest of a short unwanted body and keeps the connection`() {
        machine.receiveHead(facts(["Content-Length": "11"]))
        _ = machine.receiveBody(bytes: 1)
        #expect(machine.startResponse() == false)
        #expect(machine.endResponse() == .awaitBody)
        #expect(machine.wantsInput(queueIsEmpty: true))
        #expect(machine.receiveBody(bytes: 10) == .discard)
        #expect(machine.receiveEnd() == .next)
    }

    @Test mutating func `closes rather than read a long unwanted body`() {
        machine.receiveHead(facts(["Content-Length": "12"]))
        _ = machine.receiveBody(bytes: 1)
        #expect(machine.startResponse() == true)
        #expect(machine.endResponse() == .linger)
    }

    @Test mutating func `closes rather than read an unwanted body of unknown length`() {
        machine.receiveHead(facts(["Transfer-Encoding": "chunked"]))
        #expect(machine.startResponse() == true)
    }

    @Test mutating func `stops a drained body that turns out longer`() {
        machine.receiveHead(facts(["Content-Length": "10"]))
        _ = machine.startResponse()
        #expect(machine.endResponse() == .awaitBody)
        #expect(machine.receiveBody(bytes: 10) == .discard)
        #expect(machine.receiveBody(bytes: 1) == .stop)
    }

    @Test(
        arguments: [
            (["Connection": "close"], HTTPVersion.http1_1, true), ([:], .http1_1, false), (["Connection": "Keep-Alive"], .http1_0, false),
            ([:], .http1_0, true), (["Upgrade": "websocket", "Connection": "Upgrade"], .http1_1, true),
            (["Connection": "x, CLOSE"], .http1_1, true),
        ] as [(HTTPHeaders, HTTPVersion, Bool)]) mutating func `closes when the request says so`(
            fields: HTTPHeaders, version: HTTPVersion, closes: Bool
        )
    {
        machine.receiveHead(facts(fields, version: version))
        _ = machine.receiveEnd()
        #expect(machine.startResponse() == closes)
        #expect(machine.endResponse() == (closes ? .linger : .next))
    }

    @Test mutating func `closes when the end of the body cannot be told otherwise`() {
        machine.receiveHead(facts())
        _ = machine.receiveEnd()
        #expect(machine.startResponse(mustClose: true) == true)
        #expect(machine.endResponse() == .linger)
    }

    @Test mutating func `finishes the running request when the server stops`() {
        machine.receiveHead(facts())
        _ = machine.receiveEnd()
        #expect(machine.drain() == .none)
        #expect(machine.startResponse() == true)
        #expect(machine.endResponse() == .linger)
    }

    @Test mutating func `closes an idle connection when the server stops`() {
        #expect(machine.drain() == .close)
    }

    @Test mutating func `closes after an answer that began before the server stopped`() {
        machine.receiveHead(facts())
        _ = machine.receiveEnd()
        #expect(machine.startResponse() == false)
        _ = machine.drain()
        #expect(machine.endResponse() == .linger)
    }

    @Test mutating func `ends with the client`() {
        #expect(machine.closeInput() == .close)
        machine = HTTPConnectionStateMachine(settings: Self.settings())
        machine.receiveHead(facts(["Content-Length": "5"]))
        #expect(machine.closeInput() == .abandon)
        machine = HTTPConnectionStateMachine(settings: Self.settings())
        machine.receiveHead(facts())
        _ = machine.receiveEnd()
        #expect(machine.closeInput() == .awaitAnswer)
        #expect(machine.startResponse() == true)
        #expect(machine.endResponse() == .close)
        #expect(machine.isClosed)
    }

    @Test mutating func `closes after a refusal`() {
        machine.refuse()
        #expect(!machine.acceptsInput)
        #expect(machine.startResponse() == true)
        #expect(machine.endResponse() == .linger)
        #expect(!machine.isOpen)
        #expect(machine.closeInput() == .close)
    }

    @Test mutating func `closes after a body that failed`() {
        machine.receiveHead(facts(["Content-Length": "5"]))
        machine.failBody()
        #expect(machine.collectBody() == .failed)
        #expect(machine.wantsInput(queueIsEmpty: true))
        #expect(machine.startResponse() == true)
    }

    @Test mutating func `does nothing more once closed`() {
        machine.receiveHead(facts())
        machine.close()
        #expect(machine.isClosed)
        #expect(machine.receiveBody(bytes: 1) == .discard)
        #expect(machine.collectBody() == .failed)
        #expect(machine.endResponse() == .close)
        #expect(machine.drain() == .none)
    }
}
