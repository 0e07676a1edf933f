#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The events of core/trace_lttng.h, each with its fields in their order, stand in the table of core/README.md, and no others do.
# usage: events.sh [--list]   --list prints the first two columns of the table
cd "$(dirname "$0")/../.." || exit 2
command -v python3 >/dev/null || { echo "events: python3 is missing: toolchain/setup.sh test installs it" >&2; exit 1; }
exec python3 - "$@" <<'END'
import re
import sys

FIELD = re.compile(r"\b(?:U8|U16|U32|U64|X64|TEXT|lttng_ust_field_string)\((\w+),|"
                   r"\blttng_ust_field_integer(?:_hex)?\(\w+, (\w+),|\blttng_ust_field_enum\(takt, \w+, \w+, (\w+),")
header = open("core/trace_lttng.h", encoding="utf-8").read()
header = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
read_fields = re.search(r"#define READ_FIELDS \\\n((?:.*\\\n)*.*\n)", header)[1]


def fields_of(text):
    return ["".join(groups) for groups in FIELD.findall(text.replace("READ_FIELDS", read_fields))]


found = {}
header = re.sub(r"#define (?:.*\\\n)*.*\n", "", header)
for part in header.split("LTTNG_UST_TRACEPOINT_EVENT(takt, ")[1:]:
    name = re.match(r"\w+", part)[0]
    body = part.split("LTTNG_UST_TRACEPOINT_ENUM")[0].split("LTTNG_UST_TP_FIELDS(", 1)[1]
    found[name] = ", ".join(f"`{field}`" for field in fields_of(body))
if "--list" in sys.argv:
    for name, fields in found.items():
        print(f"| `{name}` | {fields} |")
    sys.exit(0)
readme = open("core/README.md", encoding="utf-8").read()
section = readme.split("\n## Events\n", 1)[1].split("\n## ", 1)[0] if "\n## Events\n" in readme else ""
table = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", section, re.M))
failed = 0
for name in sorted(set(found) | set(table)):
    if name not in table:
        print(f"events: {name} is in core/trace_lttng.h and not in the table of core/README.md, \"Events\"", file=sys.stderr)
    elif name not in found:
        print(f"events: {name} is in the table of core/README.md and is no event of core/trace_lttng.h", file=sys.stderr)
    elif table[name].strip() != found[name]:
        print(f"events: {name}: the table has the fields {table[name].strip()}, the event {found[name]}", file=sys.stderr)
    else:
        continue
    failed = 1
if len(found) < 30:
    print(f"events: {len(found)} events in core/trace_lttng.h: it is not read as it was meant", file=sys.stderr)
    failed = 1
if not failed:
    print(f"events: {len(found)} events, table and provider agree")
sys.exit(failed)
END
