import HTTPTypes
import HummingbirdCore
import NIOCore

extension HTTPConnectionHandler {
    /// A body up to this many bytes is copied behind its head, so that both are one write.
    private static var maximumCopiedBytes: Int { 16 * 1024 }

    /// Writes the head of an answer and the first piece of its body, or all of it.
    ///
    /// - Returns: When the client may be sent more; nil at once. Fails when the connection is gone.
    @discardableResult
    func respond(
        _ number: Int, answer: RequestPipeline.Answer, body: ByteBuffer, isWhole: Bool, declaredLength: Int?
    ) -> EventLoopFuture<Void>? {
        guard let context, !machine.isClosed, var current, current.number == number else { return nil }
        let status = answer.response.status
        let isHTTP10 = current.facts?.isHTTP10 ?? false
        let isHead = current.facts?.method == .head
        framing = ResponseHeadEncoder.framing(
            status: status, length: isWhole && !isHead ? body.readableBytes : declaredLength ?? (isWhole ? body.readableBytes : nil),
            isHTTP10: isHTTP10)
        let close = machine.startResponse(mustClose: framing == .untilClose || registry.isDraining)
        let sendsBody = !isHead && framing != .none
        let copies = sendsBody && body.readableBytes <= Self.maximumCopiedBytes
        var buffer = context.channel.allocator.buffer(capacity: 512 + (copies ? body.readableBytes : 0))
        ResponseHeadEncoder.write(
            status: status, fields: answer.response.headers, framing: framing,
            connection: close ? "close" : isHTTP10 ? "keep-alive" : nil, requestID: current.requestID,
            date: clock.date, isStrict: isStrict(current), into: &buffer)
        current.status = status.code
        current.routeTemplate = answer.routeTemplate
        current.cause = answer.cause
        current.responseBytes = sendsBody ? body.readableBytes : 0
        self.current = current
        unreadBytes += current.responseBytes
        if copies, framing != .chunked {
            buffer.writeImmutableBuffer(body)
            context.write(wrapOutboundOut(buffer), promise: nil)
        } else {
            context.write(wrapOutboundOut(buffer), promise: nil)
            if sendsBody {
                writePiece(body)
            }
        }
        if isWhole {
            endResponse()
            return nil
        }
        return flush()
    }

    /// On this machine other servers have the same name, which do not all speak TLS.
    private func isStrict(_ current: Current) -> Bool {
        guard current.source.isSecure else { return false }
        return !(current.facts?.host ?? "").prefix { $0 != ":" }.isEqualIgnoringASCIICase(to: "localhost")
    }

    /// Writes a further piece of a long body.
    func respondFurther(_ number: Int, piece: ByteBuffer) -> EventLoopFuture<Void>? {
        guard !machine.isClosed, current?.number == number else { return nil }
        if current?.facts?.method != .head, framing != .none {
            current?.responseBytes += piece.readableBytes
            unreadBytes += piece.readableBytes
            writePiece(piece)
        }
        return flush()
    }

    private func writePiece(_ piece: ByteBuffer) {
        guard let context, piece.readableBytes > 0 else { return }
        guard framing == .chunked else {
            context.write(wrapOutboundOut(piece), promise: nil)
            return
        }
        var buffer = context.channel.allocator.buffer(capacity: piece.readableBytes + 24)
        ResponseHeadEncoder.writeChunk(piece, into: &buffer)
        context.write(wrapOutboundOut(buffer), promise: nil)
    }

    private func flush() -> EventLoopFuture<Void>? {
        guard let context else { return nil }
        let promise = context.eventLoop.makePromise(of: Void.self)
        enter(.writing, for: unreadBytes)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
        let connection = HTTPConnectionReference(self, eventLoop: context.eventLoop)
        promise.futureResult.whenSuccess {
            // The client has taken it all: the next piece is the handler's own matter.
            connection.runNow { connection in
                connection.unreadBytes = 0
                if connection.timing.phase == .writing {
                    connection.enter(.responding)
                }
            }
        }
        return promise.futureResult
    }

    /// The last piece of a long body is written.
    func finishResponse(_ number: Int) {
        guard let context, !machine.isClosed, current?.number == number else { return }
        if framing == .chunked, current?.facts?.method != .head {
            var buffer = context.channel.allocator.buffer(capacity: 8)
            buffer.writeStaticString(ResponseHeadEncoder.lastChunk)
            context.write(wrapOutboundOut(buffer), promise: nil)
        }
        endResponse()
    }

    /// A body broke off after its head: only a connection that ends too early can tell the client.
    func abortResponse(_ number: Int) {
        guard !machine.isClosed, current?.number == number else { return }
        close()
    }

    private func endResponse() {
        guard let context else { return }
        if let current {
            record(current)
        }
        task = nil
        context.flush()
        // A client that asks on and on without reading must not fill the memory with answers.
        if context.channel.isWritable {
            unreadBytes = 0
            completeResponse()
        } else {
            awaitsReader = true
            enter(.writing, for: unreadBytes)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if awaitsReader, context.channel.isWritable {
            awaitsReader = false
            unreadBytes = 0
            completeResponse()
        }
        context.fireChannelWritabilityChanged()
    }

    private func completeResponse() {
        guard let context else { return }
        // Nobody is left who could read on.
        failPiece(CancellationError())
        body = ByteBuffer()
        let action = machine.endResponse()
        switch action {
        case .next:
            next()
        case .awaitBody:
            enter(.body)
            releaseRead()
        case .linger, .close:
            enter(.writing)
            let connection = HTTPConnectionReference(self, eventLoop: context.eventLoop)
            let promise = context.eventLoop.makePromise(of: Void.self)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
            promise.futureResult.whenComplete { _ in
                connection.runNow { $0.closeAfterResponse(action) }
            }
        }
    }

    private func closeAfterResponse(_ action: HTTPConnectionStateMachine.ResponseEndAction) {
        guard let context, timing.phase != .closed else { return }
        guard action == .linger, !machine.inputClosed else {
            close()
            return
        }
        enter(.lingering)
        context.close(mode: .output, promise: nil)
        context.read()
    }
}
