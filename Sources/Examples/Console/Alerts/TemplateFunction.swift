// The functions of templates.

/// A function that an action may call.
enum TemplateFunction: String, Sendable, CaseIterable {
    case humanize, humanize1024, humanizeDuration, humanizePercentage
    case printf, index, toUpper, toLower, title, stripPort

    /// The numbers of arguments that it takes.
    var arity: ClosedRange<Int> {
        switch self {
        case .printf: 1...16
        case .index: 2...2
        default: 1...1
        }
    }

    var usage: String {
        switch self {
        case .printf: "a format and its values"
        case .index: "labels and a name"
        default: "one"
        }
    }
}
