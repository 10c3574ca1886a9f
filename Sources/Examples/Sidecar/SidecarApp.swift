// Starts a sidecar: a transparent proxy in front of a service, or in front of those that it calls.

import ExampleSupport
import Glibc
import Telemetry

@main struct SidecarApp {
    static func main() async {
        let descriptors = raiseDescriptorLimit()
        await ServiceProcess.run("sidecar", defaultPort: 15_020) { environment in
            let configuration = try configuration(environment)
            let telemetry = try environment.startTelemetry(for: "sidecar")
            if let problem = descriptorProblem(configuration, descriptors) { telemetry.log.warn(problem) }
            let server = try SidecarServer(configuration, telemetry)
            for (listener, port) in zip(configuration.listeners, server.ports) {
                telemetry.log.info("passing requests on", ["listener": .string(listener.name), "port": AttributeValue(port)])
            }
            let application = TracedApplication(telemetry, router: router(server))
            return RunningService(application, maximumRequestBytes: 0) { duration in
                await server.stop(within: duration / 2)
                return await telemetry.stop(within: duration / 2)
            }
        }
    }

    /// Reads the file that `SIDECAR_CONFIG` names.
    static func configuration(_ environment: ServiceEnvironment) throws -> SidecarConfiguration {
        let file = try environment.required(["SIDECAR_CONFIG": "the file of listeners and upstreams, in YAML or JSON"])[0]
        do throws(YAMLFileProblems) {
            return try ConfigurationReader.configuration(try YAMLFileReader.contents(of: file), file: file)
        } catch {
            throw StartFailure(.configuration, "SIDECAR_CONFIG cannot be used:\n\(error)")
        }
    }

    /// The routes of the sidecar itself, on a port of their own, so that none of a service is hidden.
    static func router(_ server: SidecarServer) -> Router {
        var router = Router()
        router.addProbes { .text($0) }
        router.on("GET", "/upstreams") { _ in .json(await server.state()) }
        return router
    }

    /// Lets the process have as many descriptors as the system allows; returns how many it has.
    private static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        let before = limit.rlim_cur
        limit.rlim_cur = raised(before, atMost: limit.rlim_max)
        let isRaised = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        return Int(clamping: isRaised ? limit.rlim_cur : before)
    }

    /// Returns the limit to set, which is never below the present one.
    static func raised(_ limit: rlim_t, atMost maximum: rlim_t) -> rlim_t { max(limit, min(maximum, 65_536)) }

    /// Returns what is wrong if the process may not have the descriptors that its connections need; nil if it may.
    static func descriptorProblem(_ configuration: SidecarConfiguration, _ limit: Int) -> String? {
        // Two for each client with a request in progress; besides listeners and loops, telemetry and its own port need some.
        let needed = configuration.maximumConnections * 2 + 100
        guard needed > limit else { return nil }
        return "maximum_connections is \(configuration.maximumConnections), which needs \(needed) file descriptors, and the process may "
            + "have \(limit); raise the hard limit (ulimit -Hn), or set maximum_connections to \(max(1, (limit - 100) / 2)) or less"
    }
}
