// Hot: growing memory for cells, which stay where they are.

/// Zeroed cells of one size by number, in memory that doubles without moving cells.
///
/// `@unchecked`: must be used with the lock held that guards it.
struct CellArray: @unchecked Sendable {
    /// The first piece holds eight cells; each further piece holds as many as all before it and eight more.
    private static let firstPiece = 8
    /// Enough pieces for the number of every series that a cardinality limit allows.
    static let maximumPieces = 26

    private let pieces: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    let stride: Int

    init(stride: Int) {
        assert(stride > 0 && stride % 8 == 0, "Cells are whole words, so that each is aligned.")
        self.stride = stride
        pieces = .allocate(capacity: Self.maximumPieces)
        pieces.initialize(repeating: nil, count: Self.maximumPieces)
    }

    /// Returns the cell of a number if its memory is allocated.
    @inline(__always)
    func existing(_ number: Int) -> UnsafeMutableRawPointer? {
        let (piece, place) = Self.position(number)
        guard let base = pieces[piece] else { return nil }
        return base + place &* stride
    }

    /// Returns the cell of a number, allocated if there is none.
    @inline(__always)
    func cell(_ number: Int) -> UnsafeMutableRawPointer {
        let (piece, place) = Self.position(number)
        guard let base = pieces[piece] else { return make(piece) + place &* stride }
        return base + place &* stride
    }

    /// Calls the closure with the cells of numbers in a range whose memory is allocated.
    @inline(__always)
    func forEachExisting(in numbers: Range<Int>, _ body: (Int, UnsafeMutableRawPointer) -> Void) {
        var number = numbers.lowerBound
        while number < numbers.upperBound {
            let (piece, place) = Self.position(number)
            let end = min(numbers.upperBound, number &- place &+ Self.firstPiece &<< piece)
            if var cell = pieces[piece].map({ $0 + place &* stride }) {
                while number < end {
                    body(number, cell)
                    number &+= 1
                    cell += stride
                }
            }
            number = end
        }
    }

    @inline(__always)
    private static func position(_ number: Int) -> (piece: Int, place: Int) {
        assert(number >= 0, "Cells are numbered from zero.")
        let shifted = number &+ firstPiece
        let piece = (Int.bitWidth &- 4) &- shifted.leadingZeroBitCount
        assert(piece < maximumPieces, "The number is below the largest limit.")
        return (piece, shifted ^ (firstPiece &<< piece))
    }

    @inline(never)
    private func make(_ piece: Int) -> UnsafeMutableRawPointer {
        assert(pieces[piece] == nil, "A piece is made once.")
        let byteCount = (Self.firstPiece << piece) * stride
        // Pieces fill whole pairs of cache lines, so that lanes do not share any.
        let size = (byteCount + 127) & ~127
        let base = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 128)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        pieces[piece] = base
        return base
    }

    func deallocate() {
        for piece in 0..<Self.maximumPieces { pieces[piece]?.deallocate() }
        pieces.deallocate()
    }
}
