import HTTPTypes

/// `/docs`: a page that shows the API as `/openapi.json` describes it, and sends requests to it. Everything it needs is here.
package enum DocsRoutes {
    package static var routes: [Route] {
        let page = EmbeddedPage(PackageResources.docs_html)
        let style = EmbeddedFile(PackageResources.docs_css, contentType: "text/css; charset=utf-8")
        let script = EmbeddedFile(PackageResources.docs_js, contentType: "text/javascript; charset=utf-8")
        return [
            Route(.get, "/docs", operation: "getDocs", identification: .none) { try page.answer($0) },
            Route(.get, "/docs/docs.css", operation: "getDocsStyle", identification: .none) { try style.answer($0) },
            Route(.get, "/docs/docs.js", operation: "getDocsScript", identification: .none) { try script.answer($0) },
        ]
    }
}
