// One alert of a rule and what has become of it.

/// An alert for one set of labels. Times are milliseconds since 1970.
struct ActiveAlert: Sendable, Equatable {
    enum State: String, Sendable {
        case pending
        case firing
        /// It has fired, and does so no more; it is listed for a while.
        case resolved
    }

    var labels: LabelSet
    var annotations: [(name: String, value: String)]
    var value: Double
    var state = State.pending
    var activeAt: Int64
    var firedAt: Int64?
    var resolvedAt: Int64?
    /// When the query first gave nothing while the alert goes on firing by `keep_firing_for`.
    var keepFiringSince: Int64?
    /// Until when an alert that fired in the last run fires although the query gives nothing: its senders may not have begun yet.
    var heldUntil: Int64?

    static func == (left: ActiveAlert, right: ActiveAlert) -> Bool {
        left.labels == right.labels && left.state == right.state && left.activeAt == right.activeAt && left.firedAt == right.firedAt
            && left.resolvedAt == right.resolvedAt && left.keepFiringSince == right.keepFiringSince
            && left.annotations.elementsEqual(right.annotations) { $0.name == $1.name && $0.value == $1.value }
            && (left.value == right.value || left.value.isNaN && right.value.isNaN)
    }
}
