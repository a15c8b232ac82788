/// The request that the current task answers, for whoever writes a line of the log somewhere below.
package enum CurrentRequest {
    /// Its id; nil outside of requests.
    @TaskLocal package static var id: String?
}
