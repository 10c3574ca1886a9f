// Reads what modules say of TCP and DNS.

import ExampleSupport
import Telemetry

extension ProbeFileReader {
    private static let sourceAddress = ["source_ip_address": "the system chooses the address"]

    mutating func tcp(_ node: YAMLNode?, _ subject: String) -> TCPProbeOptions {
        var options = TCPProbeOptions()
        let known = ["preferred_ip_protocol", "ip_protocol_fallback", "query_response", "tls", "tls_config"]
        guard let node, let fields = reader.fields(node, "\(subject): tcp", known, unsupported: Self.sourceAddress) else { return options }
        options.address = address(fields)
        options.usesTLS = reader.truth(fields, "tls", default: false)
        for step in reader.elements(fields, "query_response") {
            if let step = self.step(step, fields.subject) { options.steps.append(step) }
        }
        options.tls = reader.clientTLS(fields["tls_config"], subject, offersProtocol: false)
        return options
    }

    private mutating func step(_ node: YAMLNode, _ subject: String) -> TCPProbeOptions.Step? {
        let known = ["expect", "expect_bytes", "labels", "send", "starttls"]
        guard let fields = reader.fields(node, "\(subject): query_response", known) else { return nil }
        var step = TCPProbeOptions.Step()
        if let text = reader.text(fields, "expect"), !text.isEmpty {
            step.expect = pattern(text, "\(fields.subject): expect", fields["expect"]?.line ?? node.line)
        }
        step.expectBytes = Array((reader.text(fields, "expect_bytes") ?? "").utf8)
        if fields["expect"] != nil, fields["expect_bytes"] != nil {
            reader.report("\(fields.subject): expect and expect_bytes exclude each other", node.line)
        }
        step.send = reader.text(fields, "send") ?? ""
        step.startsTLS = reader.truth(fields, "starttls", default: false)
        for label in reader.elements(fields, "labels") {
            guard let one = reader.fields(label, "\(fields.subject): labels", ["name", "value"]) else { continue }
            guard let name = reader.text(one, "name"), YAMLFileReader.isLabelName(name) else {
                reader.report("\(one.subject) needs a name of letters, digits and _", label.line)
                continue
            }
            step.labels.append((name, reader.text(one, "value") ?? ""))
        }
        return step
    }

    mutating func dns(_ node: YAMLNode?, _ subject: String, _ line: Int) -> DNSProbeOptions {
        var options = DNSProbeOptions()
        let known = [
            "preferred_ip_protocol", "ip_protocol_fallback", "transport_protocol", "dns_over_tls", "tls_config", "query_name", "query_type",
            "query_class", "recursion_desired", "valid_rcodes", "validate_answer_rrs", "validate_authority_rrs", "validate_additional_rrs",
        ]
        guard let node else {
            reader.report("\(subject): dns needs query_name", line)
            return options
        }
        guard let fields = reader.fields(node, "\(subject): dns", known, unsupported: Self.sourceAddress) else { return options }
        options.address = address(fields)
        options.name = reader.text(fields, "query_name") ?? ""
        if options.name.isEmpty || DNSMessage.query(options.name, .any, 1, id: 0, wantsRecursion: true) == nil {
            reader.report("\(fields.subject) needs a query_name such as example.com", fields["query_name"]?.line ?? node.line)
        }
        switch reader.text(fields, "transport_protocol") ?? "udp" {
        case "udp": break
        case "tcp": options.usesTCP = true
        case let other: reportValue(fields, "transport_protocol", other, "udp or tcp")
        }
        options.usesTLS = reader.truth(fields, "dns_over_tls", default: false)
        if options.usesTLS, !options.usesTCP {
            reader.report("\(fields.subject): dns_over_tls needs transport_protocol: tcp", fields["dns_over_tls"]?.line ?? node.line)
        }
        if let text = reader.text(fields, "query_type") {
            if let type = DNSRecordType(text) {
                options.type = type
            } else {
                reportValue(fields, "query_type", text, "one of \(DNSRecordType.names.joined(separator: ", "))")
            }
        }
        if let text = reader.text(fields, "query_class") {
            if let number = DNSNames.classes[text] {
                options.recordClass = number
            } else {
                reportValue(fields, "query_class", text, "one of \(DNSNames.classes.keys.sorted().joined(separator: ", "))")
            }
        }
        options.wantsRecursion = reader.truth(fields, "recursion_desired", default: true)
        let codes = reader.texts(fields, "valid_rcodes")
        if !codes.isEmpty { options.validCodes = [] }
        for (text, line) in codes {
            if let code = DNSNames.responseCodes[text] {
                options.validCodes.insert(code)
            } else {
                let known = DNSNames.responseCodes.keys.sorted().joined(separator: ", ")
                reader.report("\(fields.subject): valid_rcodes has \"\(text.prefix(80))\"; it must be one of \(known)", line)
            }
        }
        options.answers = validation(fields, "validate_answer_rrs")
        options.authorities = validation(fields, "validate_authority_rrs")
        options.additionals = validation(fields, "validate_additional_rrs")
        options.tls = reader.clientTLS(fields["tls_config"], subject, offersProtocol: false)
        return options
    }

    private mutating func reportValue(_ fields: YAMLFileReader.Fields, _ key: String, _ value: String, _ right: String) {
        reader.report("\(fields.subject): \(key) is \"\(value.prefix(80))\"; it must be \(right)", fields[key]?.line ?? 0)
    }

    private mutating func validation(_ fields: YAMLFileReader.Fields, _ key: String) -> DNSProbeOptions.Validation {
        let known = ["fail_if_matches_regexp", "fail_if_all_match_regexp", "fail_if_not_matches_regexp", "fail_if_none_matches_regexp"]
        guard let node = fields[key], let one = reader.fields(node, "\(fields.subject): \(key)", known) else { return .init() }
        return .init(
            failsIfAnyMatches: patterns(one, known[0]), failsIfAllMatch: patterns(one, known[1]),
            failsIfAnyDiffers: patterns(one, known[2]),
            failsIfNoneMatches: patterns(one, known[3]))
    }
}
