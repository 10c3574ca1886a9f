// What runs are called in searches and answers.

/// The names of runs, and their numbers.
struct RunNames: Sendable {
    var names: [Int: String] = [:]

    var numbers: [String: Int] {
        var numbers: [String: Int] = [:]
        for (number, name) in names { numbers[name] = number }
        return numbers
    }

    func name(_ number: Int) -> String { names[number] ?? "" }
}
