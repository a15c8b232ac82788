/// How many mails wait, and how often one is tried.
package struct MailQueueSettings: Sendable {
    /// Mails that may wait; the next is refused at once.
    package var limit = 1000
    /// Bytes that they may have together, as they go over the wire.
    package var byteLimit = 67_108_864
    /// The pause behind the first attempt that failed. It doubles with each, up to ``longestPause``; what is waited is between half of it
    /// and all of it, at random, so that many servers do not come at once.
    package var firstPause: Duration = .seconds(1)
    package var longestPause: Duration = .seconds(300)
    /// For how long a mail is tried, from when it was accepted.
    package var patience: Duration = .seconds(1800)

    package init() {}
}
