"""``okr-sync login google`` as a person goes through it: consent, doctor, plan, run; and what comes when it is over."""

import io
import json
import re
import sys
import threading
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from sandbox.google import PERSON
from sandbox.wire import Fault
from sync.care import login
from tests.support.company import Company, Said, say
from tests.support.consent import come_back, decide
from tests.support.planted import find_leaks
from tests.support.quoting import Trouble
from tests.support.receiver import receiving
from tests.support.terminal import typing


@pytest.fixture
def ada(synced: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    """A company whose sheet is shared with Ada, and no service account any more; with a client, and a browser."""
    synced.document.share(PERSON)
    synced.document.access.pop("okr-sync@acme-okrs.iam.gserviceaccount.com")
    (synced.folder / "client.json").write_text(json.dumps(synced.services.google.oauth_client()))
    path = synced.folder / "config.yaml"
    path.write_text(path.read_text().replace("'file:key.json'", "login"))
    synced.environ["XDG_CONFIG_HOME"] = str(tmp_path / "home")
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.setattr(login, "has_browser", lambda _environ: True)
    monkeypatch.setattr("webbrowser.open", lambda address: come_back(decide(address)))
    yield synced
    synced.services.google.tokens.consents.withdraw()


def sign_in(company: Company, *more: str) -> Said:
    return company.say("login", "google", "--client", "client.json", *more)


def kept(company: Company) -> Path:
    return Path(company.environ["XDG_CONFIG_HOME"]) / "okr-sync" / "google.json"


def secrets_of(company: Company) -> list[str]:
    info = json.loads(kept(company).read_text())
    return [info["refresh_token"], info["client_secret"]]


def test_a_person_signs_in_and_everything_works_as_they(ada: Company) -> None:
    said = sign_in(ada)
    assert said.code == 0, said.text
    assert f"Signed in as {PERSON}. Kept in {kept(ada)}, for you alone." in " ".join(said.out.split())
    assert "  credentials: login" in said.out
    assert re.search(r"^http://127\.0\.0\.1:\d+/o/oauth2/auth\?client_id=", said.err, re.MULTILINE)
    assert kept(ada).stat().st_mode & 0o777 == 0o600
    doctor = ada.say("doctor")
    assert doctor.code == 0, doctor.text
    by = "(a person's sign-in, by okr-sync login google)"
    assert f"Google knows okr-sync as {PERSON} {by}" in " ".join(doctor.out.split())
    ada.type("WEB-1.1", "Target", "90%")
    assert ada.say("plan", "--exit-code").code == 3
    assert ada.say("run").code == 0
    assert ada.say("plan", "--exit-code").code == 0
    for secret in secrets_of(ada):
        assert secret not in said.text + doctor.text


def test_a_browser_that_stays_open_keeps_nobody_waiting(ada: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = threading.Event()

    def browse(address: str) -> None:
        come_back(decide(address))
        assert closed.wait(60)

    monkeypatch.setattr("webbrowser.open", browse)
    try:
        assert sign_in(ada).code == 0
    finally:
        closed.set()


def test_what_is_secret_is_in_no_log(ada: Company) -> None:
    google = ada.services.google
    sign_in(ada)
    secrets = dict(zip(("refresh token", "client's secret"), secrets_of(ada), strict=True))
    quoted = Trouble("g400", part="/token").start({"g": google}, google.url)
    said = ada.say("-vv", "login", "google")
    assert said.code == 1
    assert quoted
    sent = parse_qs(next(each.text for each in reversed(google.requests) if each.path == "/token"))
    assert sent.keys() >= {"code", "code_verifier", "client_secret"}
    for name in ("code", "code_verifier", "client_secret"):
        assert find_leaks({"said": said.text}, {name: sent[name][0]}) == []
    ada.services.reset()
    for words in (("-vv", "run"), ("-vv", "--log-format", "json", "logout", "google")):
        assert find_leaks({"said": ada.say(*words).text}, secrets) == [], words


def test_the_second_time_needs_no_client(ada: Company) -> None:
    sign_in(ada)
    first = kept(ada).read_text()
    said = ada.say("login", "google", "--json")
    assert said.json == {
        "version": 1, "service": "google", "account": PERSON, "kept_in": str(kept(ada)), "credentials": "login",
    }  # fmt: skip
    assert kept(ada).read_text() != first


def test_the_first_time_without_a_client_says_how_to_make_one(ada: Company) -> None:
    said = ada.say("login", "google")
    assert (said.code, said.out) == (1, "")
    assert "okr-sync needs an OAuth client of yours" in said.err
    assert "--client client.json" in said.err
    missing = ada.say("login", "google", "--client", "nowhere.json")
    assert missing.code == 1
    assert "nowhere.json can't be read" in missing.err
    strange = ada.say("login", "google", "--client", "~nobody-here/client.json")
    assert "~nobody-here/client.json can't be read: No such file or directory" in strange.err


def test_before_anybody_signed_in_the_command_is_named(ada: Company) -> None:
    said = ada.say("run")
    assert said.code == 1
    assert "Nobody has signed in with Google on this machine" in said.err
    assert "okr-sync login google" in said.err


def test_a_no_keeps_what_was_there(ada: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(ada)
    before = kept(ada).read_text()
    monkeypatch.setattr("webbrowser.open", lambda address: come_back(decide(address, "no")))
    said = sign_in(ada)
    assert said.code == 1
    assert "answered with no" in said.err
    assert kept(ada).read_text() == before


def test_nobody_waits_for_ever(ada: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webbrowser.open", lambda _address: False)
    monkeypatch.setattr(login, "WAIT", 0.0)
    said = sign_in(ada)
    assert said.code == 1
    assert "Nobody answered the consent page" in said.err
    assert "--no-browser" in said.err


@pytest.mark.parametrize("words", [("plan",), ("run",)])
def test_when_it_is_over_one_message_says_so_and_the_sheet_stays(ada: Company, words: tuple[str, ...]) -> None:
    sign_in(ada)
    ada.type("WEB-1.1", "Target", "90%")
    before = ada.machine_cells()
    ada.services.google.tokens.consents.withdraw()
    said = ada.say(*words)
    assert said.code == 1
    assert said.err.count("okr-sync login google") == 1
    assert f"credentials of {PERSON}" in said.err
    assert ada.machine_cells() == before
    assert not any(secret in said.text for secret in secrets_of(ada))
    sign_in(ada)
    assert ada.say(*words).code == 0


def test_reading_alone_is_enough_for_a_plan(ada: Company) -> None:
    sign_in(ada, "--read-only")
    ada.type("WEB-1.1", "Target", "90%")
    assert ada.say("plan", "--exit-code").code == 3
    before = ada.machine_cells()
    said = ada.say("run")
    assert said.code == 1
    assert "leave out --read-only" in said.err
    assert ada.machine_cells() == before


def test_signing_out_ends_it_here_and_at_google(ada: Company) -> None:
    sign_in(ada)
    token = secrets_of(ada)[0]
    said = ada.say("logout", "google")
    assert (said.code, said.out) == (
        0, f"The sign-in of {PERSON} is deleted on this machine, and ended at Google.\n",
    )  # fmt: skip
    assert not kept(ada).exists()
    assert not ada.services.google.tokens.consents.revoke(token)
    assert ada.say("logout", "google").out == "Nobody is signed in on this machine.\n"
    assert ada.say("logout", "google", "--json").json["was_there"] is False


def test_signing_out_without_google_is_said(ada: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(ada)
    path = kept(ada)
    path.write_text(path.read_text().replace(ada.services.google.url, "http://127.0.0.1:9"))
    said = ada.say("logout", "google")
    assert said.code == 0
    assert "Google doesn't know yet" in said.out
    assert "https://myaccount.google.com/connections" in said.out
    assert not path.exists()
    for nothing in ("not json", ""):
        path.write_text(nothing)
        said = ada.say("logout", "google")
        assert "can't be read, or is no sign-in" in said.out
        assert "ended at Google" not in said.out
        assert not path.exists()


def test_signing_out_where_google_only_stumbles_does_not_say_that_it_is_over(ada: Company) -> None:
    sign_in(ada)
    ada.services.google.faults.add(Fault(match="POST /revoke", status=503, body={"error": "backend_error"}))
    said = ada.say("logout", "google")
    assert "Google doesn't know yet: Google's sign-in refuses: backend_error" in " ".join(said.out.split())


def test_signing_out_ends_an_earlier_one_in_the_keyring_too(ada: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(ada)
    tokens = [secrets_of(ada)[0]]
    entries = {("okr-sync", "google"): kept(ada).read_text()}
    fake = types.ModuleType("keyring")
    fake.get_password = lambda *entry: entries.get(entry)  # type: ignore[attr-defined]
    fake.delete_password = lambda *entry: entries.pop(entry)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", fake)
    sign_in(ada)
    tokens.append(secrets_of(ada)[0])
    assert f"The sign-in of {PERSON} is deleted" in ada.say("logout", "google").out
    assert not any(ada.services.google.tokens.consents.revoke(token) for token in tokens)
    assert entries == {}


def test_on_a_server_the_address_is_pasted(ada: Company) -> None:
    environ: dict[str, Any] = {"XDG_CONFIG_HOME": ada.environ["XDG_CONFIG_HOME"], "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    with typing("login", "google", "--client", "client.json", folder=ada.folder, environ=environ) as terminal:
        terminal.expect("Copy the whole address")
        terminal.answer("Address", "http://127.0.0.1:8085/?code=4/0of-another&state=forged")
        terminal.expect("doesn't belong to this sign-in. Copy the whole address")
        [page] = re.findall(r"http://\S+/o/oauth2/auth\?\S+", terminal.screen)
        terminal.answer("Address", page)
        terminal.expect("doesn't belong to this sign-in")
        terminal.answer("Address", decide(page, "no"))
        assert terminal.finish() == 1
        assert "answered with no" in terminal.screen
    assert not kept(ada).exists()
    with typing("login", "google", "--client", "client.json", "--no-browser", folder=ada.folder, environ=environ) as it:
        it.expect("Copy the whole address")
        [page] = re.findall(r"http://\S+/o/oauth2/auth\?\S+", it.screen)
        it.answer("Address", decide(page))
        assert it.finish() == 0
        assert f"Signed in as {PERSON}" in it.screen
    assert not any(secret in it.screen for secret in secrets_of(ada))


@pytest.mark.parametrize("pasted", ["", "nonsense\n", None])
def test_without_a_terminal_nobody_is_waited_for(
    ada: Company, monkeypatch: pytest.MonkeyPatch, pasted: str | None
) -> None:
    monkeypatch.setattr("sys.stdin", None if pasted is None else io.StringIO(pasted))
    said = sign_in(ada, "--no-browser")
    assert (said.code, said.out) == (1, "")
    assert "this is no terminal" in said.err
    assert not kept(ada).exists()


def test_where_it_can_not_be_kept_nobody_is_asked_to_sign_in(ada: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("webbrowser.open", asked.append)
    said = sign_in(ada, "--keyring")
    assert (said.code, asked) == (1, [])
    assert "needs the keyring library" in said.err
    Path(ada.environ["XDG_CONFIG_HOME"]).write_text("a file where the folder should be")
    said = sign_in(ada)
    assert (said.code, asked) == (1, [])
    assert "The sign-in can't be kept" in said.err
    assert "This is a bug" not in said.err


def test_who_keeps_it_in_the_keyring_finds_it_there_the_next_time(
    ada: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries: dict[tuple[str, str], str] = {}
    fake = types.ModuleType("keyring")
    fake.get_password = lambda *entry: entries.get(entry)  # type: ignore[attr-defined]
    fake.set_password = lambda service, user, text: entries.update({(service, user): text})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", fake)
    assert "Kept in the keyring" in sign_in(ada, "--keyring").out
    first = dict(entries)
    assert "Kept in the keyring" in ada.say("login", "google").out
    assert entries.keys() == first.keys()
    assert entries != first
    assert not kept(ada).exists()
    assert f"Kept in {kept(ada)}" in " ".join(sign_in(ada, "--no-keyring").out.split())


@pytest.mark.parametrize(
    ("environ", "found"),
    [({}, False), ({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "wayland-0"}, True), ({"BROWSER": "true"}, True)],
)
def test_a_text_browser_of_a_server_is_none(
    environ: dict[str, str], found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webbrowser.get", lambda: object())
    monkeypatch.setattr(sys, "platform", "linux")
    assert login.has_browser(environ) is found


def test_no_browser_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    import webbrowser

    def none() -> None:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr("webbrowser.get", none)
    assert not login.has_browser({"DISPLAY": ":0"})


def test_a_night_with_a_sign_in_that_is_over_tells_ops_once_and_is_no_trouble_of_another_sheet(ada: Company) -> None:
    sign_in(ada)
    (ada.folder / "shop").mkdir()
    assert say("init", "--workbook", "okrs.xlsx", folder=ada.folder / "shop").code == 0
    assert say("layout", folder=ada.folder / "shop").code == 0
    before = ada.machine_cells()
    ada.services.google.tokens.consents.withdraw()
    with receiving() as ops:
        ada.environ["OPS"] = f"json://{ops.host}/ops"
        path = ada.folder / "config.yaml"
        path.write_text(path.read_text() + "alerts: {to: ['env:OPS']}\n")
        said = ada.say("run", "--json", "--config", "config.yaml", "--config", "shop/config.yaml")
    assert said.code == 1
    codes = {each["name"]: each["code"] for each in said.json["sheets"]}
    assert sorted(codes.values()) == [0, 1]
    assert len(ops.titles()) == 1
    assert "okr-sync login google" in ops.got[0][2]
    assert ada.machine_cells() == before
    assert not any(secret in said.text + str(ops.got) for secret in secrets_of(ada))
