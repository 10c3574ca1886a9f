// The way to a receiver, as its settings say.

extension OTLPSettings {
    /// Returns a connection to the receiver, for one request at a time.
    ///
    /// - Parameter directory: the addresses of the receiver, or of the proxy to it.
    func transport(_ directory: HostDirectory) -> any OTLPTransport {
        http2.map { OTLPGRPCTransport(self, $0, directory) } ?? OTLPHTTPTransport(self, directory)
    }

    /// Returns what knows the addresses of the receiver, or of the proxy to it.
    ///
    /// - Parameter answers: how soon it and its like answer.
    func directory(_ resolver: any NameResolver, _ clock: TelemetryClock, _ answers: AnswerTimes = AnswerTimes()) -> HostDirectory {
        HostDirectory(for: url, proxy: proxy, policy: options.addresses, resolver: resolver, clock: clock, answers: answers)
    }
}
