// The entry point of the benchmarks: every figure has a floor from the same run.

import Glibc

@main
struct Benchmarks {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "--sink" || arguments.first == "--grpc-sink" { return Sink.run(isGRPC: arguments.first == "--grpc-sink") }
        if let source = ScaleSource(Array(arguments)) { return try await source.run() }
        if arguments.first == "--delivery" { return print(Report.text(try await DeliveryRows.measure(Floors.measure()))) }
        if arguments.first == "--memory" { return print(try await MemoryRows.text()) }
        if let soak = Soak(Array(arguments)) { exit(try await soak.run() ? 0 : 1) }
        if let chaos = Chaos(Array(arguments)) { exit(try await chaos.run() ? 0 : 1) }
        if arguments.first == "--specification" {
            return try await SpecificationBenchmark.run(iterations: max(1, arguments.dropFirst().first.flatMap { Int($0) } ?? 1))
        }
        if try single(Array(arguments)) { return }
        if arguments.first == "--growth", arguments.count <= 2 {
            let growth = try await Growth.measure()
            print(Growth.text(growth))
            if arguments.count == 2, let path = arguments.last { try write(GrowthChart.svg(growth), to: path) }
            return
        }
        guard arguments.isEmpty || (arguments.count == 2 && arguments.first == "--json") else {
            print("usage: Benchmarks [--json FILE | --specification [ITERATIONS] | --soak SECONDS [--seed N] | --chaos EVENTS [--seed N]]")
            print("       Benchmarks --growth [SVG-FILE] | --delivery | --memory")
            print("       Benchmarks --rows | --row ROW CALLS THREADS | --allocations ROW CALLS")
            print("       Benchmarks --scale-source SERVICE FIRST COUNT ENDPOINT…")
            exit(64)
        }
        let floors = Floors.measure()
        print("C, reading the clock once: \(Report.short(floors.clock.value)) ns")
        print("A, adding to an atomic number: \(Report.short(floors.add.value)) ns\n")
        var rows = try await MemoryRows.measure()
        rows = try await SpanRows.measure(floors) + PropagationRows.measure(floors) + DeliveryRows.measure(floors) + rows
        rows += try await MetricRows.measure(floors) + LogRows.measure(floors)
        #if SwiftLog
            rows += try await SwiftLogRows.measure(floors)
        #endif
        print(Report.text(rows))
        if arguments.count == 2, let path = arguments.last { try write(Report.json(rows), to: path) }
    }

    /// Lists the rows that can be run by themselves, or runs one; returns false if the arguments ask for neither.
    private static func single(_ arguments: [String]) throws -> Bool {
        if arguments == ["--rows"] {
            for operation in Operation.all {
                print("\(operation.name) \(operation.checkedCalls) \(operation.isSharedWork ? "shared" : "own")")
            }
            return true
        }
        let numbers = arguments.dropFirst(2).compactMap { Int($0) }.filter { $0 > 0 }
        guard arguments.count > 2, numbers.count == arguments.count - 2 else { return false }
        let isRow = arguments[0] == "--row" && numbers.count == 2
        guard isRow || (arguments[0] == "--allocations" && numbers.count == 1) else { return false }
        guard let operation = Operation.named(arguments[1]) else {
            print("There is no row \(arguments[1]); --rows lists those that there are.")
            exit(64)
        }
        print(isRow ? try operation.run(calls: numbers[0], threads: numbers[1]) : "\(try operation.allocations(calls: numbers[0]))")
        return true
    }

    private static func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else {
            print("\(path) cannot be written: \(String(cString: strerror(errno)))")
            exit(73)
        }
        fputs(text, file)
        fclose(file)
    }
}
