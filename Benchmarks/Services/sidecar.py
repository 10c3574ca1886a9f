"""The sidecar beside nginx as a proxy: the same upstream, the same load, each alone on the measured core."""

import statistics

import load
import machine
import peers
from service import Service

NAME = "sidecar"
PROGRAMS = ["Sidecar"]
MANY_CONNECTIONS = 10_000
CONFIGURATION = """
maximum_connections: 20000
listeners: [{{name: bench, port: {port}, routes: [{{upstream: web}}]}}]
upstreams: {{web: {{endpoints: ["127.0.0.1:{upstream}"], circuit_breaker: {{waiting: 20000}}, timeouts: {{connect: 10s}}}}}}
"""


def start(bench, name, upstream, disabled=False):
    """Starts a sidecar; returns it with the URL of its listener."""
    port = machine.free_port()
    file = bench.folder / f"{name.replace(' ', '-')}.yaml"
    file.write_text(CONFIGURATION.format(port=port, upstream=upstream))
    service = Service(bench, "Sidecar", name, {"SIDECAR_CONFIG": str(file)}, disabled=disabled)
    machine.wait_for_port(port, service.child)
    return service, port


def run(bench, connections, seconds):
    path = "/albums/1"
    body = b'{"id":1,"title":"Blue Train","artist":"John Coltrane","price":56.99}'
    # The upstream shares the other cores with the load, for both proxies alike.
    upstream = peers.Nginx(path, body, bench.cores.others, bench.folder)
    proxy = peers.NginxProxy(upstream.port, bench.cores.server, bench.folder)
    service, port = start(bench, "sidecar", upstream.port)
    silent, silent_port = start(bench, "sidecar without telemetry", upstream.port, disabled=True)
    rest = service.child.resident_kibibytes()
    results = bench.rounds({
        "sidecar": bench.wrk(service.child, f"http://127.0.0.1:{port}{path}"),
        "nginx": bench.wrk(proxy.child, f"http://127.0.0.1:{proxy.port}{path}"),
        "without telemetry": bench.wrk(silent.child, f"http://127.0.0.1:{silent_port}{path}"),
    })
    own, peer, without = results["sidecar"], results["nginx"], results["without telemetry"]
    bench.table.heading(f"Sidecar, GET {path} of a file of nginx, {connections} connections")
    bench.table.load("nginx as proxy", peer)
    bench.table.load("sidecar with all telemetry", own)
    bench.table.load("sidecar, OTEL_SDK_DISABLED=true", without)
    bench.table.ratio("requests/s to nginx", ratio(own, peer, "rate"), at_least=0.5)
    bench.table.ratio("p99 to nginx", ratio(own, peer, "p99"), at_most=2)
    bench.table.ratio("requests/s to nginx, without telemetry", ratio(without, peer, "rate"), at_least=0.5)
    many(bench, service, port, path, rest, seconds)
    for child in (silent.child, service.child, proxy.child, upstream.child):
        child.end()


def many(bench, service, port, path, rest, seconds):
    """Loads the sidecar over many connections at once."""
    machine.note(f"{MANY_CONNECTIONS:,} connections")
    kept = load.OpenConnections(port, path, MANY_CONNECTIONS)
    held = service.child.resident_kibibytes()
    kept.close()
    result = load.run(
        f"http://127.0.0.1:{port}{path}", service.child, bench.cores.others, seconds=seconds, connections=MANY_CONNECTIONS)
    bench.table.heading(f"Sidecar, {MANY_CONNECTIONS:,} connections")
    bench.table.load(f"GET {path}", [result])
    bench.table.memory("at rest", rest, at_most=25)
    bench.table.memory(f"with {MANY_CONNECTIONS:,} open connections", held, at_most=150)
    bench.table.memory("under their load", service.child.resident_kibibytes(), at_most=250)


def ratio(results, others, figure):
    return statistics.median(getattr(one, figure) / max(getattr(other, figure), 1e-9) for one, other in zip(results, others))
