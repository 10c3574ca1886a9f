// Holds export requests against the semantic conventions.

import Telemetry

/// Checks the items of a request, and adds what deviates to a report.
package struct ConventionCheck: Sendable {
    /// Points of one metric that are looked at.
    private static let maximumPoints = 50

    private let rules: ConventionRules
    private let spans = SpanConventions()

    package init(_ table: ConventionTable = .current) {
        rules = ConventionRules(table)
    }

    /// Checks a request in protobuf; what cannot be read ends it.
    ///
    /// - Parameter maximumItems: those beyond are not looked at.
    package func check(
        _ request: [UInt8], _ signal: OTLPReceivedRequest.Signal, maximumItems: Int = .max, into report: inout ConventionReport
    ) {
        var checked = 0
        var known: (resource: RecordedResource?, scope: RecordedScope?) = (nil, nil)
        var place = ConventionFinding.Occurrence()
        try? OTLPRequestReader.forEachItem(of: request) { item in
            guard checked < maximumItems else { return report.countSkipped() }
            checked += 1
            let origin = item.recordedScope
            if known.resource !== origin.resource {
                known.resource = origin.resource
                place = check(origin.resource.resource, &report)
            }
            if known.scope !== origin {
                known.scope = origin
                place.name = origin.scope.name.bounded
                check(origin.scope.attributes, .scope, place, &report)
            }
            switch signal {
            case .traces: check(ReadableSpan(item), place, &report)
            case .logs: check(ReadableLogRecord(item), place, &report)
            case .metrics: check(ReceivedMetric(item), place, &report)
            }
        }
    }

    private func check(
        _ attributes: Attributes, _ signal: ConventionFinding.Signal, _ place: ConventionFinding.Occurrence,
        _ report: inout ConventionReport
    ) {
        for (key, value) in attributes { rules.checkAttribute(key, value, signal) { report.add($0, place) } }
    }

    /// Returns the service of the items.
    private func check(_ resource: Resource, _ report: inout ConventionReport) -> ConventionFinding.Occurrence {
        let service = resource.attributes["service.name"]?.stringValue ?? ""
        let place = ConventionFinding.Occurrence(service: service.bounded)
        check(resource.attributes, .resource, place, &report)
        for key in ["service.name", "telemetry.sdk.language", "telemetry.sdk.name", "telemetry.sdk.version"]
        where resource.attributes[key] == nil {
            let message = "every resource has it, and one lacks it"
            report.add(ConventionFinding(.entityRequiredAttributeNotPresent, .violation, .resource, key, message), place)
        }
        return place
    }

    private func check(_ span: ReadableSpan, _ place: ConventionFinding.Occurrence, _ report: inout ConventionReport) {
        var place = place
        place.name = span.name.bounded
        place.traceID = "\(span.traceID)"
        report.countItem(.span, place)
        let attributes = span.attributes
        check(attributes, .span, place, &report)
        for event in span.events { check(event.attributes, .spanEvent, place, &report) }
        for finding in spans.findings(span, attributes) { report.add(finding, place) }
    }

    private func check(_ record: ReadableLogRecord, _ place: ConventionFinding.Occurrence, _ report: inout ConventionReport) {
        var place = place
        let event = record.eventName ?? ""
        place.name = event.bounded
        report.countItem(.log, place)
        place.name = event.isEmpty ? "log record" : place.name
        place.traceID = record.traceID.isValid ? "\(record.traceID)" : ""
        let attributes = record.attributes
        check(attributes, .log, place, &report)
        rules.checkEvent(event, attributes) { report.add($0, place) }
    }

    private func check(_ metric: ReceivedMetric, _ place: ConventionFinding.Occurrence, _ report: inout ConventionReport) {
        var place = place
        let name = metric.name
        place.name = name.bounded
        report.countItem(.metric, place)
        rules.checkMetric(name, unit: metric.unit, metric.instrument) { report.add($0, place) }
        metric.forEachPointAttributes(maximum: Self.maximumPoints) { attributes in
            check(attributes, .metric, place, &report)
            rules.checkPoint(of: name, attributes) { report.add($0, place) }
        }
    }
}

extension ReceivedMetric {
    /// The instrument that records such data; nil for a summary, which none does, and for a metric without data.
    fileprivate var instrument: ConventionTable.Instrument? {
        switch kind {
        case OTLPSchema.Metric.gauge.name: .gauge
        case OTLPSchema.Metric.histogram.name, OTLPSchema.Metric.exponentialHistogram.name: .histogram
        case OTLPSchema.Metric.sum.name: isMonotonic ? .counter : .upDownCounter
        default: nil
        }
    }

    private var isMonotonic: Bool {
        item.last(OTLPSchema.Metric.sum) { data in
            var isMonotonic = false
            var reader = WireReader(data.bytes)
            while let field = try? reader.next() {
                if field.number == OTLPSchema.Sum.isMonotonic.number, case .varint(let number) = field.value { isMonotonic = number != 0 }
            }
            return isMonotonic
        } ?? false
    }

    /// Calls the closure with the attributes of the first points.
    fileprivate func forEachPointAttributes(maximum: Int, _ take: (Attributes) -> Void) {
        var count = 0
        for data in OTLPSchema.Metric.data {
            let number =
                switch data.name {
                case OTLPSchema.Metric.histogram.name: 9
                case OTLPSchema.Metric.exponentialHistogram.name: 1
                default: 7
                }
            item.forEachField(data) { message in
                var reader = WireReader(message.bytes)
                while count < maximum, let point = try? reader.next() {
                    guard point.number == OTLPSchema.AnyData.dataPoints.number else { continue }
                    count += 1
                    take(Self.attributes(number, of: point.bytes))
                }
            }
        }
    }

    private static func attributes(_ number: Int, of message: UnsafeRawBufferPointer) -> Attributes {
        var pairs: [Attributes.Element] = []
        var reader = WireReader(message)
        while let field = try? reader.next() {
            if field.number == number, let pair = try? WireReader.attribute(field.bytes) { pairs.append(pair) }
        }
        return Attributes(pairs)
    }
}
