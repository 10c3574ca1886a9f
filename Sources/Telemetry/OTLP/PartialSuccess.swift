// What a receiver says about items that it did not take.

/// The `partial_success` of an `Export…ServiceResponse`; all signals have the same fields.
struct PartialSuccess {
    private typealias Field = OTLPSchema.PartialSuccess

    var rejectedCount: Int64 = 0
    var message = ""

    /// Nil if the bytes are no such message.
    init?(protobuf body: [UInt8]) {
        let parsed = body.withUnsafeBytes { bytes -> (Int64, String)? in
            var (count, message): (Int64, String) = (0, "")
            var response = WireReader(bytes)
            do throws(WireError) {
                while let field = try response.next() {
                    guard field.number == OTLPSchema.ExportResponse.partialSuccess.number else { continue }
                    var partial = WireReader(field.bytes)
                    while let part = try partial.next() {
                        if part.number == Field.rejectedSpans.number { count = Int64(bitPattern: part.number64) }
                        if part.number == Field.errorMessage.number { message = part.text }
                    }
                }
            } catch {
                return nil
            }
            return (count, message)
        }
        guard let parsed else { return nil }
        (rejectedCount, message) = parsed
    }

    /// Nil if the text is no JSON object. Receivers write 64-bit numbers as strings or as numbers.
    init?(json body: [UInt8]) {
        guard let response = try? JSONReader.value(of: body, maximumSize: .max), case .object = response else { return nil }
        let partial = response[OTLPSchema.ExportResponse.partialSuccess.name]
        let counts = [Field.rejectedSpans, Field.rejectedDataPoints, Field.rejectedLogRecords].compactMap { partial?[$0.name]?.integer }
        rejectedCount = counts.first ?? 0
        message = partial?[Field.errorMessage.name]?.text ?? ""
    }
}
