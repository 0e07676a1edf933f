# SPDX-License-Identifier: Apache-2.0
"""Holds the lines that no test ran against a list of those that need not, each with its reason.

usage: uncovered.py REPORT.json LIST [--show]

The list has sections, "[always] REASON" or "[sometimes] REASON", and below each "FILE | FUNCTION | TEXT OF THE LINE". Names and texts,
so that a line that moves is still known. An uncovered line that is not listed fails, and so does one of an [always] section that is
covered now. [sometimes] is for lines that need two threads to meet.
"""
import collections
import json
import sys


def function_of(functions, number):
    """The function that begins last before a line."""
    name = "?"
    for function in functions:
        if function["lineno"] <= number:
            name = function["name"]
    return name


def read_report(path):
    uncovered, covered, table = [], set(), []
    for file in json.load(open(path))["files"]:
        functions = sorted(file["functions"], key=lambda function: function["lineno"])
        texts = open(file["file"]).read().split("\n")
        lines = [line for line in file["lines"] if not line.get("gcovr/noncode")]
        branches = [branch["count"] > 0 for line in lines for branch in line["branches"]]
        ran = sum(line["count"] > 0 for line in lines)
        table.append((file["file"], ran, len(lines), sum(branches), len(branches)))
        for line in lines:
            key = (file["file"], function_of(functions, line["line_number"]), texts[line["line_number"] - 1].strip())
            if line["count"] > 0:
                covered.add(key)
            else:
                uncovered.append((key, line["line_number"]))
    return uncovered, covered, table


def read_list(path):
    entries, kind = {}, None
    for number, text in enumerate(open(path), 1):
        text = text.strip()
        if text == "" or text.startswith("#"):
            continue
        if text.startswith("["):
            kind, _, reason = text[1:].partition("] ")
            if kind not in ("always", "sometimes") or not reason:
                sys.exit(f"{path}:{number}: expected [always] or [sometimes] and a reason")
            continue
        key = tuple(text.split(" | ", 2))
        if kind is None or len(key) != 3 or key in entries:
            sys.exit(f"{path}:{number}: expected FILE | FUNCTION | TEXT, once, below a reason")
        entries[key] = kind
    return entries


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def print_table(table):
    total = ("core", *(sum(column) for column in list(zip(*table))[1:]))
    for name, lines_run, lines, branches_run, branches in sorted(table) + [total]:
        print(f"{name:28} lines {lines_run:5}/{lines:<5} {percent(lines_run, lines):5.1f} %   "
              f"branches {branches_run:5}/{branches:<5} {percent(branches_run, branches):5.1f} %")


def main():
    uncovered, covered, table = read_report(sys.argv[1])
    entries = read_list(sys.argv[2])
    if not table:
        sys.exit("coverage: the report has no file of core")
    if "--show" in sys.argv:
        for key in dict.fromkeys(key for key, _ in uncovered):
            print(" | ".join(key))
        return 0
    print_table(table)
    seen = collections.Counter(key for key, _ in uncovered)
    failed = 0
    for key, number in uncovered:
        if key not in entries:
            print(f"coverage: {key[0]}:{number}: {key[1]}: no test runs this and uncovered.txt gives no reason: {key[2]}")
            failed += 1
    for key, kind in entries.items():
        if key not in seen and (kind == "always" or key not in covered):
            print(f"coverage: uncovered.txt lists what runs now or is gone; take it out: {' | '.join(key)}")
            failed += 1
    print(f"coverage: {len(uncovered)} lines of core did not run, {failed} of them or of the list unexplained")
    return failed != 0


sys.exit(main())
