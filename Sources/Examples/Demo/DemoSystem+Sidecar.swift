// The albums with a sidecar between proxy and store, which `SIDECAR=1` starts in the place of those without.

import ExampleSupport

extension DemoSystem {
    static let albumsBehindSidecar = DemoSystem(
        name: "albums", title: "the album store behind a sidecar, and its proxy", roles: [.albumStore, .sidecar, .proxy],
        steps: { _ in DemoStep.albums(behindSidecar: true) },
        variables: { role, setup in
            switch role {
            case .sidecar: ["SIDECAR_CONFIG": sidecarFile(in: setup)]
            case .proxy: ["ALBUM_STORE_URL": "http://127.0.0.1:\(setup.services[.sidecar]?.meshPort ?? 0)"]
            default: [:]
            }
        },
        suggestions: { setup in albums.suggestions(setup) + ["curl \(setup.url(.sidecar))/upstreams"] })

    /// Where the file of the sidecar is while the demo runs.
    private static func sidecarFile(in setup: DemoSetup) -> String { "\(setup.folder)/sidecar.yaml" }

    /// Writes the file of the sidecar, if there is one.
    static func writeSidecarFile(for setup: DemoSetup) throws(StartFailure) {
        guard let meshPort = setup.services[.sidecar]?.meshPort else { return }
        try FileContent.write(sidecarText(port: meshPort, upstream: setup.location(.albumStore)), to: sidecarFile(in: setup))
    }

    /// Returns what the sidecar passes on: the route gives spans their names.
    static func sidecarText(port: Int, upstream: String) -> String {
        """
        listeners:
          - name: mesh
            port: \(port)
            routes:
              - {prefix: /albums, upstream: album-store}
              - {upstream: album-store}
        upstreams:
          album-store:
            endpoints: ["\(upstream)"]
            retries: {attempts: 1}

        """
    }
}
