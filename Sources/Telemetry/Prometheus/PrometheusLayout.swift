// Groups the metrics of a batch into families, and drops those that conflict.

/// The families of a page, and which metric of a batch is a member of which.
///
/// It is reused from scrape to scrape as long as the batches hold the same metrics.
struct PrometheusLayout {
    /// The metric that a member was made for.
    private struct Source {
        let descriptor: MetricDescriptor
        let scope: InstrumentationScope
        let recordedScope: RecordedScope?
        let kind: PrometheusKind
    }

    /// The indices of a member's metric in the batch.
    struct Place {
        let scope: Int
        let metric: Int
    }

    let format: PrometheusFormat
    private let resource: RecordedResource
    private var sources: [Source] = []
    /// The families, in the order of their first metrics.
    private(set) var families: [PrometheusFamily] = []
    /// The places of the members of each family.
    private(set) var places: [[Place]] = []
    /// The bytes before all families: `target_info`.
    private(set) var preamble: [UInt8] = []

    /// - Parameter previous: the layout of an earlier batch; unchanged families keep their cached series.
    init(_ batch: MetricBatch, format: PrometheusFormat, options: PrometheusOptions, previous: PrometheusLayout?) {
        self.format = format
        resource = batch.recordedResource
        let maker = PrometheusLabelMaker(strategy: options.translationStrategy, escaping: format.escaping)
        var grouping = Grouping(format: format, options: options)
        let resourceLabels = resource.resource.attributes.filter { options.resourceLabels.contains($0.key) }.map { maker.label($0, $1) }
        if options.includesTargetInfo && !resource.resource.attributes.isEmpty {
            preamble = grouping.targetInfo(resource.resource, maker)
        }
        for (scopeIndex, scope) in batch.scopes.enumerated() {
            let common = (options.includesScopeLabels ? maker.labels(of: scope.instrumentationScope) : []) + resourceLabels
            for (metricIndex, metric) in scope.metrics.enumerated() {
                let kind = PrometheusKind(metric)
                sources.append(
                    Source(descriptor: metric.descriptor, scope: scope.instrumentationScope, recordedScope: scope.recordedScope, kind: kind)
                )
                grouping.add(metric.descriptor, kind, common, Place(scope: scopeIndex, metric: metricIndex))
            }
        }
        let isSameResource = previous?.resource === resource
        let earlier = isSameResource ? previous?.familiesByName ?? [:] : [:]
        for group in grouping.groups {
            places.append(group.members.map(\.place))
            if let family = earlier[group.name], group.isSame(as: family, format) {
                families.append(family)
            } else {
                families.append(group.family(for: format))
            }
        }
    }

    private var familiesByName: [PrometheusName: PrometheusFamily] {
        Dictionary(families.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Returns whether a batch holds the metrics of this layout, in the same order.
    func fits(_ batch: MetricBatch) -> Bool {
        guard batch.recordedResource === resource else { return false }
        var place = 0
        for scope in batch.scopes {
            for metric in scope.metrics {
                guard place < sources.count, sources[place].descriptor === metric.descriptor else { return false }
                guard sources[place].kind == PrometheusKind(metric) else { return false }
                let isSameScope =
                    sources[place].recordedScope.map { $0 === scope.recordedScope } ?? (sources[place].scope == scope.instrumentationScope)
                guard isSameScope else { return false }
                place += 1
            }
        }
        return place == sources.count
    }
}

/// The type of a metric in Prometheus, or the reason that it has none. (Specification: Prometheus compatibility, "OTLP Metric points to Prometheus".)
enum PrometheusKind: Hashable {
    case family(PrometheusFamilyType)
    /// Delta temporality, which cannot be scraped.
    case delta

    init(_ metric: MetricData) {
        switch metric.points {
        case .gauge, .sum(_, .cumulative, false):
            switch metric.metadata["prometheus.type"]?.stringValue {
            case "unknown": self = .family(.unknown)
            case "info": self = .family(.info)
            default: self = .family(.gauge)
            }
        case .sum(_, .cumulative, true): self = .family(.counter)
        case .histogram(_, .cumulative), .exponentialHistogram(_, .cumulative): self = .family(.histogram)
        case .summary: self = .family(.summary)
        case .sum(_, .delta, _), .histogram(_, .delta), .exponentialHistogram(_, .delta): self = .delta
        }
    }
}

/// Groups metrics by name, and drops those whose names conflict with another type.
private struct Grouping {
    struct Group {
        let name: PrometheusName
        var help: String
        var members: [(member: PrometheusMember, place: PrometheusLayout.Place)] = []

        func isSame(as family: PrometheusFamily, _ format: PrometheusFormat) -> Bool {
            family.members.count == members.count && family.header == name.header(help: help, format: format)
                && zip(family.members, members).allSatisfy { $0.descriptor === $1.member.descriptor && $0.hasSameLabels(as: $1.member) }
        }

        func family(for format: PrometheusFormat) -> PrometheusFamily {
            let family = PrometheusFamily(name: name, header: name.header(help: help, format: format))
            for (member, _) in members { family.append(member) }
            return family
        }
    }

    let format: PrometheusFormat
    let options: PrometheusOptions
    private(set) var groups: [Group] = []
    private var groupOfName: [String: Int] = [:]
    /// The names that are in use.
    private var claims: Set<String> = []

    init(format: PrometheusFormat, options: PrometheusOptions) {
        self.format = format
        self.options = options
    }

    /// Returns the bytes of `target_info`, whose labels are the attributes of the resource.
    mutating func targetInfo(_ resource: Resource, _ maker: PrometheusLabelMaker) -> [UInt8] {
        guard
            let name = PrometheusName("target_info", unit: "", type: .info, strategy: options.translationStrategy, format: format)
        else { return [] }
        claims.formUnion(name.claims(format.dialect) + ["target_info"])
        let labels = PrometheusLabelMaker.merged(resource.attributes.map { maker.label($0, $1) })
        return name.targetInfo(labels, format: format)
    }

    mutating func add(
        _ descriptor: MetricDescriptor, _ kind: PrometheusKind, _ common: [PrometheusLabel], _ place: PrometheusLayout.Place
    ) {
        guard case .family(let type) = kind else {
            return Self.warn(descriptor, "delta", "is left out: it tells changes only; have its producer tell sums since the beginning")
        }
        guard
            let name = PrometheusName(
                descriptor.name, unit: descriptor.unit, type: type, strategy: options.translationStrategy(of: descriptor.name),
                format: format)
        else { return Self.warn(descriptor, "name", "has no name") }
        let member = PrometheusMember(descriptor: descriptor, type: name.type, commonLabels: common)
        if let index = groupOfName[name.family], groups[index].name.type == name.type, groups[index].name.sample == name.sample {
            return join(index, name, member, place)
        }
        let wanted = name.claims(format.dialect)
        if let taken = wanted.first(where: claims.contains) {
            return Self.warn(
                descriptor, "type",
                "is left out: \(taken) is already the name of another type of metric; rename one of them, for example by a view")
        }
        claims.formUnion(wanted)
        groupOfName[name.family] = groups.count
        groups.append(Group(name: name, help: descriptor.description, members: [(member, place)]))
    }

    private mutating func join(
        _ index: Int, _ name: PrometheusName, _ member: PrometheusMember, _ place: PrometheusLayout.Place
    ) {
        let description = member.descriptor.description
        if groups[index].help.isEmpty {
            groups[index].help = description
        } else if !description.isEmpty && description != groups[index].help {
            Self.warn(
                member.descriptor, "help", "has another description than the metric of the same name before; that one's is written")
        }
        if member.descriptor.unit != groups[index].members[0].member.descriptor.unit {
            Self.warn(member.descriptor, "unit", "has another unit than the metric of the same name before; that one's is written")
        }
        groups[index].members.append((member, place))
    }

    private static func warn(_ descriptor: MetricDescriptor, _ topic: String, _ problem: String) {
        // Each metric is reported once an hour, not once per scrape.
        Diagnostics.report(
            .warning, topic: "prometheus.\(topic).\(descriptor.name)", every: .seconds(3600),
            "The metric \"\(descriptor.name)\" on Prometheus' page \(problem).")
    }
}

extension PrometheusMember {
    fileprivate func hasSameLabels(as other: PrometheusMember) -> Bool {
        commonLabels.elementsEqual(other.commonLabels) { $0.name == $1.name && $0.key == $1.key && $0.value == $1.value }
    }
}
