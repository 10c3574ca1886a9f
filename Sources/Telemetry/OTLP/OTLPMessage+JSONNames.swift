// Finds the fields of OTLP messages, and the values of its enumerations, by what they are called in JSON.

extension OTLPMessage {
    /// The field that JSON calls so, with its number; names as protobuf writes them (`trace_id`) are taken too.
    func field(named key: [UInt8]) -> (number: Int, field: Field)? {
        let table = Self.numbers[rawValue]
        guard let number = table[key] ?? (key.contains(UInt8(ascii: "_")) ? table[Self.lowerCamelCase(key)] : nil) else { return nil }
        return field(number).map { (number, $0) }
    }

    private static let numbers: [[[UInt8]: Int]] = allCases.map { message in
        var numbers: [[UInt8]: Int] = [:]
        for number in 0..<64 {
            guard let field = message.field(number) else { continue }
            numbers[Array("\(field.key)".utf8)] = number
        }
        return numbers
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

    /// The number of a value of any enumeration of OTLP. (OTLP/JSON has numbers only; receivers are known to take names too.)
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
