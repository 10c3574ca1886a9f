"""Runs the lessons of Documentation/Operations.md against a demo: each command must succeed and print something.

lessons.py PROGRAMS: starts the demo of albums and hello-world on free ports. Needs Python 3 and curl, without packages.
"""

import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

GUIDE = pathlib.Path(__file__).resolve().parent.parent.parent / "Documentation/Operations.md"
PORTS = {"COLLECTOR_PORT": 4318, "HELLO_WORLD_PORT": 3300, "PROXY_PORT": 9070, "ALBUM_STORE_PORT": 9080, "ACCOUNTS_PORT": 3301, "BOOKS_PORT": 3302,
         "SNS_PORT": 4566}


def lessons():
    text = GUIDE.read_text().split("## Learning path", 1)[1].split("\n## ", 1)[0]
    for part in text.split("\n### ")[1:]:
        yield part.split("\n", 1)[0], re.search(r"```sh\n(.*?)```", part, re.DOTALL)[1]


def main():
    sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in PORTS}
    ports = {name: one.getsockname()[1] for name, one in sockets.items()}
    for one in sockets.values():
        one.close()
    with tempfile.TemporaryDirectory() as folder:
        variables = {"PATH": os.environ["PATH"], "SYSTEM": "albums,hello-world", "LOG_FOLDER": folder, **{name: str(port) for name, port in ports.items()}}
        with open(f"{folder}/demo.log", "w") as log:
            demo = subprocess.Popen([f"{sys.argv[1]}/Demo"], env=variables, stdout=log, stderr=log, start_new_session=True)
        try:
            deadline = time.monotonic() + 90
            while "Ctrl-C ends the demo" not in pathlib.Path(folder, "demo.log").read_text():
                if demo.poll() is not None or time.monotonic() > deadline:
                    sys.exit("the demo does not run:\n" + pathlib.Path(folder, "demo.log").read_text()[-2000:])
                time.sleep(0.2)
            for title, commands in lessons():
                for name, port in PORTS.items():
                    commands = commands.replace(f"localhost:{port}", f"localhost:{ports[name]}")
                # Metrics are exported every five seconds, and a rate needs two exports: what has not come yet is asked for again.
                deadline = time.monotonic() + 60
                while True:
                    done = subprocess.run(["bash", "-c", "set -euo pipefail\n" + commands], capture_output=True, text=True, timeout=60)
                    if done.returncode == 0 and done.stdout.strip():
                        break
                    if time.monotonic() > deadline:
                        sys.exit(f"{title}: {done.returncode}\n{done.stdout[-1000:]}{done.stderr[-1000:]}")
                    time.sleep(1)
            print(f"{len(list(lessons()))} lessons were run")
        finally:
            demo.send_signal(signal.SIGINT)
            try:
                demo.wait(30)
            except subprocess.TimeoutExpired:
                demo.kill()


main()
