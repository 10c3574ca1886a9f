// Starts a sidecar: a transparent proxy in front of a service, or in front of those that it calls.

import ExampleSupport
import Glibc
import Telemetry

@main struct SidecarApp {
    static func main() async {
        raiseDescriptorLimit()
        await ServiceProcess.run("sidecar", defaultPort: 15_020) { environment in
            let configuration = try configuration(environment)
            let telemetry = try environment.startTelemetry(for: "sidecar")
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
        let text: [UInt8]
        do { text = try FileContents.read(file, atMost: 1 << 20) } catch {
            throw StartFailure(.configuration, "SIDECAR_CONFIG is \"\(file)\": \(error)")
        }
        do throws(ConfigurationProblems) {
            return try ConfigurationReader.configuration(text, file: file)
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

    /// Lets the process have as many descriptors as the system allows: each client may need two.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
