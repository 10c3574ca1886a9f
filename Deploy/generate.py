#!/usr/bin/env python3
"""Writes what all services have in common from services.json: Compose, Kubernetes, Helm values, Skaffold, scrape targets, images, dashboards.

generate.py writes the files, generate.py --check fails if one of them is not what it would write. Needs Python 3, without packages.
"""

import json
import pathlib
import sys

import dashboards
import kubernetes
import sidecars
import yaml_text

HERE = pathlib.Path(__file__).resolve().parent
NOTE = "# Written by generate.py from services.json.\n"


class Service:
    """One service with all that the files say of it."""

    def __init__(self, system, name, data, everything):
        self.system, self.name, self.data = system, name, data
        self.program, self.port, self.host_port = data["program"], data["port"], data["hostPort"]
        self.image = image_name(self.program)
        self.live, self.ready = data.get("live", "/status"), data["ready"]
        self.started = data.get("started", self.live)
        self.calls, self.database, self.redis = data.get("calls", []), data.get("database"), data.get("redis", False)
        self.secrets, self.volume, self.node_port = data.get("secrets", {}), data.get("volume"), data.get("nodePort")
        self.replicas, self.scales = data.get("replicas", 1), data.get("scales", False)
        self.environment = data.get("environment", {})
        self.all = everything

    def version(self, tag):
        """Returns the attribute of the version, and a comma; spaceports and ships have their own."""
        return "" if "VERSION" in self.environment else f"service.version={tag},"


def image_name(program):
    return "".join("-" + letter.lower() if letter.isupper() else letter for letter in program).lstrip("-")


def compose_service(service, stores):
    environment = {
        "OTEL_SERVICE_NAME": service.name, "OTEL_RESOURCE_ATTRIBUTES":
            f"service.namespace={service.system},{service.version('${TAG:-' + IMAGES['tag'] + '}')}".rstrip(","), **service.all, **service.environment,
    }
    needs = {name: {"condition": "service_started"} for name in service.calls}
    if service.database:
        environment["DATABASE_URL"] = f"postgres://telemetry:${{POSTGRES_PASSWORD:?}}@postgres:5432/{service.database}"
        needs["postgres"] = {"condition": "service_healthy"}
        stores.add("postgres")
    if service.redis:
        environment["REDIS_URL"] = "redis://:${REDIS_PASSWORD:?}@redis:6379/0"
        needs["redis"] = {"condition": "service_healthy"}
        stores.add("redis")
    for variable in service.secrets:
        environment[variable] = f"${{{variable}:?}}"
    # The notification service calls back what calls it: one of both must start first.
    if service.program == "NotificationService":
        needs.pop("app-hello-world")
    answer = {
        "image": f"${{REGISTRY:-{IMAGES['registry']}}}/{service.image}:${{TAG:-{IMAGES['tag']}}}",
        "build": {
            "context": "../..", "dockerfile": "Deploy/docker/Dockerfile", "args": {"PROGRAM": service.program, "PORT": str(service.port)}},
        "environment": environment,
        "ports": [f"127.0.0.1:{service.host_port}:{service.port}"],
        "read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"], "restart": "unless-stopped",
        "deploy": {"resources": {"limits": {"memory": "128M", "cpus": "1.0"}}},
        "develop": {"watch": [{"action": "rebuild", "path": "../../Sources"}]},
    }
    if needs:
        answer["depends_on"] = needs
    if service.volume:
        answer["volumes"] = [f"{service.name}:{service.volume}"]
    return answer


def compose(system, services):
    stores, volumes = set(), {service.name: {} for service in services if service.volume}
    file = {"services": {service.name: compose_service(service, stores) for service in services}}
    if stores:
        file = {"include": ["stores.yaml"], **file}
    if volumes:
        file["volumes"] = volumes
    return f"# {SYSTEMS[system]['title']}, with console.yaml or observability.yaml beside it.\n" + NOTE + yaml_text.text(file)


def compose_all():
    files = ["observability.yaml"] + [f"{system}.yaml" for system in SYSTEMS]
    return "# All systems with everything that looks at them.\n" + NOTE + yaml_text.text({"name": "telemetry", "include": files})


def compose_sidecars(system, services):
    return (
        f"# Sidecars beside the services of {system}.yaml: docker compose -f {system}.yaml -f {system}.sidecars.yaml and the rest.\n" + NOTE
        + yaml_text.text({"services": sidecars.compose(services, IMAGES, SIDECAR)}))


def compose_all_sidecars():
    files = ["observability.yaml"] + [{"path": [f"{system}.yaml", f"{system}.sidecars.yaml"]} for system in SYSTEMS]
    return "# All systems behind sidecars, with everything that looks at them.\n" + NOTE + yaml_text.text({"name": "telemetry", "include": files})


def compose_console(services):
    console = {
        "image": f"${{REGISTRY:-{IMAGES['registry']}}}/collector:${{TAG:-{IMAGES['tag']}}}",
        "build": {"context": "../..", "dockerfile": "Deploy/docker/Dockerfile", "args": {"PROGRAM": "Collector", "PORT": "4318"}},
        "environment": {
            "HOST": "0.0.0.0", "CONSOLE_TOKEN": "${CONSOLE_TOKEN:?}", "STORE": "/var/lib/console/runs.sqlite",
            "SCRAPE": "${SCRAPE:-}", "SCRAPE_INTERVAL": "15", "PROBES": "${PROBES:-}", "ALERT_RULES": "${ALERT_RULES:-}",
        },
        "ports": ["127.0.0.1:4318:4318"],
        "volumes": [
            "console:/var/lib/console", "../prometheus/blackbox.yml:/etc/console/blackbox.yml:ro", "../probes:/etc/console/probes:ro",
            "../alerts:/etc/console/alerts:ro"],
        "read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"], "restart": "unless-stopped",
        "deploy": {"resources": {"limits": {"memory": "512M", "cpus": "1.0"}}},
    }
    return (
        "# The console as the one thing that looks at the services: http://localhost:4318/?token=CONSOLE_TOKEN.\n" + NOTE
        + yaml_text.text({"services": {"telemetry": console}, "volumes": {"console": {}}}))


def probes(system, services):
    return f"# What the console probes of {SYSTEMS[system]['title']} in Compose, by the modules of ../prometheus/blackbox.yml.\n" + NOTE + yaml_text.text({
        "probes": [{
            "module": "http_2xx", "interval": "15s", "objective": "99.5", "labels": {"system": system},
            "targets": [f"http://{service.name}:{service.port}{service.live}" for service in services]}]})


def databases(services):
    names = sorted({service.database for service in services if service.database})
    return (
        "-- The databases of the services, made when the PostgreSQL of Compose or kustomize starts for the first time.\n"
        "-- Written by generate.py from services.json.\n" + "".join(f'CREATE DATABASE "{name}";\n' for name in names))


def prometheus(services):
    def job(name, targets, labels=None, **more):
        return {"job_name": name, **more, "static_configs": [{"targets": targets, **({"labels": labels} if labels else {})}]}

    jobs = [job("prometheus", ["localhost:9090"]), job("otel-collector", ["collector:8888"]), job("spanmetrics", ["collector:9464"])]
    jobs += [
        job(service.name, [f"{service.name}:{service.port}"], {"system": service.system}, scrape_interval="5s") for service in services]
    jobs.append({
        "job_name": "probes", "metrics_path": "/probe", "params": {"module": ["http_2xx"]},
        "static_configs": [{"targets": [f"http://{service.name}:{service.port}{service.live}" for service in services]}],
        "relabel_configs": [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            {"source_labels": ["__param_target"], "regex": "http://([^:/]+).*", "target_label": "service"},
            {"target_label": "__address__", "replacement": "blackbox:9115"},
        ],
    })
    return "# The targets of Compose; kubernetes.yml finds those of a cluster by their annotations.\n" + NOTE + yaml_text.text({
        "global": {"scrape_interval": "15s", "evaluation_interval": "15s", "external_labels": {"environment": "compose"}},
        "rule_files": ["rules/*.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": ["alertmanager:9093"]}]}]},
        "otlp": {"promote_resource_attributes": ["service.name", "service.namespace", "service.instance.id"]},
        "scrape_configs": jobs,
    })


def images_workflow(programs):
    return (HERE / "github/images.yml.in").read_text().replace(
        "          # programs\n", "".join(f"          - {{program: {program}, image: {image_name(program)}}}\n" for program in programs)
    ).replace("# note\n", NOTE)


def skaffold(services, programs):
    def artifact(program):
        port = next((service.port for service in services if service.program == program), {SIDECAR["program"]: SIDECAR["port"]}.get(program, 4318))
        return {
            "image": f"{IMAGES['registry']}/{image_name(program)}", "context": "../..",
            "docker": {"dockerfile": "Deploy/docker/Dockerfile", "buildArgs": {"PROGRAM": program, "PORT": str(port)}},
        }

    forwards = [
        {"resourceType": "service", "resourceName": service.name, "namespace": "telemetry", "port": service.port, "localPort": service.host_port}
        for service in services]
    forwards += [
        {"resourceType": "service", "resourceName": name, "namespace": "telemetry", "port": port, "localPort": local}
        for name, port, local in [("grafana", 3000, 3100), ("prometheus", 9090, 9090), ("jaeger", 16686, 16686), ("postgres", 5432, 5432)]]
    return "# Builds all images, applies an overlay, forwards the ports of the demo: see run.sh.\n" + NOTE + yaml_text.text({
        "apiVersion": "skaffold/v4beta11", "kind": "Config", "metadata": {"name": "telemetry"},
        "build": {"local": {"push": False, "useBuildkit": True, "concurrency": 1}, "artifacts": [artifact(program) for program in programs]},
        "manifests": {"kustomize": {"paths": ["../kustomize/overlays/kind"]}},
        "deploy": {"kubectl": {}},
        "portForward": forwards,
        "profiles": [
            {"name": "k3d", "activation": [{"kubeContext": "k3d-telemetry"}],
             "manifests": {"kustomize": {"paths": ["../kustomize/overlays/k3d"]}}},
            {"name": "microk8s", "activation": [{"kubeContext": "microk8s"}],
             "build": {"local": {"push": True, "useBuildkit": True}},
             "manifests": {"kustomize": {"paths": ["../kustomize/overlays/microk8s"]}}},
            {"name": "sidecars", "manifests": {"kustomize": {"paths": ["../kustomize/overlays/sidecars"]}}},
        ],
    })


def files():
    services = [
        Service(system, name, data, DATA["all"]) for system, description in SYSTEMS.items()
        for name, data in description["services"].items()]
    programs = list(dict.fromkeys(service.program for service in services)) + DATA["alone"]
    answer = {
        "compose/all.yaml": compose_all(), "compose/console.yaml": compose_console(services), "compose/databases.sql": databases(services),
        "prometheus/prometheus.yml": prometheus(services), "skaffold/skaffold.yaml": skaffold(services, programs),
        "github/images.yml": images_workflow(programs), "compose/all.sidecars.yaml": compose_all_sidecars(),
    }
    for system, description in SYSTEMS.items():
        own = [service for service in services if service.system == system]
        answer[f"compose/{system}.yaml"] = compose(system, own)
        answer[f"compose/{system}.sidecars.yaml"] = compose_sidecars(system, own)
        for service in own:
            answer[f"sidecar/{service.name}.yaml"] = (
                f"# What the sidecar beside {service.name} passes on: see Documentation/Sidecar.md.\n" + NOTE
                + yaml_text.text(sidecars.configuration(service, SIDECAR["meshPort"])))
        answer[f"probes/{system}.yml"] = probes(system, own)
        answer[f"helm/values/{system}.yaml"] = NOTE + yaml_text.text(kubernetes.values(system, description, own))
        answer[f"kustomize/base/{system}/services.yaml"] = NOTE + yaml_text.text(*kubernetes.manifests(own, IMAGES))
        answer[f"kustomize/base/{system}/kustomization.yaml"] = NOTE + yaml_text.text(kubernetes.kustomization("services.yaml"))
        beside = f"kustomize/components/sidecar/{system}"
        answer[f"{beside}/files.yaml"] = NOTE + yaml_text.text(*sidecars.config_maps(own, SIDECAR))
        answer[f"{beside}/patches.yaml"] = NOTE + yaml_text.text(*sidecars.patches(own, IMAGES, SIDECAR))
        answer[f"{beside}/kustomization.yaml"] = (
            f"# A sidecar in each pod of {system}: an overlay takes it with components: [../../components/sidecar/{system}].\n" + NOTE
            + yaml_text.text(sidecars.component()))
    answer["kustomize/base/ingress/ingress.yaml"] = NOTE + yaml_text.text(*kubernetes.ingresses(SYSTEMS))
    answer["kustomize/base/ingress/kustomization.yaml"] = NOTE + yaml_text.text(kubernetes.kustomization("ingress.yaml"))
    answer["kustomize/base/stores/databases.sql"] = answer["compose/databases.sql"]
    drawn = dashboards.all_of(SYSTEMS)
    for name, dashboard in drawn.items():
        answer[f"grafana/dashboards/{name}.json"] = json.dumps(dashboard, indent=1, ensure_ascii=False) + "\n"
    answer["grafana/kustomization.yaml"] = "# Grafana with its data sources and dashboards.\n" + NOTE + yaml_text.text({
        **kubernetes.kustomization("kubernetes.yaml"), "configMapGenerator": [
            {"name": "grafana-datasources", "files": ["provisioning/datasources/telemetry.yaml"]},
            {"name": "grafana-providers", "files": ["provisioning/dashboards/telemetry.yaml"]},
            {"name": "grafana-dashboards", "files": [f"dashboards/{name}.json" for name in sorted(drawn)]}]})
    return answer


DATA = json.loads((HERE / "services.json").read_text())
IMAGES, SYSTEMS, SIDECAR = DATA["images"], DATA["systems"], DATA["sidecar"]


def main():
    stale = []
    for path, text in files().items():
        target = HERE / path
        if target.exists() and target.read_text() == text:
            continue
        stale.append(path)
        if "--check" not in sys.argv:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
    if "--check" in sys.argv and stale:
        sys.exit("not what generate.py writes: " + ", ".join(stale))


if __name__ == "__main__":
    main()
