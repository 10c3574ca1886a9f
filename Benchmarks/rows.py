#!/usr/bin/env python3
"""Checks what operations cost against recorded numbers, and compares other programs with ours.

    rows.py check PROGRAM NUMBERS     fails if an operation takes over 3 % more instructions (15 % where several threads share its work),
                                      or more allocations, than recorded
    rows.py record PROGRAM NUMBERS    records what they take now
    rows.py peers PROGRAM FOLDER      runs the programs of a folder in turn with ours, and prints ratios (ROWS= THREADS= ROUNDS= CALLS=)

Instructions are counted by valgrind, mostly in the calling thread only: the difference between two numbers of calls, so that the start of the
program does not count. They are the same on each machine with the same compiler and libraries, whatever else runs on it. What the kernel
does for the program is not there: the sums of a processor are added to as on a machine without it.

A program to compare with takes `ROW CALLS THREADS` and prints `peer,row,threads,ops,cpu_min,cpu_median,wall_median,process_cpu`, times in
nanoseconds a call. It ends with an error for rows that it does not have. `PROGRAM --rows` lists ours.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

TOLERANCE = 1.03
# Work that is shared by several threads varies with what their runtime does meanwhile.
SHARED_TOLERANCE = 1.15
# The chains of a large table depend on the random key of its hash.
HASHED_TOLERANCE = {"counter-1000-series": 1.25, "counter-100000-series": 1.1}
# Few instructions vary by alignment of memory and the growth of tables.
SLACK = 3


def output(*command, timeout=300):
    """Returns what a command prints; raises if it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return done.stdout


def rows(program):
    """Returns our rows: the calls of a check, and whether the instructions of all threads count."""
    lines = (line.split() for line in output(program, "--rows").splitlines())
    return {name: (int(calls), kind == "shared") for name, calls, kind in lines}


# MARK: Instructions and allocations


def run(program, row, calls, is_shared):
    """Returns the instructions of a run, the start of the program included, and the allocations of a call."""
    with tempfile.TemporaryDirectory() as folder:
        allocations = output(
            "valgrind", "--quiet", "--tool=callgrind", "--separate-threads=yes", f"--callgrind-out-file={folder}/counts", program,
            "--allocations", row, calls)
        totals = {}
        for path in pathlib.Path(folder).iterdir():
            text = path.read_text()
            total = re.search(r"^(?:totals|summary): (\d+)", text, re.MULTILINE)
            thread = re.search(r"^thread: (\d+)", text, re.MULTILINE)
            if total and thread:
                totals[int(thread[1])] = int(total[1])
        return sum(totals.values()) if is_shared else totals[1], float(allocations.split()[-1])


def cost(program, row, calls, is_shared):
    """Returns the instructions and allocations of a call."""
    (few, _), (many, allocations) = (run(program, row, count, is_shared) for count in (calls, 2 * calls))
    return {"instructions": round((many - few) / calls, 1), "allocations": round(allocations, 2)}


def costs(program):
    """Measures all rows, two at a time; None if valgrind is missing."""
    if shutil.which("valgrind") is None:
        return None
    listed = rows(program)
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        found = pool.map(lambda row: (row, cost(program, row, *listed[row])), listed)
        return dict(found)


def record(program, path):
    found = costs(program)
    if found is None:
        sys.exit("bench: valgrind is needed to record numbers, and is not installed.")
    lines = [f'  "{row}": {json.dumps(numbers)}' for row, numbers in sorted(found.items())]
    pathlib.Path(path).write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(pathlib.Path(path).read_text(), end="")


def check(program, path):
    recorded = json.loads(pathlib.Path(path).read_text())
    found = costs(program)
    if found is None:
        print("bench: skipped, since valgrind is not installed.")
        return
    failures = []
    listed = rows(program)
    for row, numbers in sorted(found.items()):
        known = recorded.get(row)
        if known is None:
            failures.append(f"{row} has no recorded numbers: make bench RECORD=1")
            continue
        marks = []
        tolerance = SHARED_TOLERANCE if listed[row][1] else HASHED_TOLERANCE.get(row, TOLERANCE)
        if numbers["instructions"] > known["instructions"] * tolerance + SLACK:
            marks.append("more instructions")
        if numbers["allocations"] > known["allocations"] + 0.01:
            marks.append("more allocations")
        failures += [f"{row}: {mark} than recorded" for mark in marks]
        print(
            f"{row:30} {numbers['instructions']:10} instructions ({known['instructions']})"
            f" {numbers['allocations']:6} allocations ({known['allocations']})  {', '.join(marks).upper()}")
    failures += [f"{row} is recorded and not there" for row in sorted(recorded.keys() - found.keys())]
    if failures:
        sys.exit("\n".join(["bench: " + failure for failure in failures] + ["A change that moves a number says why: make bench RECORD=1."]))


# MARK: Other programs


def line(command, row, calls, threads):
    """Returns the figures of one run by their names; None if the program has no such row."""
    try:
        text = output(*command, row, calls, threads).strip().splitlines()
    except (RuntimeError, subprocess.TimeoutExpired, OSError):
        return None
    fields = text[-1].split(",") if text else []
    if len(fields) != 8:
        return None
    names = ("cpu_min", "cpu_median", "wall_median", "process_cpu")
    try:
        return fields[0], dict(zip(names, map(float, fields[4:])))
    except ValueError:
        return None


def peers(program, folder):
    programs = [path for path in sorted(pathlib.Path(folder).iterdir()) if path.is_file() and os.access(path, os.X_OK)]
    if not programs:
        sys.exit(f"bench: {folder} holds no program.")
    listed = rows(program)
    wanted = os.environ.get("ROWS", "").split() or list(listed)
    threads = [int(number) for number in os.environ.get("THREADS", "1 2").split()]
    rounds = int(os.environ.get("ROUNDS", "5"))
    commands = [[program, "--row"]] + [[path] for path in programs]
    print("peer,row,threads,cpu_min,cpu_median,wall_median,process_cpu,ratio_cpu,ratio_process")
    for row in wanted:
        for count in threads:
            calls = int(os.environ.get("CALLS", 50 * listed.get(row, (20_000, False))[0]))
            found = {}
            # In turn, so that what else the machine does meets all alike.
            for _ in range(rounds):
                for command in commands:
                    result = line(command, row, calls, count)
                    if result:
                        found.setdefault(result[0], []).append(result[1])
            ours = next(iter(found.values()), None)
            for peer, results in found.items():
                median = {name: statistics.median(result[name] for result in results) for name in results[0]}
                base = {name: statistics.median(result[name] for result in ours) for name in median}
                figures = ",".join(f"{median[name]:.2f}" for name in median)
                ratios = ",".join(
                    f"{base[name] / median[name]:.2f}" if median[name] else "" for name in ("cpu_median", "process_cpu"))
                print(f"{peer},{row},{count},{figures},{ratios}", flush=True)


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("check", "record", "peers"):
        sys.exit(__doc__)
    {"check": check, "record": record, "peers": peers}[sys.argv[1]](sys.argv[2], sys.argv[3])


if __name__ == "__main__":
    main()
