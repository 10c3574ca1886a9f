#!/usr/bin/env python3
"""Runs a command beside a throw-away PostgreSQL: `with_postgres.py VARIABLE COMMAND…`.

VARIABLE is set to the URL of an empty database. PostgreSQL comes from the machine's packages, which are installed if they are missing
and root runs this; it listens on loopback, runs as a normal user in a temporary folder, and ends with the command, whatever ends that.
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import machine
import peers


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    variable, *command = sys.argv[1:]
    machine.name = "with_postgres"
    if peers.PostgreSQL.folder_of_tools() is None:
        machine.require([], ["postgresql"], are_missing=lambda: peers.PostgreSQL.folder_of_tools() is None)
    # Ctrl-C is for the command; this program ends after it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        try:
            database = peers.PostgreSQL(os.sched_getaffinity(0), pathlib.Path(folder))
            environment = os.environ | {variable: database.url("demo")}
            process = subprocess.Popen(command, env=environment, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
            signal.signal(signal.SIGTERM, lambda *_: process.terminate())
            status = process.wait()
        finally:
            machine.Child.end_all()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
