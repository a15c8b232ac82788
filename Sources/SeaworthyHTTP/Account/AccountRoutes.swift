import HTTPTypes

/// `/account/…`: the pages that mails about accounts lead to. Everything they need is here.
enum AccountRoutes {
    static var routes: [Route] {
        let policy = DocsRoutes.contentSecurityPolicy
        let html = "text/html; charset=utf-8"
        let verify = EmbeddedFile(PackageResources.verify_html, contentType: html, policy: policy)
        let reset = EmbeddedFile(PackageResources.reset_html, contentType: html, policy: policy)
        let style = EmbeddedFile(PackageResources.account_css, contentType: "text/css; charset=utf-8")
        let script = EmbeddedFile(PackageResources.account_js, contentType: "text/javascript; charset=utf-8")
        return [
            Route(.get, "/account/verify", operation: "getVerifyPage", identification: .none) { try verify.answer($0) },
            Route(.get, "/account/reset", operation: "getResetPage", identification: .none) { try reset.answer($0) },
            Route(.get, "/account/account.css", operation: "getAccountStyle", identification: .none) { try style.answer($0) },
            Route(.get, "/account/account.js", operation: "getAccountScript", identification: .none) { try script.answer($0) },
        ]
    }
}
