// The environment variable of probes.

package import ExampleSupport
import Telemetry

extension Probes {
    private static let maximumFiles = 16
    /// The name of the histories in the file of the console.
    static let document = "probes"

    /// Reads the files of `PROBES`; nil without any.
    ///
    /// - Throws: all errors of all files at once.
    package static func configured(
        _ environment: ServiceEnvironment, _ stores: SignalStores, archive: RunArchive? = nil
    ) throws(StartFailure) -> Probes? {
        let paths = environment.list("PROBES")
        guard !paths.isEmpty else { return nil }
        guard paths.count <= maximumFiles else {
            throw StartFailure(.configuration, "PROBES has \(paths.count) files; at most \(maximumFiles) are read.")
        }
        var problems: [YAMLFileProblem] = []
        var files: [(path: String, text: [UInt8])] = []
        for path in paths {
            do throws(YAMLFileProblems) { files.append((path, try YAMLFileReader.contents(of: path))) } catch { problems += error.problems }
        }
        var read: (modules: [String: ProbeModule], targets: [ProbeTarget])?
        do throws(YAMLFileProblems) { read = try ProbeFileReader.read(files) } catch { problems += error.problems }
        guard problems.isEmpty, let read else {
            throw StartFailure(.configuration, "PROBES cannot be used:\n\(YAMLFileProblems(problems: problems))")
        }
        return try Probes(read.modules, read.targets, stores.metrics, saved: archive?.document(document))
    }
}
