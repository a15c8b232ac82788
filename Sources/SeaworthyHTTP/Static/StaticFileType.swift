/// What a file's name says about it.
enum StaticFileType {
    /// By the ending of the name; `application/octet-stream` for one that is not known.
    static func mediaType(of name: String) -> MediaType {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return .octets }
        return types[name[dot...].dropFirst().lowercased()] ?? .octets
    }

    /// Does the name change whenever the content does? That is so where one of its parts between dots, not the first or last, is eight or
    /// more hexadecimal digits: `app.0a1b2c3d.js`. One of them must be a letter: `menu.20250101.html` has a date.
    static func hasContentHash(_ name: String) -> Bool {
        name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).dropFirst().dropLast().contains { part in
            part.count >= 8 && part.allSatisfy { isDigit($0) || isHexLetter($0) } && part.contains(where: isHexLetter)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isHexLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }

    private static let types: [String: MediaType] = [
        "html": .html, "htm": .html, "css": .css, "js": .javaScript, "mjs": .javaScript, "json": .json, "map": .json, "csv": .csv,
        "ndjson": .ndjson, "svg": .svg, "txt": .text, "md": MediaType("text/markdown", charset: "utf-8"),
        "xml": MediaType("application/xml"),
        "webmanifest": MediaType("application/manifest+json"), "wasm": MediaType("application/wasm"), "pdf": MediaType("application/pdf"),
        "png": MediaType("image/png"), "jpg": MediaType("image/jpeg"), "jpeg": MediaType("image/jpeg"), "gif": MediaType("image/gif"),
        "webp": MediaType("image/webp"), "avif": MediaType("image/avif"), "ico": MediaType("image/vnd.microsoft.icon"),
        "woff": MediaType("font/woff"), "woff2": MediaType("font/woff2"), "ttf": MediaType("font/ttf"), "otf": MediaType("font/otf"),
        "mp3": MediaType("audio/mpeg"), "ogg": MediaType("audio/ogg"), "mp4": MediaType("video/mp4"), "webm": MediaType("video/webm"),
        "zip": MediaType("application/zip"), "gz": MediaType("application/gzip"),
    ]
}
