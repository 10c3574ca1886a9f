// The entry point of the program `telemetry`.

import Foundation

@main enum TelemetryToolApp {
    static func main() {
        let result = CheckCommand.run(Array(CommandLine.arguments.dropFirst()))
        FileHandle.standardOutput.write(Data(result.output.utf8))
        FileHandle.standardError.write(Data(result.errors.utf8))
        exit(result.status)
    }
}
