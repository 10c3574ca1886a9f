// Hot: memory for cells that are found by number and never move.

/// Zeroed cells of one size, found by number: memory that grows by doubling, without moving what is there.
///
/// `@unchecked`: who uses it holds the lock that guards it.
struct CellArray: @unchecked Sendable {
    /// The first piece holds eight cells, each further one as many as all before it and eight more.
    private static let firstPiece = 8
    /// So that there is room for every number that a limit allows.
    static let maximumPieces = 26

    private let pieces: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    let stride: Int

    init(stride: Int) {
        self.stride = stride
        pieces = .allocate(capacity: Self.maximumPieces)
        pieces.initialize(repeating: nil, count: Self.maximumPieces)
    }

    /// The cell of a number, if its memory has been made.
    @inline(__always)
    func existing(_ number: Int) -> UnsafeMutableRawPointer? {
        let (piece, place) = Self.position(number)
        guard let base = pieces[piece] else { return nil }
        return base + place &* stride
    }

    /// The cell of a number.
    @inline(__always)
    func cell(_ number: Int) -> UnsafeMutableRawPointer {
        let (piece, place) = Self.position(number)
        guard let base = pieces[piece] else { return make(piece) + place &* stride }
        return base + place &* stride
    }

    @inline(__always)
    private static func position(_ number: Int) -> (piece: Int, place: Int) {
        let shifted = number &+ firstPiece
        let piece = (Int.bitWidth &- 4) &- shifted.leadingZeroBitCount
        return (piece, shifted ^ (firstPiece &<< piece))
    }

    @inline(never)
    private func make(_ piece: Int) -> UnsafeMutableRawPointer {
        let byteCount = (Self.firstPiece << piece) * stride
        // Whole pairs of cache lines: what another lane writes must not lie in the same.
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
