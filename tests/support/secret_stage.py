"""A company in whose config every secret is planted, with all that is said, told and left behind for a search."""

from __future__ import annotations

import json
import shutil
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cryptography.hazmat.primitives import serialization

from connectors import secret
from sandbox.acme import AIRTABLE_TOKEN, JIRA_EMAIL, JIRA_TOKEN
from sandbox.server import Server
from sandbox.wire import Logged, Service
from tests.support.command_lines import Line
from tests.support.company import MAPPINGS, Company, Services, make_company
from tests.support.planted import Desk, Ear, Planter, basic, find_leaks, hearing, read_files
from tests.support.receiver import Receiver, receiving

WAYS = ("env", "env file", "file", "keyring")
DESK_TOKEN = "p\"a's/s&w<ö>rd+7 =\\x%40-desk"
SECRETS = {
    "Jira's token": JIRA_TOKEN,
    "Jira's basic authentication": basic(JIRA_EMAIL, JIRA_TOKEN),
    "Airtable's token": AIRTABLE_TOKEN,
    "the desk's token": DESK_TOKEN,
    "the ping's address": "5ecret-ping-0001",
    "the Pushgateway's address": "5ecret-push-0002",
    "the alerts' address": "5ecret-alert-0003",
    "the messages' address": "5ecret-channel-0004",
}
THEIRS = "theirs.xlsx"
OWN = {"g": "Google's", "j": "Jira's", "a": "Airtable's", "d": "the desk's"}


def _headers(asked: Logged) -> dict[str, str]:
    """All headers but the one in which Google's own token belongs."""
    return {name: text for name, text in asked.headers.items() if not text.startswith("Bearer ya29.")}


@dataclass
class Stage:
    """A company that has lived for a while, with all services, an ear for the log, and the search."""

    company: Company
    planter: Planter
    desk: Desk
    receiver: Receiver
    ear: Ear
    secrets: dict[str, str]
    life: dict[str, Any] = field(default_factory=dict)
    run: str = ""

    @property
    def services(self) -> dict[str, Service]:
        known = self.company.services
        return {"g": known.google, "j": known.jira, "a": known.airtable, "d": self.desk}

    def configure(self, turn: int) -> None:
        """Plant every secret, each in another way than the one before."""
        self.planter.forget()
        key = json.dumps(self.services["g"].service_account())  # type: ignore[attr-defined]
        host = self.receiver.host
        values = {
            "P_JIRA": JIRA_TOKEN,
            "P_CRM": AIRTABLE_TOKEN,
            "P_KEY": key,
            "P_DESK": DESK_TOKEN,
            "P_PING": f"{self.receiver.url}/hc/5ecret-ping-0001",
            "P_PUSH": f"http://user:5ecret-push-0002@{host}/push",
            "P_OPS": f"json://{host}/5ecret-alert-0003",
            "P_CHANNEL": f"json://{host}/5ecret-channel-0004",
        }
        refs = {
            name: self.planter.plant(WAYS[(turn + at) % 4], name, each)
            for at, (name, each) in enumerate(values.items())
        }
        self.company.write(mappings=MAPPINGS.replace(
            "WEB-2.1: {jira: 'project = WEB AND type = Bug', within: {cycle: created}, measure: count}",
            "WEB-2.1: {desk: {path: /tickets}, measure: count}",
        ))  # fmt: skip
        path = self.company.folder / "config.yaml"
        text = path.read_text()
        for old, new in (("env:JIRA_TOKEN", "P_JIRA"), ("env:AIRTABLE_TOKEN", "P_CRM"), ("file:key.json", "P_KEY")):
            text = text.replace(old, refs[new])
        signs_in = f"token: '{refs['P_DESK']}', auth: {{query: key}}"
        desk = f"  desk: {{kind: http, url: '{self.desk.url}', {signs_in}, allow_private: true}}\n"
        text = text.replace("mappings: ", f"{desk}mappings: ").replace(
            "run: {source_budget: 2s}",
            f"run: {{source_budget: 2s, metrics: okr.prom, push: '{refs['P_PUSH']}'}}\n"
            f"alerts: {{to: ['{refs['P_OPS']}'], ping: '{refs['P_PING']}'}}\nmessages: {{to: ['{refs['P_CHANNEL']}']}}",
        )
        path.write_text(text)
        (self.company.folder / "also.yaml").write_text(text.replace("okr.prom", "also.prom"))
        (self.company.folder / "key.json").unlink()

    def begin(self, turn: int, told: int = 200) -> None:
        """Everything as it was before, but for where the secrets lie; who is told of runs answers so."""
        self.rewind()
        self.configure(turn)
        self.receiver.status = told

    def say(self, line: Line, settings: tuple[str, ...]) -> tuple[int, str, dict[str, str]]:
        """Type a line: its exit code, whom it asked, and all that can be read on the screen and in the log."""
        before = {letter: len(service.requests) for letter, service in self.services.items()}
        words = [word.format(run=self.run) for word in line.words]
        said = self.company.say("--env-file", "planted.env", *settings, *words)
        made = {letter: service.requests[before[letter] :] for letter, service in self.services.items()}
        asked = "".join(letter for letter, requests in made.items() if requests)
        asked += "w" if any(":batchUpdate" in each.path for each in made["g"]) else ""
        return said.code, asked, {"stdout": said.out, "stderr": said.err, **self.ear.take()}

    def search(self, said: dict[str, str], line: Line, only: str = "") -> list[str]:
        """The leaks in what a line said; of one service's secrets only, where that is wanted."""
        places = {f"{line.typed}: {place}": text for place, text in said.items()}
        wanted = {name: each for name, each in self.secrets.items() if name.startswith(OWN.get(only, ""))}
        return find_leaks(places, wanted, handed_out=only in ("", "g"))

    def search_left(self) -> list[str]:
        """The leaks in all that is left behind."""
        return find_leaks(self.left(), self.secrets) + self.strayed()

    def left(self) -> dict[str, str | bytes]:
        """What is left behind: files, the sheet with all that isn't shown, what each service and receiver was sent."""
        document = self.company.document
        sent = [f"{each.path} {each.body}" for each in self.services["g"].requests if ":batchUpdate" in each.path]
        told = "\n".join(body for _, _, body in self.receiver.got)
        return {
            **read_files(self.company.folder, frozenset(self.planter.own)),
            "the sheet": "\n".join(f"{tab.title} {vars(tab)}" for tab in document.tabs) + f"{vars(document)}",
            "what was written to the sheet": "\n".join(sent),
            "what people and machines were told": told,
        }

    def strayed(self) -> list[str]:
        """Secrets that were sent to another service than their own."""
        found = []
        for letter, service in self.services.items():
            asked = "\n".join(f"{each.path} {each.query} {each.body} {_headers(each)}" for each in service.requests)
            foreign = {name: each for name, each in self.secrets.items() if not name.startswith(OWN[letter])}
            found += find_leaks({f"sent to {service.name}": asked}, foreign)
        return found

    def rewind(self) -> None:
        """Back to how everything was before."""
        for service in self.services.values():
            service.faults.clear()
            service.requests.clear()
        self.receiver.got.clear()
        self.receiver.status = 200
        self.company.document.restore(self.life)
        self.life = self.company.document.save()
        for path in self.company.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != THEIRS:
                path.unlink()
        secret._known.clear()


@contextmanager
def open_stage(acme: Services, folder: Path) -> Iterator[Stage]:
    """The company in this folder, after a few runs."""
    desk = Desk(acme.google.clock)
    with Server(desk), receiving() as receiver, hearing() as ear, pytest.MonkeyPatch.context() as patched:
        company = make_company(acme, folder)
        company.fill()
        planter = Planter(company)
        keyring = types.ModuleType("keyring")
        keyring.get_password = lambda service, user: planter.keyring.get((service, user))  # type: ignore[attr-defined]
        patched.setitem(sys.modules, "keyring", keyring)
        patched.setattr("time.sleep", lambda _: None)
        patched.setattr(serialization, "load_pem_private_key", cache(serialization.load_pem_private_key))
        key = str(acme.google.service_account()["private_key"]).splitlines()
        made = Stage(
            company, planter, desk, receiver, ear, SECRETS | {"Google's key": key[1], "Google's key's end": key[-2]}
        )
        _live(made)
        yield made
        made.rewind()
    assert [service.failures for service in made.services.values()] == [[], [], [], []]


def _live(stage: Stage) -> None:
    """Some runs, of which one can be undone; a check-in is owed and a status has changed; a workbook of somebody's."""
    company = stage.company
    stage.configure(0)
    company.person.type("People", "A2", company.shows("WEB-1.1", "Owner"))
    company.person.type("People", "B2", "owner@acme.example")
    for target in ("75%", "95%"):
        company.type("WEB-1.1", "Target", target)
        said = company.say("--env-file", "planted.env", "run", "--json")
        assert said.code == 0, said.text
        stage.run = str(said.json["run"])
    for row in ("GRO-1.1", "WEB-2.1"):
        company.type(row, "Score", "0.9")
    company.type("GRO-1.2", "Target", "33")
    book = openpyxl.Workbook()
    for row in (
        ("Key result", "Start", "Target", "Now"),
        ("More visitors", 0, 100, 20),
        ("Fewer complaints", 40, 10, 30),
    ):
        book.active.append(row)
    book.save(company.folder / THEIRS)
    stage.life = company.document.save()
