import Crypto
import NIOCore

/// A script that Redis runs as one step. It is sent by its hash, and whole only to a server that does not know it.
package struct RedisScript: Sendable {
    package let source: String
    /// SHA-1 of the source, in hexadecimal digits, by which Redis knows it.
    let hash: String

    package init(_ source: String) {
        self.source = source
        hash = Insecure.SHA1.hash(data: Array(source.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    func byHash(_ keys: [RedisCommand.Word], _ arguments: [RedisCommand.Word]) -> RedisCommand {
        command("EVALSHA", hash, keys, arguments)
    }

    func whole(_ keys: [RedisCommand.Word], _ arguments: [RedisCommand.Word]) -> RedisCommand {
        command("EVAL", source, keys, arguments)
    }

    private func command(_ name: String, _ text: String, _ keys: [RedisCommand.Word], _ arguments: [RedisCommand.Word]) -> RedisCommand {
        RedisCommand([.text(name), .text(text), .integer(Int64(keys.count))] + keys + arguments, key: keys.isEmpty ? nil : 3)
    }
}
