"""What the benchmark needs of the machine: processor cores, programs, ports, child processes and their memory."""

import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time


# What this program is called in its messages.
name = "bench-services"


def fail(message, status=1):
    print(f"{name}: {message}", file=sys.stderr)
    sys.exit(status)


def note(message):
    print(f"  {message}", file=sys.stderr, flush=True)


class Cores:
    """Which cores the measured server has to itself, and which are left to load, receiver and database."""

    def __init__(self):
        available = sorted(os.sched_getaffinity(0))
        self.server = available[:1]
        self.others = available[1:] or available
        self.areShared = len(available) == 1

    def __str__(self):
        if self.areShared:
            return "one core for everything, so that ratios are lower than they would be"
        return f"the measured server alone on core {self.server[0]}, all else on {','.join(map(str, self.others))}"


def require(programs, packages, are_missing=lambda: False):
    """Installs Debian packages of programs that are missing; fails with the command if that is not allowed."""

    def lacking():
        return [program for program in programs if find(program) is None] or (packages if are_missing() else [])

    if missing := lacking():
        command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            fail(f"{', '.join(missing)} missing; on Debian: {' '.join(command)}", 69)
        note(f"installing {', '.join(packages)}")
        # Services of the packages are not started: this benchmark starts its own, on free ports.
        policy = pathlib.Path("/usr/sbin/policy-rc.d")
        forbids = not policy.exists()
        if forbids:
            policy.write_text("#!/bin/sh\nexit 101\n")
            policy.chmod(0o755)
        try:
            subprocess.run(["apt-get", "update", "--quiet"], stdout=subprocess.DEVNULL)
            subprocess.run(command, stdout=subprocess.DEVNULL, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
        finally:
            if forbids:
                policy.unlink()
        if missing := lacking():
            fail(f"{', '.join(missing)} could not be installed", 69)


def find(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, child, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if child.process.poll() is not None:
            fail(f"{child.name} ended with status {child.process.returncode}:\n{child.errors()}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    fail(f"{child.name} does not listen on port {port}:\n{child.errors()}")


class Child:
    """A process that this one starts on given cores, and ends; it dies with this one, even if this one is killed."""

    started = []

    def __init__(self, name, command, cores, folder, environment=None, user=None):
        self.name = name
        self.log = folder / f"{name.replace(' ', '-')}.{len(Child.started)}.err"
        parent = os.getpid()

        def prepare():
            os.sched_setaffinity(0, cores)
            ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
            if os.getppid() != parent:
                os._exit(1)

        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log.open("wb"),
            env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder)} | (environment or {}), user=user, preexec_fn=prepare,
            start_new_session=True)
        Child.started.append(self)

    def errors(self):
        return self.log.read_text(errors="replace")[-2000:]

    def resident_kibibytes(self):
        return self.status("VmRSS")

    def peak_kibibytes(self):
        return self.status("VmHWM")

    def status(self, field):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().split("\n"):
            if line.startswith(f"{field}:"):
                return int(line.split()[1])
        return 0

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self, within=10):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(within)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    @staticmethod
    def end_all():
        for child in reversed(Child.started):
            child.end()
