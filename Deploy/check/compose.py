"""Checks what Compose makes of all systems behind sidecars: each service has one, and ports and callers lead there.

compose.py CONFIGURATION services.json; needs PyYAML.
"""

import json
import re
import sys

import yaml


def main():
    with open(sys.argv[1]) as file:
        found = yaml.safe_load(file)["services"]
    with open(sys.argv[2]) as file:
        data = json.load(file)
    mesh, problems, count = data["sidecar"]["meshPort"], [], 0
    for system in data["systems"].values():
        for name, service in system["services"].items():
            one, beside = found[name], found.get(f"{name}-sidecar")
            count += 1
            if beside is None or beside.get("network_mode") != f"service:{name}" or name not in beside["depends_on"]:
                problems.append(f"{name} has no sidecar in its network")
            # One port, that of the file below replaced.
            ports = [(int(port["published"]), port["target"]) for port in one["ports"]]
            if ports != [(service["hostPort"], mesh)]:
                problems.append(f"{name} has the ports {ports}")
            text = " ".join(value or "" for value in one["environment"].values())
            for callee in service.get("calls", []):
                called = re.findall(rf"[/=@]{callee}:(\d+)", text)
                if any(int(port) != mesh for port in called):
                    problems.append(f"{name} calls {callee} at {called}")
            if int(one["environment"].get("TRUSTED_PROXIES", 0)) != (
                    int(service.get("environment", {}).get("TRUSTED_PROXIES", -1)) + 1):
                problems.append(f"{name} believes another number of proxies")
    if problems:
        sys.exit("\n".join(problems))
    print(f"{count} sidecars")


main()
