"""A person's sign-in over real sockets: the consent page, the code, the refresh token, and their ends."""

import json
import os
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any
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
        for wrong in (address, f"{HOME}/?code=4/0", "nonsense", ""):
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
        import socket

        with open_door() as door:
            door.is_answer = lambda _: True
            with socket.create_connection(("127.0.0.1", int(door.address.rpartition(":")[2]))):
                come_back(f"{door.address}/?state=x")
                assert door.wait(5).endswith("/?state=x")

    def test_it_writes_no_log(self, capfd: pytest.CaptureFixture[str]) -> None:
        with open_door() as door:
            come_back(f"{door.address}/?code=4/0planted-5ecret")
        assert capfd.readouterr() == ("", "")
