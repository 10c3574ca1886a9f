// What the samplers by a share have in common: the check of the share.

/// A sampler that keeps a share of the traces.
///
/// A share outside of its range is an error when telemetry starts. A sampler of the host's own may contain one, where the start does not
/// find it; then it is reported, and the nearest share counts.
protocol ShareSampler: CheckedSettings {
    var share: Double { get }
    /// The sampler as it is written in code.
    static var setting: String { get }
}

extension ShareSampler {
    /// Returns the share that counts in place of one that is given; everything for one that is no number.
    static func nearest(_ share: Double) -> Double { share.isNaN ? 1 : min(max(share, 0), 1) }

    @inline(__always)
    private var isShareValid: Bool { share >= 0 && share <= 1 }

    var problem: ConfigurationError? {
        isShareValid
            ? nil
            : ConfigurationError(
                setting: Self.setting, value: "\(share)", expected: "a share of the traces from 0 to 1, as 0.1 for a tenth of them")
    }

    /// Reports a share that cannot be used; called with a decision, which a sampler that the start has checked makes only for a valid one.
    @inline(__always)
    func reportProblem() {
        if !isShareValid { reportNearestShare() }
    }

    @inline(never)
    private func reportNearestShare() {
        guard let problem else { return }
        Diagnostics.report(.error, topic: "sampler.\(problem.setting)", "\(problem) \(Self.nearest(share)) is used.")
    }
}
