import Foundation
import PostgresServing

/// A provider of OpenID Connect that others wrote, Canaille, which knows Ada; it goes with this process.
package struct CanailleProvider: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package static let secret = "50% of a +secret: for tests"  // not-a-secret
    private static let running = Task {
        try await PostgresServer.onThread { try ServingScript("test-oidc") }
    }

    package let issuer: String

    /// The one that the first who asked has started.
    package static func started() async throws -> CanailleProvider {
        guard let port = try await running.value.words.first else { throw Failure(description: "scripts/test-oidc said nothing") }
        return CanailleProvider(issuer: "http://127.0.0.1:\(port)")
    }

    /// The name of the client that proves itself in this way.
    package static func clientID(_ method: String) -> String { "seaworthy-\(method)" }

    /// Goes from page to page, and fills in each form, until the provider sends the browser back.
    ///
    /// - Returns: the address to which it does.
    package func signIn(_ browser: Browser, from start: String, backTo redirectURI: String) async throws -> String {
        var address = start
        var page = try await browser.get(address)
        for _ in 0..<20 {
            if let location = page.location {
                if location.hasPrefix(redirectURI) { return location }
                address = location.hasPrefix("/") ? issuer + location : location
                page = try await browser.get(address)
            } else {
                page = try await browser.post(address, try form(in: page))
            }
        }
        throw Failure(description: "the provider does not send back")
    }

    private func form(in page: Browser.Page) throws -> [(String, String)] {
        var form: [(String, String)] = []
        for tag in page.body.matches(of: /<input[^>]*>/).map({ String($0.0) }) {
            guard let name = tag.firstMatch(of: /name="([^"]*)"/)?.1 else { continue }
            switch name {
            case "csrf_token": form.append(("csrf_token", String(tag.firstMatch(of: /value="([^"]*)"/)?.1 ?? "")))
            case "login": form.append(("login", "ada"))
            case "password": form.append(("password", "a password for tests"))
            default: break
            }
        }
        if page.body.contains(#"value="accept""#) { form.append(("answer", "accept")) }
        guard !form.isEmpty else { throw Failure(description: "no form: \(page.status) \(page.body.prefix(2_000))") }
        return form
    }
}
