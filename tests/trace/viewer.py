#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has the viewer of chrome://tracing open a timeline, in a browser without a screen, and holds what it shows against the file.

usage: viewer.py TIMELINE.json
That viewer is part of Debian's golang-1.19-src, which `go tool trace` takes it from; the browser is chromium. Without them: exit 77."""
import glob
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter

BOUND_S = 120
STATIC = os.environ.get("TAKT_TRACE_VIEWER", "/usr/share/go-*/src/cmd/trace/static/trace_viewer_full.html")
faults = []


def must(is_so, what):
    if not is_so and len(faults) < 20:
        faults.append(what)


def skip(reason):
    print(f"trace: skipped: {reason}")
    sys.exit(77)


def serve(timeline, viewer, told):
    here = os.path.dirname(os.path.realpath(__file__))
    files = {"/": f"{here}/viewer.html", "/timeline.json": timeline, "/trace_viewer_full.html": viewer,
             "/webcomponents.min.js": f"{os.path.dirname(viewer)}/webcomponents.min.js"}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path = files.get(self.path)
            self.send_response(200 if path else 404)
            self.end_headers()
            if path:
                with open(path, "rb") as file:
                    self.wfile.write(file.read())

        def do_POST(self):
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            threading.Thread(target=self.server.shutdown).start()

        def log_message(self, *_):
            pass

    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def view(timeline, browser, viewer):
    told = []
    server = serve(timeline, viewer, told)
    with tempfile.TemporaryDirectory() as folder:
        with subprocess.Popen([browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={folder}",
                               f"http://127.0.0.1:{server.server_port}/"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            timer = threading.Timer(BOUND_S, server.shutdown)
            timer.start()
            server.serve_forever(0.05)
            timer.cancel()
            process.kill()
    server.server_close()
    if not told:
        sys.exit(f"viewer: it has said nothing for {BOUND_S} s")
    return told[0]


def check(events, shown):
    must(not shown["errors"], f"errors: {shown['errors'][:3]}")
    if "processes" not in shown:
        return
    must(not shown["warnings"], f"the importer warns: {shown['warnings'][:3]}")
    names = {event["pid"]: event["args"]["name"] for event in events if event["name"] == "process_name"}
    threads = {(event["pid"], event["tid"]): event["args"]["name"] for event in events if event["name"] == "thread_name"}
    must(Counter(process["name"] for process in shown["processes"]) == Counter(names.values()), "not each node is a process")
    for process in shown["processes"]:
        must({thread["name"] for thread in process["threads"]} <= set(threads.values()), f"threads of {process['name']}")
    slices = Counter((process["name"], thread["name"], title) for process in shown["processes"] for thread in process["threads"]
                     for title in thread["slices"])
    wanted = Counter((names[event["pid"]], threads[event["pid"], event["tid"]], event["name"]) for event in events
                     if event["ph"] == "X" or event["ph"] == "i" and event["s"] == "t")
    must(slices == wanted, f"slices: {list((wanted - slices).items())[:3]} missing, {list((slices - wanted).items())[:3]} made up")
    counters = {(process["name"], counter) for process in shown["processes"] for counter in process["counters"]}
    must(counters == {(names[event["pid"]], event["name"]) for event in events if event["ph"] == "C"}, f"counters: {counters}")
    begins = {event["id"]: event for event in events if event["ph"] == "s"}
    flows = Counter((event["name"], names[begins[event["id"]]["pid"]], names[event["pid"]]) for event in events if event["ph"] == "f")
    must(all(flow["from"] and flow["to"] for flow in shown["flows"]), "an arrow hangs in the air")
    must(all(flow["from"][1] == f"publish {flow['name']}" and flow["to"][1] in (f"read {flow['name']}", f"borrow {flow['name']}")
             for flow in shown["flows"] if flow["from"] and flow["to"]), "an arrow is not from a publish to its read")
    must(Counter((flow["name"], flow["from"][0], flow["to"][0]) for flow in shown["flows"] if flow["from"] and flow["to"]) == flows,
         "arrows of the file and of the viewer differ")
    print(f"trace: chrome://tracing's viewer shows {len(names)} processes, {sum(slices.values())} slices, {len(shown['flows'])} arrows")


def main():
    browser = shutil.which("chromium") or skip("there is no chromium: apt-get install chromium")
    viewers = sorted(glob.glob(STATIC)) or skip("chrome://tracing's viewer is not there: apt-get install golang-1.19-src")
    with open(sys.argv[1], encoding="utf-8") as file:
        events = json.load(file)["traceEvents"]
    check(events, view(sys.argv[1], browser, viewers[-1]))
    for fault in faults:
        print(f"viewer: {fault}", file=sys.stderr)
    sys.exit(1 if faults else 0)


main()
