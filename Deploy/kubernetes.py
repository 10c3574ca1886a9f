"""The objects of Kubernetes for one service, and the values by which the Helm chart makes the same."""

USER = 65532  # The user of distroless images that is not root.


def labels(service):
    return {
        "app.kubernetes.io/name": service.name, "app.kubernetes.io/part-of": service.system, "app.kubernetes.io/component": service.image}


def field(path):
    return {"valueFrom": {"fieldRef": {"fieldPath": path}}}


def secret(name, key):
    return {"valueFrom": {"secretKeyRef": {"name": name, "key": key}}}


def environment(service, version):
    """Returns the variables: what an operator would inject, then the service's own."""
    answer = [
        {"name": "K8S_POD_NAME", **field("metadata.name")}, {"name": "K8S_POD_UID", **field("metadata.uid")},
        {"name": "K8S_NAMESPACE_NAME", **field("metadata.namespace")}, {"name": "K8S_NODE_NAME", **field("spec.nodeName")},
        {"name": "K8S_CONTAINER_NAME", "value": service.name},
        {"name": "OTEL_SERVICE_NAME", "value": service.name},
        {"name": "OTEL_RESOURCE_ATTRIBUTES", "value": (
            f"service.namespace={service.system},{service.version(version)}service.instance.id=$(K8S_POD_NAME)")},
    ]
    if service.database:
        answer += [
            {"name": "DATABASE_PASSWORD", **secret("database", "password")},
            {"name": "DATABASE_URL", "value": f"postgres://telemetry:$(DATABASE_PASSWORD)@postgres:5432/{service.database}"},
            # With all replicas that the autoscalers may add, no more connections than the database has.
            {"name": "DATABASE_POOL", "value": "4"},
        ]
    if service.redis:
        answer += [
            {"name": "REDIS_PASSWORD", **secret("redis", "password")},
            {"name": "REDIS_URL", "value": "redis://:$(REDIS_PASSWORD)@redis:6379/0"},
        ]
    answer += [{"name": name, "value": value} for name, value in sorted({**service.all, **service.environment}.items())]
    return answer + [{"name": name, **secret("services", key)} for name, key in sorted(service.secrets.items())]


def probe(path, **times):
    return {"httpGet": {"path": path, "port": "http"}, "timeoutSeconds": 2, **times}


def deployment(service, images):
    container = {
        "name": service.name, "image": f"{images['registry']}/{service.image}:{images['tag']}", "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": service.port}],
        "env": environment(service, images["tag"]),
        "startupProbe": probe(service.started, periodSeconds=1, failureThreshold=60),
        "livenessProbe": probe(service.live, periodSeconds=10, failureThreshold=3),
        "readinessProbe": probe(service.ready, periodSeconds=5, failureThreshold=2),
        "resources": {
            "requests": {"cpu": "50m", "memory": "32Mi", "ephemeral-storage": "16Mi"},
            "limits": {"cpu": "1", "memory": "128Mi", "ephemeral-storage": "512Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
    }
    pod = {
        "serviceAccountName": service.name, "automountServiceAccountToken": False, "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 10,
        "securityContext": {
            "runAsNonRoot": True, "runAsUser": USER, "runAsGroup": USER, "fsGroup": USER, "seccompProfile": {"type": "RuntimeDefault"}},
        "topologySpreadConstraints": [{
            "maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": {"app.kubernetes.io/name": service.name}}}],
        "containers": [container],
    }
    if service.volume:
        container["volumeMounts"] = [{"name": "spool", "mountPath": service.volume}]
        pod["volumes"] = [{"name": "spool", "emptyDir": {"sizeLimit": "256Mi"}}]
    annotations = {"prometheus.io/scrape": "true", "prometheus.io/port": str(service.port), "prometheus.io/path": "/metrics"}
    spec = {
        "selector": {"matchLabels": {"app.kubernetes.io/name": service.name}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": {"metadata": {"labels": labels(service), "annotations": annotations}, "spec": pod},
    }
    # An autoscaler counts replicas; a number beside it would undo what it has done at each deployment.
    if not service.scales:
        spec["replicas"] = service.replicas
        if service.volume or service.program in ("LunarModule", "NotificationService"):
            spec["strategy"] = {"type": "Recreate"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": service.name, "labels": labels(service)}, "spec": spec}


def network_policy(service, sidecar=None):
    """Allows what the service needs: its callers and scrapes in; name resolution, telemetry, its stores and what it calls out.

    With sidecars callers reach that of the service, and its own port stays open for scrapes.
    """
    def peer(name, port):
        return {
            "to": [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": name}}}], "ports": [{"port": port, "protocol": "TCP"}]}

    out = [
        {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]},
        {"ports": [{"port": 4318, "protocol": "TCP"}, {"port": 4317, "protocol": "TCP"}]},
    ]
    ports = {other.name: other.port for other in service.siblings}
    out += [peer(name, sidecar["meshPort"] if sidecar else ports[name]) for name in service.calls]
    out += [peer(name, port) for name, port, used in [("postgres", 5432, service.database), ("redis", 6379, service.redis)] if used]
    inward = [sidecar["meshPort"], service.port, sidecar["port"]] if sidecar else [service.port]
    return {
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": service.name, "labels": labels(service)},
        "spec": {
            "podSelector": {"matchLabels": {"app.kubernetes.io/name": service.name}}, "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"ports": [{"port": port, "protocol": "TCP"} for port in inward]}], "egress": out}}


def manifests(services, images):
    for service in services:
        service.siblings = services
        own = labels(service)
        yield {
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": service.name, "labels": own},
            "automountServiceAccountToken": False}
        port = {"name": "http", "port": service.port, "targetPort": "http"}
        if service.node_port:
            port["nodePort"] = service.node_port
        yield {
            "apiVersion": "v1", "kind": "Service", "metadata": {
                "name": service.name, "labels": own, "annotations": {"prometheus.io/probe-path": service.live}},
            "spec": {
                "type": "NodePort" if service.node_port else "ClusterIP",
                "selector": {"app.kubernetes.io/name": service.name}, "ports": [port]}}
        yield deployment(service, images)
        yield network_policy(service)
        if service.scales:
            yield {
                "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": service.name, "labels": own},
                "spec": {
                    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": service.name},
                    "minReplicas": service.replicas, "maxReplicas": 5,
                    "metrics": [{
                        "type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}]}}
            yield {
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": service.name, "labels": own},
                "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app.kubernetes.io/name": service.name}}}}


def ingresses(systems):
    for system, description in systems.items():
        paths = [
            {"path": path, "pathType": "Prefix", "backend": {"service": {"name": name, "port": {"name": "http"}}}}
            for path, name in description.get("routes", {}).items()]
        if paths:
            yield {
                "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
                "metadata": {"name": system, "labels": {"app.kubernetes.io/part-of": system}},
                "spec": {"ingressClassName": "nginx", "rules": [{"host": f"{system}.local", "http": {"paths": paths}}]}}


def kustomization(*resources):
    return {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": list(resources)}


def values(system, description, services):
    """Returns what the chart needs to know of a system; what is left out has the defaults of the chart."""
    answer = {}
    for service in services:
        own = {"image": service.image, "port": service.port, "probes": {
            "live": service.live, "ready": service.ready, "started": service.started}}
        own["replicas"] = service.replicas
        if service.scales:
            own["autoscaling"] = {"enabled": True, "minimum": service.replicas, "maximum": 5}
        if service.node_port:
            own["nodePort"] = service.node_port
        for key, value in [
            ("database", service.database), ("redis", service.redis), ("calls", service.calls), ("spool", service.volume),
            ("environment", service.environment), ("secrets", service.secrets),
        ]:
            if value:
                own[key] = value
        if not service.scales and (service.volume or service.program in ("LunarModule", "NotificationService")):
            own["recreate"] = True
        answer[service.name] = own
    return {"system": system, "services": answer, "ingress": {"routes": [
        {"path": path, "service": name} for path, name in description.get("routes", {}).items()]}}
