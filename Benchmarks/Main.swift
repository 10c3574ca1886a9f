// Runs the benchmarks: every figure beside a floor from the same run.

import Glibc

@main
struct Benchmarks {
    static func main() async throws {
        let floors = Floors.measure()
        print("C, reading the clock once: \(Report.short(floors.clock.value)) ns;  A, an uncontended atomic add: \(Report.short(floors.add.value)) ns\n")
        let rows = try SpanRows.measure(floors)
        print(Report.text(rows))
    }
}
