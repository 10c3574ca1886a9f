"""Starts the sidecars of a rendered chart, and has one service call another by mutual TLS through both of theirs.

sidecars.py SIDECAR RENDERED.yaml CALLER CALLEE; needs PyYAML and openssl. Other files of the chart are only loaded.
"""

import http.client
import http.server
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import yaml

PATIENCE = 60
children = []


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE)


def certificate(folder, authority, identity):
    """Makes a key and a certificate with the identity as an alternative name."""
    folder.mkdir()
    kind = "URI" if ":" in identity else "DNS"
    (folder / "names").write_text(f"subjectAltName={kind}:{identity}\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run("openssl", "req", *key, "-keyout", f"{folder}/tls.key", "-out", f"{folder}/request", "-subj", "/CN=sidecar")
    run("openssl", "x509", "-req", "-in", f"{folder}/request", "-CA", f"{authority}/ca.crt", "-CAkey", f"{authority}/ca.key", "-CAcreateserial",
        "-days", "1", "-extfile", f"{folder}/names", "-out", f"{folder}/tls.crt")
    (folder / "ca.crt").write_bytes((authority / "ca.crt").read_bytes())


class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{self.path} {self.headers['X-Forwarded-For']}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def start(program, file, folder):
    port = free_port()
    with open(folder / f"{file.stem}.log", "wb") as log:
        child = subprocess.Popen([program], stdout=log, stderr=subprocess.STDOUT, env={
            "HOST": "127.0.0.1", "PORT": str(port), "SIDECAR_CONFIG": str(file), "OTEL_SDK_DISABLED": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})
    children.append(child)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if child.poll() is not None:
            sys.exit(f"{file.name}: the sidecar ended: {pathlib.Path(log.name).read_text()[-1000:]}")
        try:
            if get(port, "/ready")[0] == 200:
                return child
        except OSError:
            time.sleep(0.05)
    sys.exit(f"{file.name}: the sidecar does not answer")


def stop(child):
    child.send_signal(signal.SIGTERM)
    child.wait(timeout=PATIENCE)
    children.remove(child)


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def placed(document, mesh, addresses, names=None):
    """Returns the file of a sidecar with free ports and the folder of its certificates; names receives the port of each listener."""
    for listener in document["listeners"]:
        listener["port"], listener["address"] = free_port(), "127.0.0.1"
        if names is not None:
            names[listener["name"]] = listener["port"]
        if "tls" in listener:
            listener["tls"] = {key: value.replace("/etc/mesh", mesh) if isinstance(value, str) else value for key, value in listener["tls"].items()}
    for upstream in document["upstreams"].values():
        upstream["endpoints"] = [addresses.get(one, one) for one in upstream["endpoints"]]
        if "tls" in upstream:
            upstream["tls"] = {key: value.replace("/etc/mesh", mesh) if isinstance(value, str) else value for key, value in upstream["tls"].items()}
    return document


def main():
    program, rendered, caller, callee = sys.argv[1:]
    with open(rendered) as file:
        maps = {
            one["metadata"]["name"].removesuffix("-sidecar"): one["data"]["sidecar.yaml"]
            for one in yaml.safe_load_all(file) if one and one["kind"] == "ConfigMap"}
    def identity(service):
        """Returns the name by which a callee knows its caller."""
        return next(name for listener in yaml.safe_load(maps[callee])["listeners"] for name in listener.get("tls", {}).get("client_names", [])
                    if service in name)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{folder}/ca.key",
            "-out", f"{folder}/ca.crt", "-days", "1", "-subj", "/CN=mesh")
        own = yaml.safe_load(maps[caller])["upstreams"][callee]["tls"]["names"][0]
        certificate(folder / callee, folder, own)
        certificate(folder / caller, folder, identity(caller))
        certificate(folder / "other", folder, "spiffe://elsewhere/other")
        try:
            # Of the files of the others it matters that they are taken.
            for service, text in maps.items():
                if service not in (caller, callee):
                    path = folder / f"{service}.yaml"
                    path.write_text(yaml.safe_dump(placed(yaml.safe_load(text), f"{folder}/other", {})))
                    stop(start(program, path, folder))
            ports, outward = {}, {}
            document = yaml.safe_load(maps[callee])
            plain = document["upstreams"][callee]["endpoints"][0]
            path = folder / f"{callee}.yaml"
            path.write_text(yaml.safe_dump(placed(document, f"{folder}/{callee}", {plain: f"127.0.0.1:{server.server_port}"}, ports)))
            start(program, path, folder)
            secure = yaml.safe_load(maps[caller])["upstreams"][callee]["endpoints"][0]
            for mesh, expected in ((caller, 200), ("other", 502)):
                path = folder / f"{caller}.yaml"
                document = yaml.safe_load(maps[caller])
                path.write_text(yaml.safe_dump(placed(document, f"{folder}/{mesh}", {secure: f"127.0.0.1:{ports['secure']}"}, outward)))
                child = start(program, path, folder)
                status, body = get(outward[f"to-{callee}"], "/albums/1")
                if status != expected or (status == 200 and body != "/albums/1 127.0.0.1, 127.0.0.1"):
                    sys.exit(f"with the certificate of {mesh} the answer is {status} {body}")
                stop(child)
            if get(ports["mesh"], "/albums/2")[0] != 200:
                sys.exit("the port without TLS does not answer")
        finally:
            for child in list(children):
                child.kill()
                child.wait()
            server.shutdown()
    print(f"{len(maps)} files; {caller} reaches {callee}, another does not")


main()
