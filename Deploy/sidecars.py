"""The sidecars: what each passes on, and how it stands beside its service in Compose and in Kubernetes."""

import hashlib

import kubernetes
import yaml_text

PROXIES = "TRUSTED_PROXIES"  # How many proxies in front a service believes; a sidecar is one more.


def configuration(service, mesh_port):
    """Returns the file of the sidecar in front of a service, with which it shares the addresses of a pod."""
    return {
        "listeners": [{
            "name": "mesh", "address": "0.0.0.0", "port": mesh_port, "trust_forwarded": True, "routes": [{"upstream": service.name}]}],
        "upstreams": {service.name: {
            "endpoints": [f"127.0.0.1:{service.port}"], "timeouts": {"connect": "1s", "first_byte": "15s", "idle": "60s"},
            "retries": {"attempts": 1}}},
    }


def own_environment(service, tag, sidecar):
    """Returns the variables of a sidecar; it sends its metrics, since scrapes find one page in each pod."""
    return {
        "OTEL_SERVICE_NAME": f"{service.name}-sidecar", "OTEL_RESOURCE_ATTRIBUTES": f"service.namespace={service.system},service.version={tag}",
        **service.all, "OTEL_METRICS_EXPORTER": "otlp", "PORT": str(sidecar["port"]), "SIDECAR_CONFIG": "/etc/sidecar/sidecar.yaml",
    }


def proxies(service):
    """Returns the variable of a service that changes with a sidecar in front of it."""
    return {PROXIES: str(int(service.environment[PROXIES]) + 1)} if PROXIES in service.environment else {}


# Compose


def compose(services, images, sidecar):
    """Returns what is laid over a system's file: a sidecar for each service, to which callers and the machine's ports lead."""
    answer = {}
    for service in services:
        changed = {
            variable: redirected for variable, value in service.environment.items()
            if (redirected := redirect(value, services, sidecar["meshPort"])) != value}
        beside = {}
        if changed or proxies(service):
            beside["environment"] = {**changed, **proxies(service)}
        beside["ports"] = yaml_text.Override([f"127.0.0.1:{service.host_port}:{sidecar['meshPort']}"])
        needs = [name for name in service.calls if not (service.program == "NotificationService" and name == "app-hello-world")]
        if needs:
            beside["depends_on"] = {f"{name}-sidecar": {"condition": "service_started"} for name in needs}
        answer[service.name] = beside
        answer[f"{service.name}-sidecar"] = {
            "image": f"${{REGISTRY:-{images['registry']}}}/sidecar:${{TAG:-{images['tag']}}}",
            "build": {
                "context": "../..", "dockerfile": "Deploy/docker/Dockerfile",
                "args": {"PROGRAM": sidecar["program"], "PORT": str(sidecar["port"])}},
            "environment": own_environment(service, f"${{TAG:-{images['tag']}}}", sidecar),
            "network_mode": f"service:{service.name}",
            "volumes": [f"../sidecar/{service.name}.yaml:/etc/sidecar/sidecar.yaml:ro"],
            "read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"], "restart": "unless-stopped",
            "deploy": {"resources": {"limits": {"memory": "128M", "cpus": "1.0"}}},
            # Compose starts it again with the service, whose network it shares.
            "depends_on": {service.name: {"condition": "service_started", "restart": True}},
        }
    return answer


def redirect(value, services, port):
    """Returns a variable's value with the addresses of services replaced by those of their sidecars."""
    for service in services:
        for before in ("http://", "="):
            value = value.replace(f"{before}{service.name}:{service.port}", f"{before}{service.name}:{port}")
    return value


# Kubernetes


def container(service, images, sidecar):
    """Returns the container, which starts before that of the service, and ends after it."""
    names = {"OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"}
    own = own_environment(service, images["tag"], sidecar)
    variables = [one for one in kubernetes.environment(service, images["tag"]) if one["name"].startswith("K8S_")]
    for variable in variables:
        if variable["name"] == "K8S_CONTAINER_NAME":
            variable["value"] = "sidecar"
    variables += [
        {"name": "OTEL_SERVICE_NAME", "value": own["OTEL_SERVICE_NAME"]},
        {"name": "OTEL_RESOURCE_ATTRIBUTES", "value": f"{own['OTEL_RESOURCE_ATTRIBUTES']},service.instance.id=$(K8S_POD_NAME)"}]
    variables += [{"name": name, "value": value} for name, value in sorted(own.items()) if name not in names]

    def probe(path, **times):
        return {**kubernetes.probe(path, **times), "httpGet": {"path": path, "port": "admin"}}

    return {
        "name": "sidecar", "image": f"{images['registry']}/sidecar:{images['tag']}", "imagePullPolicy": "IfNotPresent",
        "restartPolicy": "Always",
        "ports": [{"name": "mesh", "containerPort": sidecar["meshPort"]}, {"name": "admin", "containerPort": sidecar["port"]}],
        "env": variables,
        "startupProbe": probe("/started", periodSeconds=1, failureThreshold=60),
        "livenessProbe": probe("/health", periodSeconds=10, failureThreshold=3),
        "readinessProbe": probe("/ready", periodSeconds=5, failureThreshold=2),
        "resources": {
            "requests": {"cpu": "50m", "memory": "32Mi", "ephemeral-storage": "16Mi"},
            "limits": {"cpu": "1", "memory": "128Mi", "ephemeral-storage": "64Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": "sidecar", "mountPath": "/etc/sidecar", "readOnly": True}],
    }


def file_text(service, sidecar):
    return yaml_text.text(configuration(service, sidecar["meshPort"]))


def config_maps(services, sidecar):
    for service in services:
        yield {
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": f"{service.name}-sidecar", "labels": kubernetes.labels(service)},
            "data": {"sidecar.yaml": file_text(service, sidecar)}}


def patches(services, images, sidecar):
    """Returns what changes of the objects of services: the pod, the port that the Service leads to, and what may be reached."""
    for service in services:
        pod = {
            "initContainers": [container(service, images, sidecar)],
            "volumes": [{"name": "sidecar", "configMap": {"name": f"{service.name}-sidecar"}}]}
        changed = [{"name": name, "value": value} for name, value in proxies(service).items()]
        if changed:
            pod["containers"] = [{"name": service.name, "env": changed}]
        name = {"metadata": {"name": service.name}}
        # A changed file makes new pods, since the sidecar reads it when it starts.
        checksum = {"annotations": {"checksum/sidecar": hashlib.sha256(file_text(service, sidecar).encode()).hexdigest()}}
        yield {"apiVersion": "apps/v1", "kind": "Deployment", **name, "spec": {"template": {"metadata": checksum, "spec": pod}}}
        yield {"apiVersion": "v1", "kind": "Service", **name, "spec": {"ports": [{"port": service.port, "targetPort": "mesh"}]}}
        policy = kubernetes.network_policy(service, sidecar)["spec"]
        yield {
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", **name,
            "spec": {"ingress": policy["ingress"], "egress": policy["egress"]}}


def component():
    return {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component", "namespace": "telemetry", "resources": ["files.yaml"],
        "patches": [{"path": "patches.yaml"}]}
