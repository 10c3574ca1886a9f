// Reads native histograms of Prometheus' protobuf format.

import Telemetry

/// Reads the fields of a `Histogram` message that make it a native one. (prometheus/client_model, `metrics.proto`.)
struct NativeHistogramReader {
    private var histogram = FloatHistogram(scale: 0)
    private var spans: (positive: [(offset: Int, length: Int)], negative: [(offset: Int, length: Int)]) = ([], [])
    private var deltas: (positive: [Int], negative: [Int]) = ([], [])
    private var counts: (positive: [Double], negative: [Double]) = ([], [])
    private var hasSchema = false

    /// Buckets of one sign, empty ones between the others included.
    private static let maximumBuckets = 4_096

    /// Returns the native histogram; nil if the message has classic buckets only.
    static func read(_ bytes: UnsafeRawBufferPointer) throws(ScrapeSyntaxError) -> FloatHistogram? {
        var result = NativeHistogramReader()
        try result.readFields(bytes)
        // Without spans and a zero threshold the schema is that of an empty message. (Prometheus: "Native Histograms", exposition.)
        guard result.hasSchema else { return nil }
        guard FloatHistogram.scales.contains(result.histogram.scale) else {
            throw failure("its schema is \(result.histogram.scale); the console knows \(FloatHistogram.scales)")
        }
        result.histogram.positive = try buckets(result.spans.positive, result.deltas.positive, result.counts.positive)
        result.histogram.negative = try buckets(result.spans.negative, result.deltas.negative, result.counts.negative)
        guard result.histogram.isPlausible else { throw failure("its buckets lie where no number is") }
        return result.histogram
    }

    private static func failure(_ reason: String) -> ScrapeSyntaxError {
        ScrapeSyntaxError(reason: "a native histogram is damaged: \(reason)", line: 0)
    }

    private mutating func readFields(_ bytes: UnsafeRawBufferPointer) throws(ScrapeSyntaxError) {
        var reader = WireReader(bytes)
        while true {
            let field: WireField?
            do throws(WireError) { field = try reader.next() } catch { throw Self.failure("\(error)") }
            guard let field else { return }
            switch field.number {
            case 1: histogram.count = Double(field.bits)
            case 2: histogram.sum = Double(bitPattern: field.bits)
            case 4: histogram.count = Double(bitPattern: field.bits)
            case 5: (histogram.scale, hasSchema) = (field.zigzag, true)
            case 6: histogram.zeroThreshold = Double(bitPattern: field.bits)
            case 7: histogram.zeroCount = Double(field.bits)
            case 8: histogram.zeroCount = Double(bitPattern: field.bits)
            case 9: spans.negative.append(Self.span(field.bytes))
            case 10: field.forEachNumber(.varint) { deltas.negative.append(Self.signed($0)) }
            case 11: field.forEachNumber(.fixed64) { counts.negative.append(Double(bitPattern: $0)) }
            case 12: spans.positive.append(Self.span(field.bytes))
            case 13: field.forEachNumber(.varint) { deltas.positive.append(Self.signed($0)) }
            case 14: field.forEachNumber(.fixed64) { counts.positive.append(Double(bitPattern: $0)) }
            default: break
            }
        }
    }

    private static func signed(_ bits: UInt64) -> Int { Int(Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)) }

    private static func span(_ bytes: UnsafeRawBufferPointer) -> (offset: Int, length: Int) {
        var span = (offset: 0, length: 0)
        var reader = WireReader(bytes)
        while let field = try? reader.next() {
            if field.number == 1 { span.offset = field.zigzag }
            if field.number == 2 { span.length = Int(clamping: field.bits) }
        }
        return span
    }

    private static func buckets(
        _ spans: [(offset: Int, length: Int)], _ deltas: [Int], _ counts: [Double]
    ) throws(ScrapeSyntaxError) -> FloatHistogram.Buckets {
        guard let first = spans.first else { return .init() }
        var result = FloatHistogram.Buckets()
        // Prometheus names a bucket by its upper bound, OTLP by its lower one.
        guard (-1_000_000...1_000_000).contains(first.offset) else { throw failure("an offset is \(first.offset)") }
        result.offset = first.offset - 1
        var (count, next) = (0, 0)
        for (place, span) in spans.enumerated() {
            guard (place == 0 || span.offset >= 0), span.offset <= 1_000_000, span.length <= maximumBuckets else {
                throw failure("a span is invalid")
            }
            let gap = place == 0 ? 0 : span.offset
            guard result.counts.count + gap + span.length <= maximumBuckets else {
                throw failure("it has more than \(maximumBuckets) buckets")
            }
            result.counts.append(contentsOf: repeatElement(0, count: gap))
            for _ in 0..<span.length {
                if counts.isEmpty {
                    guard next < deltas.count else { throw failure("spans and buckets disagree") }
                    let (sum, overflow) = count.addingReportingOverflow(deltas[next])
                    guard !overflow, sum >= 0 else { throw failure("a bucket is negative") }
                    count = sum
                    result.counts.append(Double(count))
                } else {
                    guard next < counts.count else { throw failure("spans and buckets disagree") }
                    result.counts.append(counts[next])
                }
                next += 1
            }
        }
        return result
    }
}
