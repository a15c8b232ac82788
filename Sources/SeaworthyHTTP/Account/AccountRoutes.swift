import HTTPTypes

/// `/account/…`: the pages that mails about accounts lead to. Everything they need is here.
enum AccountRoutes {
    static var routes: [Route] {
        let verify = EmbeddedPage(PackageResources.verify_html)
        let reset = EmbeddedPage(PackageResources.reset_html)
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
