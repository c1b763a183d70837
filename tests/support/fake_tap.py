#!PYTHON
"""A tap with two streams, as the specification has it. Its config's folder takes a log of its runs, and its faults."""

import argparse
import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

arguments = argparse.ArgumentParser()
arguments.add_argument("--config", required=True)
arguments.add_argument("--catalog")
arguments.add_argument("--properties")
arguments.add_argument("--discover", action="store_true")
given = arguments.parse_args()
config = json.loads(Path(given.config).read_text())
folder = Path(config["folder"])
about = Path(given.config).stat()


def say(**message):
    print(json.dumps(message, ensure_ascii=False), flush=config.get("flush", False))


def fault():
    """The next fault of the list, if one is due."""
    path = folder / "faults.json"
    if not path.exists():
        return None
    faults = json.loads(path.read_text())
    for each in faults:
        if each["skip"] > 0:
            each["skip"] -= 1
            break
        if each["times"] is None or each["times"] > 0:
            each["times"] = each["times"] and each["times"] - 1
            path.write_text(json.dumps(faults))
            return each
    path.write_text(json.dumps(faults))
    return None


with (folder / "log.jsonl").open("a") as log:
    run = {
        "call": "discover" if given.discover else "sync",
        "argv": sys.argv[1:],
        "mode": oct(stat.S_IMODE(about.st_mode)),
        "links": about.st_nlink,
        "environ": sorted(os.environ),
        "pid": os.getpid(),
    }
    log.write(json.dumps(run) + "\n")

if config.get("token") != config.get("knows", "tok-3nl1ghten3d-s3cret"):
    sys.exit("401 Unauthorized: who are you?")

FIELDS = {
    "id": {"type": "integer"},
    "amount": {"type": ["null", "number"]},
    "stage": {"type": "string"},
    "tag": {"type": ["null", "string"]},
    "closed": {"type": ["null", "string"], "format": "date-time"},
    "owner": {"type": "object", "properties": {"name": {"type": "string"}}},
}
KEYED = {"table-key-properties": ["id"], "selected": True, "inclusion": "available"}
CATALOG = {
    "streams": [
        {
            "tap_stream_id": "acme-deals",
            "stream": "deals",
            "key_properties": ["id"],
            "schema": {"type": "object", "properties": FIELDS},
            "metadata": [
                {"breadcrumb": [], "metadata": KEYED},
                {"breadcrumb": ["properties", "tag"], "metadata": {"inclusion": "available", "selected": False}},
                {"breadcrumb": ["properties", "owner"], "metadata": {"inclusion": "unsupported"}},
            ],
        },
        {
            "tap_stream_id": "people",
            "stream": "people",
            "key_properties": [],
            "schema": {"type": "object", "properties": {"name": {"type": "string"}}},
            "metadata": [{"breadcrumb": [], "metadata": {"selected": True}}],
        },
    ]
}

if given.discover:
    print(json.dumps(CATALOG, indent=2))
    sys.exit(0)

wrong = fault()
if wrong and wrong["kind"] == "timeout":
    child = subprocess.Popen(["sleep", "60"])
    (folder / "child").write_text(str(child.pid))
    print("waiting for the service", file=sys.stderr, flush=True)
    time.sleep(60)
if wrong and wrong["kind"] == "status":
    print(f"{wrong['status']} Server Error for token {config['token']}", file=sys.stderr)
    sys.exit(1)
if wrong and wrong["kind"] == "html":
    print("<html><body>Log in</body></html>")
    sys.exit(0)

for number in range(config.get("noise", 0)):
    print(f"INFO line {number} " + "x" * 200, file=sys.stderr)
catalog = json.loads(Path(given.catalog or given.properties).read_text())
for entry in catalog["streams"]:
    [chosen] = [each["metadata"].get("selected") for each in entry["metadata"] if not each["breadcrumb"]]
    if not chosen:
        continue
    name = entry["stream"]
    if name == "people":
        say(type="schema", stream=name, schema=entry["schema"], key_properties=[])
        say(type="record", stream=name, record={"name": "Ann"})
        continue
    extra = config.get("extra", {})
    say(type="SCHEMA", stream=name, schema=entry["schema"], key_properties=["id"])
    for message in extra.get("before", []):
        say(**message)
    for number in range(config.get("deals", 230)):
        if number == 100 and wrong and wrong["kind"] == "truncate":
            print('{"type": "RECORD", "stream": "deals", "rec')
            sys.exit(0)
        if number == 100 and wrong and wrong["kind"] == "cut":
            os.kill(os.getpid(), 9)
        deal = {"id": number, "amount": None if number == 7 else 0.1, "stage": "Won" if number % 10 == 0 else "Open"}
        deal["tag"] = "größe 🚀" if number < 3 else "漢字" if number < 6 else None
        deal["closed"] = f"2026-10-{number + 1:02}T08:00:00Z" if number < 30 else None
        say(type="RECORD", stream=name, record={**deal, "owner": {"name": "Ann"}})
        if number == 50:
            say(type="RECORD", stream=name, record=deal)
            say(type="STATE", value={"bookmarks": {name: number}})
    for message in extra.get("after", []):
        say(**message)
    for line in extra.get("lines", []):
        print(line)
if wrong and wrong["kind"] == "late":
    sys.exit(3)
