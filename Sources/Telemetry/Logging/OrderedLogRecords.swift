// The order of log records within a batch.

/// Iterates the records of a batch in the order of their observed times, which line-oriented tools expect.
///
/// In a batch they stand by scope and by the processor that they were emitted on. Each such run is in order already, so that the runs need
/// only be merged; a record that was given an earlier time by hand stays behind the one before it.
struct OrderedLogRecords: IteratorProtocol {
    /// The rest of a slice, which is not empty.
    private struct Run {
        let slice: ChunkSlice
        /// The scope and the bytes of the slice, which is kept with them. Read from here, they count no reference.
        let scope: ScopeReference
        let bytes: UnsafeRawBufferPointer
        /// The message of its first record.
        var message: Range<Int>
        /// Its observed time; zero if there is one run only, which needs no comparison.
        var time: UInt64 = 0
    }

    private var runs: [Run]
    /// The run whose first record is next.
    private var current = 0
    /// The run that comes next once the records of the current one are later than its first; nil if there is one run only.
    ///
    /// The slices of a lane follow each other in time, so that most records are followed by another of the same run.
    private var rival: Int?

    init(_ batch: ItemBatch) {
        let slices = batch.resources.flatMap { $0.scopes.flatMap(\.slices) }
        runs = slices.compactMap { slice in
            withExtendedLifetime(slice) {
                let bytes = slice.bytes
                return Self.message(from: 0, in: bytes).map { Run(slice: slice, scope: slice.chunk.scope, bytes: bytes, message: $0) }
            }
        }
        if runs.count > 1 { for index in runs.indices { noteTime(index) } }
        selectRuns()
    }

    mutating func next() -> EncodedItem? {
        guard current < runs.count else { return nil }
        let item = EncodedItem(runs[current].slice, runs[current].message)
        advance()
        return item
    }

    /// Calls the closure with the scope and the message of the next record, where it lies; returns false at the end.
    ///
    /// An item counts nine references more. The closure must not keep the message: the run keeps it only until its end.
    @inline(__always)
    mutating func withNext(_ body: (ScopeReference, UnsafeRawBufferPointer) -> Void) -> Bool {
        guard current < runs.count else { return false }
        body(runs[current].scope, UnsafeRawBufferPointer(rebasing: runs[current].bytes[runs[current].message]))
        // Until here the slices are kept by `runs`, which nothing changes meanwhile.
        advance()
        return true
    }

    /// Finds the two runs whose records come first.
    private mutating func selectRuns() {
        (current, rival) = (0, nil)
        for index in runs.indices.dropFirst() {
            if isEarlier(index, current) {
                (current, rival) = (index, current)
            } else if rival.map({ isEarlier(index, $0) }) ?? true {
                rival = index
            }
        }
    }

    /// Returns whether the record of a run comes before that of another: of the same time the earlier run does, which may be the same thread's.
    @inline(__always)
    private func isEarlier(_ run: Int, _ other: Int) -> Bool {
        let (time, otherTime) = (runs[run].time, runs[other].time)
        return time < otherTime || time == otherTime && run < other
    }

    private mutating func noteTime(_ index: Int) {
        runs[index].time = Self.time(of: UnsafeRawBufferPointer(rebasing: runs[index].bytes[runs[index].message]))
    }

    /// Moves on to the record behind the current one.
    private mutating func advance() {
        guard let next = Self.message(from: runs[current].message.upperBound, in: runs[current].bytes) else {
            runs.remove(at: current)
            return selectRuns()
        }
        runs[current].message = next
        guard let rival else { return }
        noteTime(current)
        if isEarlier(rival, current) { selectRuns() }
    }

    /// Returns the range of the message whose tag is at an offset; nil at the end, or before invalid bytes.
    private static func message(from offset: Int, in bytes: UnsafeRawBufferPointer) -> Range<Int>? {
        // Nearly all as a queue has written them, with a length of one byte or two.
        if bytes.count &- offset >= 3, bytes[offset] == OTLPSchema.AnySignal.items.tag {
            let (first, second) = (bytes[offset &+ 1], bytes[offset &+ 2])
            let isShort = first < 0x80
            let count = isShort ? Int(first) : Int(first & 0x7F) | Int(second) << 7
            let start = offset &+ (isShort ? 2 : 3)
            if isShort || second < 0x80, count <= bytes.count &- start { return start..<start &+ count }
        }
        var reader = WireReader(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
        guard let field = reader.nextRaw() else { return nil }
        let end = offset + reader.position
        return end - field.bytes.count..<end
    }

    /// Returns the observed time of a message; the caller keeps its memory.
    private static func time(of message: UnsafeRawBufferPointer) -> UInt64 {
        var place = 0
        // The fields before it as this library writes them; a reader, which takes any field, needs twice the instructions.
        while message.count &- place >= 9, let base = message.baseAddress {
            let (tag, second) = (base.load(fromByteOffset: place, as: UInt8.self), base.load(fromByteOffset: place &+ 1, as: UInt8.self))
            if tag == OTLPSchema.LogRecord.observedTime.tag {
                return UInt64(littleEndian: base.loadUnaligned(fromByteOffset: place &+ 1, as: UInt64.self))
            }
            guard tag >= 8, tag < 0x80 else { break }
            if tag & 7 == WireType.fixed64.rawValue {
                place &+= 9
            } else if tag & 7 == WireType.fixed32.rawValue {
                place &+= 5
            } else {
                guard second < 0x80, tag & 7 == WireType.varint.rawValue || tag & 7 == WireType.lengthDelimited.rawValue else { break }
                place &+= tag & 7 == WireType.varint.rawValue ? 2 : 2 &+ Int(second)
            }
        }
        return place < message.count ? anyTime(of: UnsafeRawBufferPointer(rebasing: message[place...])) : 0
    }

    /// Returns the same of fields of any form.
    @inline(never)
    private static func anyTime(of fields: UnsafeRawBufferPointer) -> UInt64 {
        var reader = WireReader(fields)
        while let field = reader.nextRaw() {
            if field.number == OTLPSchema.LogRecord.observedTime.number { return field.number64 }
        }
        return 0
    }
}
