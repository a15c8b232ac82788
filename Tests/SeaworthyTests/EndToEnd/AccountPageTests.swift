import NIOHTTP1
import Testing

@Suite struct `The pages of accounts` {
    @Test func `bring all that they need, run nothing else, and send the secret to nobody but the server`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("name: shop\nentities:\n  Shelf: { fields: { Width: { type: integer } } }\n", to: "seaworthy.yaml")
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url)
        let api = APIClient(address: address)
        do {
            for (path, title, action) in [
                ("verify", "Verify your address", "../v1/auth/email/verify"), ("reset", "Set a new password", "../v1/auth/password/reset"),
            ] {
                let page = try await api.get("/account/\(path)")
                #expect(page.status == 200)
                #expect(page.headers["Content-Type"] == ["text/html; charset=utf-8"])
                let policy = page.headers["Content-Security-Policy"].joined()
                for part in [
                    "default-src 'none'", "script-src 'nonce-", "connect-src 'self'", "form-action 'none'", "frame-ancestors 'none'",
                ] {
                    #expect(policy.contains(part))
                }
                #expect(page.headers["Referrer-Policy"] == ["no-referrer"])
                #expect(page.body.contains("<title>\(title)</title>") && page.body.contains("data-action=\"\(action)\""))
                // Neither scripts nor styles within the page, nor addresses elsewhere.
                #expect(!page.body.contains("<script>") && !page.body.contains("style=") && !page.body.contains("http"))
            }
            let script = try await api.get("/account/account.js")
            #expect(script.headers["Content-Type"] == ["text/javascript; charset=utf-8"])
            #expect(script.body.contains("location.hash") && script.body.contains("history.replaceState"))
            #expect(try await api.get("/account/account.css").headers["Content-Type"] == ["text/css; charset=utf-8"])
            // The secret is in the fragment; one in the query is not taken for it.
            #expect(try await api.get("/account/verify?token=x").status == 400)
            #expect(try await api.get("/account").status == 404)
        } catch {
            await process.stop()
            throw error
        }
        await process.stop()
    }
}
