"""Secrets are nowhere: planted in every way and place, sent back by every service, searched for in all that is left.

Every command is run, well and against services that quote in their answers what they were sent: in bodies, headers,
addresses. Each search is shown to find a secret that isn't struck out.
"""

import re
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from connectors import secret
from tests.support.command_lines import LINES, Line, is_of, walk_commands
from tests.support.company import Services
from tests.support.quoting import Trouble
from tests.support.secret_stage import Stage, open_stage

SETTINGS = (("-vv",), ("-vv", "--log-format", "json"), (), ("-q",), ("-q", "--log-format", "json"), ("-v",))
ELSEWHERE = {("sandbox",), ("demo",), ("login", "google"), ("logout", "google")}
"""They bring their own stand-ins, or a browser, and are searched in test_demo, test_sandbox_command, test_login."""
ONE_EACH = [
    min((line for line in LINES if is_of(line, command)), key=lambda line: line.follows)
    for command in walk_commands()
    if command not in ELSEWHERE
]


@pytest.fixture(scope="module")
def stage(acme: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(acme, tmp_path_factory.mktemp("secrets")) as found:
        yield found


def test_every_command_has_a_line() -> None:
    assert {command for command in walk_commands() if not any(is_of(line, command) for line in LINES)} == ELSEWHERE


def test_nothing_is_left_where_all_is_well(stage: Stage) -> None:
    """Every line does its work and asks whom it should."""
    stage.begin(0)
    wrong, leaks = [], []
    for at, line in enumerate(LINES):
        code, asked, said = stage.say(line, SETTINGS[at % 2])
        if (code, asked) != (line.code, line.asks) or line.says not in "".join(said.values()):
            wrong.append((line.typed, code, asked, said["stdout"][-300:], said["stderr"][-600:]))
        leaks += stage.search(said, line)
    assert wrong == [], "\n".join(map(repr, wrong))
    assert leaks + stage.search_left() == []
    assert {"okr.prom", "page.html", "week.html", "tonight.json", "units/okr-sync.service"} <= stage.left().keys()


def test_the_search_reaches_every_place(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """If nothing were struck out, all these would hold what a service sent back."""
    stage.begin(3)
    SOURCES["400 401 401"].start(stage.services, stage.receiver.url)
    found: list[str] = []
    with monkeypatch.context() as patched:
        strike_nothing_out(patched)
        for typed in ("plan --out tonight.json", "run --report page.html", "report --out week.html"):
            line = Line(typed)
            found += stage.search(stage.say(line, ("-vv",))[2], line)
        found += stage.search_left()
    places = (
        "tonight.json", "page.html", "week.html", "the sheet", "what was written to the sheet", "sent to Google Sheets",
        "what people and machines were told", "plan --out tonight.json: stdout", "run --report page.html: stdout",
    )  # fmt: skip
    assert [place for place in places if not any(leak.startswith(f"{place}: ") for leak in found)] == []


SOURCES = {
    "401 422 403": Trouble("j401 a422 d403", shown="ad"),
    "400 401 401": Trouble("j400 a401 d401", shown="jad"),
    "500 403 400": Trouble("j500 a403 d400", shown="jad"),
    "302 500 page": Trouble("j302 a500 d500p", shown="a"),
    "page 302 302": Trouble("j200p a302 d302"),
    "page page page": Trouble("j500p a200p d200p"),
}
SHEET = {
    "400": Trouble("g400", part="/v4/", shown="g"),
    "401": Trouble("g401", part="/v4/", shown="g"),
    "403": Trouble("g403", part="/v4/", shown="g"),
    "500": Trouble("g500", part="/v4/"),
    "302": Trouble("g302", part="/v4/"),
    "page": Trouble("g200p", part="/v4/"),
    "write 400": Trouble("g400", part=":batchUpdate", shown="g"),
    "write 403": Trouble("g403", part=":batchUpdate", shown="g"),
    "sign-in 400": Trouble("g400", part="/token"),
    "sign-in 401": Trouble("g401p", part="/token"),
    "sign-in 500": Trouble("g500", part="/token"),
}


def run_lines(stage: Stage, lines: list[Line], turn: int, quoted: list[str]) -> list[str]:
    """Type lines, each of which has to meet the trouble; the leaks."""
    leaks, passed = [], []
    for at, line in enumerate(lines):
        quoted.clear()
        code, _, said = stage.say(line, SETTINGS[(at + turn) % len(SETTINGS)])
        passed += [] if quoted else [f"{line.typed}: {code} {said['stderr']}"]
        leaks += stage.search(said, line)
    assert passed == [], "\n".join(passed)
    return leaks + stage.search_left()


def find_shown(stage: Stage, line: Line, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whose secrets would stand in what a line says if they were not struck out."""
    with monkeypatch.context() as patched:
        strike_nothing_out(patched)
        said = stage.say(line, ("-vv",))[2]
    return "".join(letter for letter in "gjad" if stage.search(said, line, only=letter))


def strike_nothing_out(patched: pytest.MonkeyPatch) -> None:
    """To see that a search finds what is there."""
    patched.setattr(secret, "_known", Forgetful())
    patched.setattr(secret, "_SIGNED", re.compile("(?!)"))


class Forgetful(set[str]):
    """Keeps nothing: as if no secret were ever struck out."""

    def update(self, *_: Any) -> None:
        pass


@pytest.mark.parametrize("what", SOURCES)
def test_sources_send_secrets_back(stage: Stage, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trouble, turn = SOURCES[what], list(SOURCES).index(what)
    stage.begin(turn, told=200 if turn % 2 else 500)
    quoted = trouble.start(stage.services, stage.receiver.url)
    assert run_lines(stage, [line for line in LINES if set(line.asks) & set("jad")], turn, quoted) == []
    assert find_shown(stage, Line("plan"), monkeypatch) == trouble.shown


@pytest.mark.parametrize("what", SHEET)
def test_google_sends_secrets_back(stage: Stage, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trouble, turn = SHEET[what], list(SHEET).index(what)
    stage.begin(turn, told=200 if turn % 2 else 500)
    quoted = trouble.start(stage.services, stage.receiver.url)
    asks = "w" if "batch" in trouble.part else "g"
    lines = [line for line in ONE_EACH if asks in line.asks and not (line.follows and asks == "w")]
    assert run_lines(stage, lines, turn, quoted) == []
    assert find_shown(stage, Line("run"), monkeypatch) == trouble.shown


Send = Callable[..., requests.Response]


@pytest.mark.parametrize("debug", [False, True], ids=["", "debug"])
@pytest.mark.parametrize("at", ["/token", "/v4/", "/rest/", "/v0/", "/tickets"])
def test_a_crash_shows_no_secret(
    stage: Stage, at: str, debug: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A library fails with everything that it was to send in its message; with --debug that is a traceback."""
    stage.begin(1)
    send: Send = requests.Session.send
    crashed: list[str] = []

    def crash(session: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        if at not in str(request.url):
            return send(session, request, **more)
        crashed.append(f"{request.url} {request.headers} {request.body!r}")
        raise RuntimeError(crashed[-1])

    def say(line: Line) -> list[str]:
        try:
            said = stage.say(line, ("-vv", "--debug") if debug else ())[2]
        except RuntimeError as error:
            sys.excepthook(type(error), error, error.__traceback__)
            said = {"traceback": capsys.readouterr().err, **stage.ear.take()}
            assert "Traceback" in said["traceback"]
        return stage.search(said, line)

    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(requests.Session, "send", crash)
    lines = [Line("run"), Line("plan --json"), Line("doctor"), Line("check --live"), Line("explain GRO-1.1 --live")]
    leaks = [leak for line in lines for leak in say(line)]
    assert crashed
    assert leaks + stage.search_left() == []
    with monkeypatch.context() as patched:
        strike_nothing_out(patched)
        assert say(Line("run"))


@pytest.mark.parametrize("letters", ["g", "jad"])
def test_unknown_hosts_show_no_secret(stage: Stage, letters: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the library says then has the whole address in it, with the token of a service that wants it there."""
    stage.begin(2, told=500)
    real = socket.getaddrinfo
    ports = {int(stage.services[letter].url.rpartition(":")[2]) for letter in letters}
    asked: list[str] = []

    def fails(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if port not in ports:
            return real(host, port, *rest, **more)
        asked.append(str(port))
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", fails)
    lines = [line for line in ONE_EACH if set(line.asks) & set(letters)]
    assert run_lines(stage, lines, 0, asked) == []
