"""A person's sign-in over real sockets: the consent page, the code, the refresh token, and their ends."""

import errno
import json
import os
import socket
import struct
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from connectors.google import READ_ONLY, GoogleRefused, open_session
from connectors.google_login import (
    Attempt,
    LoginRefused,
    fetch_login,
    is_answer,
    make_attempt,
    parse_answer,
    parse_client,
    revoke,
)
from connectors.google_login_store import LoginNotStored, apply_login, fetch_login_secret, find_login_file, forget_login
from connectors.google_reference import fetch_google_key
from connectors.google_ways import SPREADSHEETS
from connectors.secret import SecretMissing, redact
from connectors.testing import FakeTime
from sandbox.google import GoogleSheets
from sandbox.google_sign_in import PERSON
from sandbox.wire import Fault
from sync.care.login_door import open_door
from tests.contract.test_google_session import MASK, serving, write
from tests.support.consent import come_back, decide, open_page

HOME = "http://127.0.0.1:8085"


@pytest.fixture
def google() -> Iterator[tuple[GoogleSheets, Any]]:
    with serving() as (service, document):
        document.share(PERSON)
        yield service, document


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setitem(sys.modules, "keyring", None)
    return tmp_path / "home"


def attempt_at(service: GoogleSheets, redirect: str = HOME, **more: Any) -> Attempt:
    return make_attempt(parse_client(json.dumps(service.oauth_client())), redirect, **more)


def signed_in(service: GoogleSheets, **more: Any) -> dict[str, Any]:
    attempt = attempt_at(service, **more)
    return fetch_login(attempt, parse_answer(decide(attempt.address), attempt))


def reach(address: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=10)


def say_raw(address: str, line: str) -> bytes:
    """Send a line that no browser would; all that comes back."""
    with reach(address) as wire:
        wire.sendall(f"{line}\r\n\r\n".encode("latin-1"))
        return b"".join(iter(lambda: wire.recv(65536), b""))


def hang_up(address: str, path: str) -> None:
    """Ask for a page, and be gone before it comes: the connection is reset (SO_LINGER of no seconds)."""
    with reach(address) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wire.sendall(f"GET {path} HTTP/1.1\r\n\r\n".encode())


class TestFlow:
    def test_what_comes_of_it_reads_and_writes_sheets(self, google: Any) -> None:
        service, document = google
        apply_login(signed_in(service), keyring=False)
        session = open_session(fetch_google_key("login", {}), FakeTime().around(), endpoint=service.url)
        assert session.account == PERSON
        session.apply_batch(document.id, [write("by Ada")])
        session.close()

    def test_a_plan_reads_with_a_sign_in_that_may_write(self, google: Any) -> None:
        service, document = google
        apply_login(signed_in(service), keyring=False)
        key = fetch_google_key("login", {})
        session = open_session(key, FakeTime().around(), endpoint=service.url, scopes=(READ_ONLY,))
        session.fetch_spreadsheet(document.id, (), MASK)
        session.close()

    def test_one_for_reading_does_not_write(self, google: Any) -> None:
        service, document = google
        info = signed_in(service, read_only=True)
        assert READ_ONLY in info["scopes"]
        assert SPREADSHEETS not in info["scopes"]
        session = open_session(info, FakeTime().around(), endpoint=service.url)
        session.fetch_spreadsheet(document.id, (), MASK)
        with pytest.raises(GoogleRefused, match="leave out --read-only"):
            session.apply_batch(document.id, [write("x")])
        session.close()

    def test_no_more_rights_are_asked_for_than_are_needed(self, google: Any) -> None:
        service, _ = google
        who = ["openid", "https://www.googleapis.com/auth/userinfo.email"]
        assert open_page(attempt_at(service).address) == [*who, SPREADSHEETS]
        assert open_page(attempt_at(service, read_only=True).address) == [*who, READ_ONLY]

    def test_a_code_is_worth_nothing_without_its_verifier(self, google: Any) -> None:
        service, _ = google
        one, another = attempt_at(service), attempt_at(service)
        asked = parse_qs(urlsplit(one.address).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert one.verifier not in one.address
        assert len(one.verifier) >= 43
        assert (one.verifier, one.state) != (another.verifier, another.state)
        code = parse_answer(decide(one.address), one)
        with pytest.raises(LoginRefused, match="code verifier"):
            fetch_login(another, code)

    def test_a_code_is_good_once(self, google: Any) -> None:
        service, _ = google
        attempt = attempt_at(service)
        code = parse_answer(decide(attempt.address), attempt)
        fetch_login(attempt, code)
        with pytest.raises(LoginRefused, match="invalid_grant") as caught:
            fetch_login(attempt, code)
        assert code not in str(caught.value)

    def test_an_answer_to_another_attempt_is_none(self, google: Any) -> None:
        service, _ = google
        one, another = attempt_at(service), attempt_at(service)
        address = decide(one.address)
        assert is_answer(address, one)
        assert not is_answer(address, another)
        own = f"{HOME}/?state={another.state}"
        wrongs = (
            address,
            f"{HOME}/?code=4/0",
            "nonsense",
            "",
            "http://[",
            f"{HOME}/?code=1&state=\udcff",
            own,
            another.address,
        )
        for wrong in wrongs:
            assert not is_answer(wrong, another)
            with pytest.raises(LoginRefused, match="doesn't belong to this sign-in"):
                parse_answer(wrong, another)
        assert all(each.path != "/token" for each in service.requests)

    def test_who_says_no_has_not_signed_in(self, google: Any) -> None:
        service, _ = google
        attempt = attempt_at(service)
        with pytest.raises(LoginRefused, match="answered with no"):
            parse_answer(decide(attempt.address, "no"), attempt)

    def test_a_tick_that_was_taken_away_is_missed(self, google: Any) -> None:
        service, _ = google
        attempt = attempt_at(service)
        code = parse_answer(decide(attempt.address, without=SPREADSHEETS), attempt)
        with pytest.raises(LoginRefused, match="without the right to spreadsheets"):
            fetch_login(attempt, code)

    @pytest.mark.parametrize(
        ("fault", "said"),
        [
            ({"kind": "cut"}, "can't be reached"),
            ({"kind": "html"}, "something else than JSON"),
            ({"status": 307, "headers": {"Location": "http://127.0.0.1:9/token"}}, "refuses"),
            ({"status": 200, "body": {"scope": SPREADSHEETS, "access_token": "t"}}, "for an hour only"),
            ({"status": 200, "body": {"scope": "openid", "refresh_token": "t"}}, "without the right to spreadsheets"),
            ({"status": 200, "body": {"scope": 7, "refresh_token": [], "id_token": {}}}, "without the right"),
            ({"status": 200, "body": "[" * 100_000}, "something else than JSON"),
            ({"status": 200, "body": []}, "something else than expected"),
            ({"status": 401, "body": {"error": "invalid_client"}}, "doesn't know this OAuth client"),
        ],
    )
    def test_trouble_at_the_token_endpoint_is_said(self, google: Any, fault: Any, said: str) -> None:
        service, _ = google
        attempt = attempt_at(service)
        code = parse_answer(decide(attempt.address), attempt)
        service.faults.add(Fault(match="POST /token", **fault))
        with pytest.raises(LoginRefused, match=said):
            fetch_login(attempt, code)


class TestClient:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("no json", "no JSON of an OAuth client"),
            ("[]", "no JSON of an OAuth client"),
            ("[" * 100_000, "no JSON of an OAuth client"),
            ('{"installed": {"client_id": "1", "client_secret": "5ecret", "auth_uri": "https://[", "token_uri": "https://b"}}',
             "isn't https"),
            ("{}", "no JSON of an OAuth client"),
            ('{"type": "service_account", "client_id": "1"}', "no JSON of an OAuth client"),
            ('{"web": {"client_id": "1", "client_secret": "5ecret", "auth_uri": "https://a", "token_uri": "https://b"}}',
             "not Desktop app"),
            ('{"installed": {"client_id": "1", "client_secret": "5ecret", "auth_uri": "http://a.b", "token_uri": "https://c"}}',
             "isn't https"),
        ],
    )  # fmt: skip
    def test_what_is_none_is_refused_with_the_way_to_one(self, text: str, said: str) -> None:
        with pytest.raises(LoginRefused, match=said) as caught:
            parse_client(text)
        assert "Desktop app" in f"{caught.value.message} {caught.value.fix}"

    def test_nothing_of_it_prints(self, google: Any) -> None:
        service, _ = google
        info = signed_in(service)
        attempt = attempt_at(service)
        for secret in (info["refresh_token"], info["client_secret"], attempt.verifier):
            assert secret not in repr(attempt) + redact(f"x {secret} y")


class TestEnds:
    def test_who_took_it_back_is_told_to_sign_in_again_and_the_sheet_is_left_alone(self, google: Any) -> None:
        service, document = google
        apply_login(signed_in(service), keyring=False)
        service.tokens.consents.withdraw()
        session = open_session(fetch_google_key("login", {}), FakeTime().around(), endpoint=service.url)
        with pytest.raises(GoogleRefused, match=f"credentials of {PERSON}") as caught:
            session.apply_batch(document.id, [write("x")])
        session.close()
        assert "okr-sync login google" in (caught.value.fix or "")
        assert all("/v4/" not in each.path for each in service.requests)

    def test_revoking_ends_it(self, google: Any) -> None:
        service, _ = google
        info = signed_in(service)
        revoke(info)
        session = open_session(info, FakeTime().around(), endpoint=service.url)
        with pytest.raises(GoogleRefused):
            session.fetch_spreadsheet("1" * 44)
        session.close()
        revoke(info)  # over already: nothing to say
        for status, error in ((503, "backend_error"), (400, "invalid_request")):
            body = {"error": error, "error_description": f"not now, {info['refresh_token']}"}
            service.faults.add(Fault(match="/revoke", status=status, body=body))
            with pytest.raises(LoginRefused, match=f"refuses: {error}") as caught:
                revoke(info)
            assert info["refresh_token"] not in str(caught.value)
        with pytest.raises(LoginRefused, match="isn't https"):
            revoke(info | {"token_uri": "http://example.com/token"})
        service.faults.add(Fault(match="/revoke", kind="cut"))
        with pytest.raises(LoginRefused, match="can't be reached"):
            revoke(info)


INFO = {"type": "authorized_user", "refresh_token": "1//planted-5ecret"}


class TestStore:
    def test_the_file_is_its_owner_s_alone(self, home: Path) -> None:
        before = os.umask(0)
        try:
            place = apply_login(INFO, keyring=False)
            apply_login(INFO | {"account": "new"}, keyring=False)
        finally:
            os.umask(before)
        assert place == str(home / "okr-sync" / "google.json") == str(find_login_file())
        assert find_login_file().stat().st_mode & 0o777 == 0o600
        assert find_login_file().parent.stat().st_mode & 0o777 == 0o700
        assert json.loads(fetch_login_secret().reveal())["account"] == "new"
        assert [each.name for each in find_login_file().parent.iterdir()] == ["google.json"]

    def test_a_folder_that_can_not_be_written_is_named(self, home: Path) -> None:
        home.write_text("a file where the folder should be")
        with pytest.raises(LoginNotStored, match="can't be kept"):
            apply_login(INFO, keyring=False)

    @pytest.mark.parametrize("mask", [0o277, 0o377, 0o077, 0])
    def test_its_owner_can_read_it_whatever_the_umask(self, home: Path, mask: int) -> None:
        (home / "okr-sync").mkdir(parents=True)
        before = os.umask(mask)
        try:
            apply_login(INFO, keyring=False)
        finally:
            os.umask(before)
        assert find_login_file().stat().st_mode & 0o777 == 0o600

    def test_a_full_disk_leaves_the_old_one_and_nothing_else(self, monkeypatch: pytest.MonkeyPatch) -> None:
        apply_login(INFO, keyring=False)

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(LoginNotStored, match=r"google\.json: No space left"):
            apply_login(INFO | {"account": "new"}, keyring=False)
        assert json.loads(fetch_login_secret().reveal()) == INFO
        assert [each.name for each in find_login_file().parent.iterdir()] == ["google.json"]

    def test_two_at_once_are_both_kept_whole_the_later_one_last(self, monkeypatch: pytest.MonkeyPatch) -> None:
        replace, others = Path.replace, iter([INFO | {"account": "quick"}])

        def replace_late(new: Path, path: Path) -> None:
            for other in others:
                apply_login(other, keyring=False)
            replace(new, path)

        monkeypatch.setattr(Path, "replace", replace_late)
        apply_login(INFO | {"account": "slow"}, keyring=False)
        assert json.loads(fetch_login_secret().reveal())["account"] == "slow"
        assert [each.name for each in find_login_file().parent.iterdir()] == ["google.json"]

    def test_a_link_in_its_place_is_not_written_through(self, tmp_path: Path) -> None:
        apply_login(INFO, keyring=False)
        elsewhere = tmp_path / "elsewhere.json"
        elsewhere.write_text("{}")
        find_login_file().unlink()
        find_login_file().symlink_to(elsewhere)
        apply_login(INFO, keyring=False)
        assert elsewhere.read_text() == "{}"
        assert not find_login_file().is_symlink()

    def test_what_can_not_be_looked_at_or_deleted_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        apply_login(INFO, keyring=False)

        def refuse(*_: object, **__: object) -> NoReturn:
            raise PermissionError(errno.EACCES, "Permission denied")

        with monkeypatch.context() as patch:
            patch.setattr(Path, "stat", refuse)
            patch.setattr(Path, "read_text", refuse)
            with pytest.raises(SecretMissing, match=r"google\.json can't be read: Permission denied"):
                fetch_login_secret()
        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", refuse)
            with pytest.raises(LoginNotStored, match=r"google\.json can't be deleted: Permission denied"):
                forget_login()
        assert forget_login()

    @pytest.mark.parametrize("written", ["", "here"])
    def test_it_is_never_in_the_folder_where_somebody_happens_to_be(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str
    ) -> None:
        monkeypatch.setenv("XDG_CONFIG_HOME", written)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert find_login_file() == tmp_path / ".config" / "okr-sync" / "google.json"

    def test_a_user_without_a_home_is_told_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("XDG_CONFIG_HOME")
        monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as where no user has this number
        for call in (fetch_login_secret, lambda: apply_login(INFO, keyring=False)):
            with pytest.raises(SecretMissing, match="no home folder") as caught:
                call()
            assert "HOME" in (caught.value.fix or "")

    def test_nobody_who_signed_in_is_said_so(self) -> None:
        with pytest.raises(SecretMissing, match="Nobody has signed in") as caught:
            fetch_google_key("login", {})
        assert caught.value.fix == "Sign in: okr-sync login google."

    def test_the_keyring_takes_its_place(self, monkeypatch: pytest.MonkeyPatch) -> None:
        kept: dict[tuple[str, str], str] = {}
        fake = types.ModuleType("keyring")
        fake.get_password = lambda *entry: kept.get(entry)  # type: ignore[attr-defined]
        fake.set_password = lambda service, user, text: kept.update({(service, user): text})  # type: ignore[attr-defined]
        fake.delete_password = lambda *entry: kept.pop(entry)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "keyring", fake)
        apply_login(INFO, keyring=False)
        assert apply_login(INFO, keyring=True) == "the keyring"
        assert not find_login_file().exists()
        assert json.loads(fetch_login_secret().reveal()) == INFO
        assert forget_login()
        assert kept == {}
        assert not forget_login()

    def test_a_keyring_that_is_not_there_or_locked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(LoginNotStored, match="needs the keyring library"):
            apply_login(INFO, keyring=True)

        def locked(*_: str) -> None:
            raise RuntimeError("planted-5ecret")

        fake = types.ModuleType("keyring")
        fake.get_password = fake.set_password = locked  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "keyring", fake)
        with pytest.raises(LoginNotStored, match="Unlock it") as caught:
            apply_login(INFO, keyring=True)
        assert "5ecret" not in str(caught.value)
        with pytest.raises(SecretMissing, match="didn't answer"):
            fetch_login_secret()
        apply_login(INFO, keyring=False)
        assert forget_login()


class TestDoor:
    def test_only_the_answer_to_this_attempt_counts(self, google: Any) -> None:
        service, _ = google
        with open_door() as door:
            attempt = attempt_at(service, door.address)
            door.is_answer = lambda address: is_answer(address, attempt)
            strays = [come_back(f"{door.address}{path}") for path in ("/favicon.ico", "/?code=4/0&state=forged")]
            assert [each.status_code for each in strays] == [404, 404]
            with pytest.raises(TimeoutError):
                door.wait(0)
            page = come_back(decide(attempt.address))
            assert "Back to the terminal" in page.text
            assert page.headers["Referrer-Policy"] == "no-referrer"
            assert attempt.state not in page.text
            code = parse_answer(door.wait(5), attempt)
        assert fetch_login(attempt, code)["account"] == PERSON
        with pytest.raises(requests.ConnectionError):
            come_back(door.address)

    def test_a_connection_that_says_nothing_keeps_nobody_waiting(self) -> None:
        with open_door() as door:
            door.is_answer = lambda _: True
            with reach(door.address):
                come_back(f"{door.address}/?state=x")
                assert door.wait(5).endswith("/?state=x")

    def test_an_answer_counts_also_when_the_browser_hangs_up_at_once(self, capfd: pytest.CaptureFixture[str]) -> None:
        with open_door() as door:
            door.is_answer = lambda _: True
            hang_up(door.address, "/?state=x")
            assert door.wait(5).endswith("/?state=x")
        assert capfd.readouterr() == ("", "")

    @pytest.mark.parametrize(
        "line", ["GET [ HTTP/1.1", "POST /<script> HTTP/1.1", "<script>\x1b[31m / HTTP/1.1", "\0\xff"]
    )
    def test_what_is_no_request_is_no_matter_of_the_terminal(
        self, google: Any, capfd: pytest.CaptureFixture[str], line: str
    ) -> None:
        with open_door() as door:
            attempt = attempt_at(google[0], door.address)
            door.is_answer = lambda address: is_answer(address, attempt)
            said = say_raw(door.address, line)
            assert b"Nothing to see here" in said
            assert b"script" not in said
            assert b"x1b" not in said
            with pytest.raises(TimeoutError):
                door.wait(0)
            assert come_back(f"{door.address}/?error=x&state={attempt.state}").status_code == 200
            assert door.wait(5)
        assert capfd.readouterr() == ("", "")

    def test_its_page_loads_and_runs_nothing(self) -> None:
        with open_door() as door:
            page = come_back(f"{door.address}/?error=<script>alert(1)</script>")
        assert "script" not in page.text
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none';")
        assert page.headers["X-Content-Type-Options"] == "nosniff"

    def test_without_a_port_the_other_way_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def taken(*_: object) -> None:
            raise OSError(98, "Address already in use")

        monkeypatch.setattr("socketserver.TCPServer.server_bind", taken)
        with pytest.raises(LoginRefused, match="Address already in use") as caught, open_door():
            pass
        assert "--no-browser" in (caught.value.fix or "")

    def test_it_writes_no_log(self, capfd: pytest.CaptureFixture[str]) -> None:
        with open_door() as door:
            come_back(f"{door.address}/?code=4/0planted-5ecret")
        assert capfd.readouterr() == ("", "")
