"""Compares what the chart renders with what kustomize builds: both must say the same of each service.

compare.py KUSTOMIZED.yaml RENDERED.yaml…; needs PyYAML.
"""

import hashlib
import sys

import yaml

# The chart sets these by values of its own.
OF_CHART = {"DATABASE_TIMEOUT"}
KINDS = {"ConfigMap", "Deployment", "Service", "NetworkPolicy", "HorizontalPodAutoscaler", "PodDisruptionBudget", "ServiceAccount"}


def objects(path):
    with open(path) as file:
        found = [one for one in yaml.safe_load_all(file) if one and one["kind"] in KINDS]
    return {(one["kind"], one["metadata"]["name"]): one for one in found if "app.kubernetes.io/part-of" in one["metadata"].get("labels", {})}


def container_essence(container):
    return {
        **container, "env": {
            variable["name"]: variable.get("value", variable.get("valueFrom")) for variable in container["env"]
            if variable["name"] not in OF_CHART}}


def essence(one):
    """Returns what both must agree on."""
    spec = one.get("spec", {})
    if one["kind"] == "Deployment":
        pod = spec["template"]["spec"]
        answer = {"replicas": spec.get("replicas"), "strategy": spec["strategy"], "security": pod["securityContext"]}
        answer["volumes"] = {volume["name"]: volume for volume in pod.get("volumes", [])}
        # The sidecar is among those that start first.
        for container in pod.get("initContainers", []) + pod["containers"]:
            answer[container["name"]] = container_essence(container)
        return answer
    if one["kind"] == "ConfigMap":
        return {name: yaml.safe_load(text) for name, text in one["data"].items()}
    if one["kind"] == "NetworkPolicy":
        # The chart lets a database be outside of the cluster.
        return {"ingress": spec["ingress"], "ports": sorted(str(rule["ports"]) for rule in spec["egress"])}
    return {key: value for key, value in spec.items() if key != "selector"}


def stale_checksums(found):
    """Returns the deployments that a change of their sidecar's file would not reach."""
    for (kind, name), one in found.items():
        file = found.get(("ConfigMap", f"{name}-sidecar"))
        if kind == "Deployment" and file:
            checksum = one["spec"]["template"]["metadata"]["annotations"].get("checksum/sidecar")
            if checksum != hashlib.sha256(file["data"]["sidecar.yaml"].encode()).hexdigest():
                yield f"{name}: checksum/sidecar is {checksum}, which is not that of the file"


def main():
    left, right = objects(sys.argv[1]), {}
    for path in sys.argv[2:]:
        right.update(objects(path))
    problems = [f"only one of both has {key}" for key in left.keys() ^ right.keys()]
    problems += [*stale_checksums(left), *stale_checksums(right)]
    for key in sorted(left.keys() & right.keys()):
        one, other = essence(left[key]), essence(right[key])
        problems += [
            f"{key} {name}: {one.get(name)} in kustomize, {other.get(name)} in the chart" for name in sorted(one.keys() | other.keys())
            if one.get(name) != other.get(name)]
    if problems:
        sys.exit("\n".join(problems))
    print(f"{len(left)} objects are the same")


main()
