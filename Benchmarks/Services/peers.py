"""The servers that services are measured against: nginx with a file, PostgreSQL with pgbench."""

import os
import pathlib
import pwd
import re
import shutil
import subprocess
import time

import machine

NGINX_PROXY = """
daemon off;
master_process off;
worker_processes 1;
worker_rlimit_nofile 65536;
pid {folder}/nginx-proxy.pid;
error_log {folder}/nginx-proxy-error.log;
events {{ worker_connections 32768; }}
http {{
    access_log {folder}/nginx-proxy-access.log;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/proxy-body;
    proxy_temp_path {folder}/proxy-proxy;
    fastcgi_temp_path {folder}/proxy-fastcgi;
    uwsgi_temp_path {folder}/proxy-uwsgi;
    scgi_temp_path {folder}/proxy-scgi;
    upstream web {{
        server 127.0.0.1:{upstream};
        keepalive 1024;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://web;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
}}
"""

NGINX = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 4096; }}
http {{
    access_log {access_log};
    sendfile on;
    keepalive_requests 1000000000;
    default_type "application/json; charset=utf-8";
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/www;
    }}
}}
"""


class Nginx:
    """One worker of nginx that serves the given bytes as a file, and logs each request as a service does."""

    def __init__(self, path, body, cores, folder):
        file = folder / "www" / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        self.port = machine.free_port()
        configuration = folder / "nginx.conf"
        configuration.write_text(NGINX.format(folder=folder, port=self.port, access_log=folder / "nginx-access.log"))
        self.child = machine.Child("nginx", [machine.find("nginx"), "-p", folder, "-c", configuration], cores, folder)
        machine.wait_for_port(self.port, self.child)


class NginxProxy:
    """One worker of nginx that passes requests on to a port over kept connections, and logs each as the sidecar does."""

    def __init__(self, upstream, cores, folder):
        self.port = machine.free_port()
        configuration = folder / "nginx-proxy.conf"
        configuration.write_text(NGINX_PROXY.format(folder=folder, port=self.port, upstream=upstream))
        self.child = machine.Child("nginx as proxy", [machine.find("nginx"), "-p", folder, "-c", configuration], cores, folder)
        machine.wait_for_port(self.port, self.child)


class PostgreSQL:
    """A throw-away PostgreSQL in a temporary folder, durable as by default, with connections over TCP from this machine."""

    def __init__(self, cores, folder):
        self.tools = self.folder_of_tools()
        self.port = machine.free_port()
        self.cores = cores
        self.folder = folder
        data = folder / "postgresql"
        # PostgreSQL refuses to run as root.
        self.user = "postgres" if os.geteuid() == 0 else None
        self.owner = self.user or pwd.getpwuid(os.geteuid()).pw_name
        data.mkdir()
        if self.user:
            folder.chmod(0o755)
            shutil.chown(data, self.user)
        subprocess.run(
            [self.tools / "initdb", "--pgdata", data, "--auth", "trust", "--encoding", "UTF8", "--username", self.owner],
            user=self.user, check=True, stdout=subprocess.DEVNULL, cwd="/")
        self.child = machine.Child(
            "postgres",
            [self.tools / "postgres", "-D", data, "-p", self.port, "-c", "listen_addresses=127.0.0.1", "-c",
             f"unix_socket_directories={data}"],
            cores, folder, user=self.user)
        machine.wait_for_port(self.port, self.child)
        # It listens before it answers.
        for _ in range(200):
            if subprocess.run([self.tools / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0:
                return
            time.sleep(0.05)
        machine.fail(f"PostgreSQL does not answer:\n{self.child.errors()}")

    @staticmethod
    def folder_of_tools():
        folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        return folders[-1].parent if folders else None

    def url(self, database):
        subprocess.run([self.tools / "createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", self.owner, database], check=True)
        return f"postgres://{self.owner}@127.0.0.1:{self.port}/{database}"

    def execute(self, database, sql):
        done = subprocess.run(
            [self.tools / "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", self.owner, "-d", database, "-qAt", "-c", sql],
            capture_output=True, text=True)
        if done.returncode != 0:
            machine.fail(f"psql: {done.stderr}")
        return done.stdout.strip()

    def pgbench(self, database, statement, connections, seconds, cores):
        """Returns how many times a second pgbench executes a statement, prepared as the service prepares it."""
        script = self.folder / "pgbench.sql"
        script.write_text(statement + "\n")
        done = subprocess.run(
            ["taskset", "--cpu-list", ",".join(map(str, cores)), self.tools / "pgbench", "-n", "-M", "prepared", "-h", "127.0.0.1",
             "-p", str(self.port), "-U", self.owner, "-c", str(connections), "-j", "1", "-T", str(seconds), "-f", script, database],
            capture_output=True, text=True, timeout=seconds + 60)
        rate = re.search(r"tps = ([\d.]+)", done.stdout)
        if done.returncode != 0 or not rate:
            machine.fail(f"pgbench: {done.stdout}{done.stderr}")
        return float(rate[1])
