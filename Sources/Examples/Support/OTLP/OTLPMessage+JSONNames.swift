// Looks fields of messages and values of enumerations up by their names, for the reader of OTLP/JSON.

import Telemetry

extension OTLPMessage {
    /// Returns the field with a name, in JSON's form or protobuf's (`trace_id`); nil for names that OTLP does not have.
    func field(named key: [UInt8]) -> OTLPField? {
        let table = Self.fieldsByName[rawValue]
        return table[key] ?? (key.contains(UInt8(ascii: "_")) ? table[Self.lowerCamelCase(key)] : nil)
    }

    private static let fieldsByName: [[[UInt8]: OTLPField]] = allCases.map { message in
        var fields: [[UInt8]: OTLPField] = [:]
        for field in message.fields { fields[Array(field.name.utf8)] = field }
        return fields
    }

    private static func lowerCamelCase(_ key: [UInt8]) -> [UInt8] {
        var name: [UInt8] = []
        var isUpper = false
        for byte in key {
            guard byte != UInt8(ascii: "_") else {
                isUpper = true
                continue
            }
            name.append(isUpper && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte - 32 : byte)
            isUpper = false
        }
        return name
    }

    /// Returns the number of a value of any enumeration of OTLP. OTLP/JSON allows numbers only, but other receivers accept names too.
    static func enumerationValue(named name: String) -> UInt64? { enumerationValues[name] }

    private static let enumerationValues: [String: UInt64] = {
        let names: [(prefix: String, values: [String])] = [
            ("SPAN_KIND_", ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]),
            ("STATUS_CODE_", ["UNSET", "OK", "ERROR"]),
            ("AGGREGATION_TEMPORALITY_", ["UNSPECIFIED", "DELTA", "CUMULATIVE"]),
            (
                "SEVERITY_NUMBER_",
                ["UNSPECIFIED"]
                    + ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].flatMap { [$0, $0 + "2", $0 + "3", $0 + "4"] }
            ),
        ]
        var values: [String: UInt64] = [:]
        for (prefix, names) in names {
            for (value, name) in names.enumerated() { values[prefix + name] = UInt64(value) }
        }
        return values
    }()
}
