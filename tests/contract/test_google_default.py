"""Application-default credentials: gcloud's file, a named file, the metadata server; real google-auth, real sockets."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.google import READ_ONLY, GoogleRefused, GoogleSession, open_session
from connectors.google_reference import GoogleKey, fetch_default, fetch_google_key, find_gcloud_file
from connectors.google_sheet import GoogleSheet
from connectors.google_sheet_forms import GoogleSheetOptions
from connectors.google_ways import CLOUD, EMAIL, SPREADSHEETS
from connectors.secret import SecretMissing, fetch_secrets, redact
from connectors.testing import FakeTime
from sandbox.google import ROBOT, GoogleSheets
from sandbox.google_document import Document
from sandbox.google_machine import Machine
from sandbox.server import Server
from sandbox.wire import Fault
from tests.contract.test_google_session import MASK, serving, write

ANN = "ann@acme.example"
FULL = " ".join((*EMAIL, CLOUD, SPREADSHEETS))


@contextmanager
def signed_in(service: GoogleSheets, environ: Mapping[str, str], **more: Any) -> Iterator[GoogleSession]:
    found = open_session(fetch_default(environ), FakeTime().around(), endpoint=service.url, **more)
    try:
        yield found
    finally:
        found.close()


@pytest.fixture
def google() -> Iterator[tuple[GoogleSheets, Document]]:
    with serving() as (service, document):
        document.share(ANN)
        yield service, document


def put(folder: Path, info: Mapping[str, Any]) -> dict[str, str]:
    """The variables of somebody whose gcloud keeps these credentials in a folder."""
    (folder / "application_default_credentials.json").write_text(json.dumps(info))
    return {"CLOUDSDK_CONFIG": str(folder)}


def refused(service: GoogleSheets, document: Document, environ: Mapping[str, str]) -> str:
    """What is said to do; nothing may have reached the sheet but a read."""
    with signed_in(service, environ) as session, pytest.raises(GoogleRefused) as caught:
        session.fetch_spreadsheet(document.id, (), MASK)
    assert caught.value.everything
    return f"{caught.value.message} {caught.value.fix}"


class TestGcloud:
    def test_a_person_reads_and_writes_on_the_quota_of_a_project(self, google: Any, tmp_path: Path) -> None:
        service, document = google
        environ = put(tmp_path, service.gcloud(ANN, FULL, "acme-okrs"))
        with signed_in(service, environ) as session:
            assert session.account == ""
            session.apply_batch(document.id, [write("by Ann")])
            assert session.account == ANN
        sent = [each for each in service.requests if "/v4/" in each.path]
        assert [each.headers["X-Goog-User-Project"] for each in sent] == ["acme-okrs"]

    def test_a_plan_reads_with_the_rights_that_were_granted(self, google: Any, tmp_path: Path) -> None:
        service, document = google
        with signed_in(service, put(tmp_path, service.gcloud(ANN, FULL, "p")), scopes=(READ_ONLY,)) as session:
            assert session.fetch_spreadsheet(document.id, (), MASK)["properties"]["title"] == "OKRs"

    def test_without_a_quota_project_the_command_is_named_and_a_variable_will_do(
        self, google: Any, tmp_path: Path
    ) -> None:
        service, document = google
        environ = put(tmp_path, service.gcloud(ANN, FULL))
        assert "gcloud auth application-default set-quota-project" in refused(service, document, environ)
        with signed_in(service, environ | {"GOOGLE_CLOUD_QUOTA_PROJECT": "acme-okrs"}) as session:
            session.fetch_spreadsheet(document.id, (), MASK)
        assert service.requests[-1].headers["X-Goog-User-Project"] == "acme-okrs"

    def test_a_project_that_the_person_may_not_use(self, google: Any, tmp_path: Path) -> None:
        service, document = google
        said = "Caller does not have required permission to use project acme. Grant the caller the role ..."
        body = {"error": {"code": 403, "message": said, "status": "PERMISSION_DENIED"}}
        service.faults.add(Fault(match="GET /v4", status=403, body=body))
        environ = put(tmp_path, service.gcloud(ANN, FULL, "acme"))
        assert "Service Usage Consumer" in refused(service, document, environ)

    def test_credentials_for_the_cloud_alone_name_the_login_with_scopes(self, google: Any, tmp_path: Path) -> None:
        service, document = google
        said = refused(service, document, put(tmp_path, service.gcloud(ANN, f"openid {CLOUD}", "p")))
        assert "gcloud auth application-default login --impersonate-service-account=" in said
        assert f"--scopes={','.join((*EMAIL, CLOUD, SPREADSHEETS))}" in said

    def test_what_the_person_took_back_is_to_be_given_again(self, google: Any, tmp_path: Path) -> None:
        service, document = google
        environ = put(tmp_path, info := service.gcloud(ANN, FULL, "p"))
        service.tokens.consents.withdraw()
        said = refused(service, document, environ)
        assert "Sign in again: gcloud auth application-default login" in said
        assert info["refresh_token"] not in said
        assert [each.path for each in service.requests] == ["/token"]

    def test_a_person_acts_as_the_service_account(self, google: Any, tmp_path: Path) -> None:
        service, document = google
        environ = put(tmp_path, info := service.impersonator(ANN))
        document.access.pop(ANN)
        with signed_in(service, environ) as session:
            assert session.account == ROBOT
            session.apply_batch(document.id, [write("by the robot")])
        token = info["source_credentials"]["refresh_token"]
        assert redact(f"a {token} b") == "a ••• b"

    def test_a_person_who_may_not_act_as_it_hears_of_the_role(self, google: Any, tmp_path: Path) -> None:
        service, document = google
        environ = put(tmp_path, service.impersonator(ANN))
        service.tokens._creators.clear()
        assert "Service Account Token Creator" in refused(service, document, environ)


class TestNamedFile:
    def test_it_goes_before_gcloud_s(self, google: Any, tmp_path: Path) -> None:
        service, document = google
        (tmp_path / "key.json").write_text(json.dumps(service.service_account()))
        environ = put(tmp_path, service.gcloud(ANN, FULL, "p"))
        environ |= {"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "key.json")}
        with signed_in(service, environ) as session:
            assert session.account == ROBOT
            session.fetch_spreadsheet(document.id, (), MASK)

    def test_one_that_is_not_there_is_no_reason_to_look_elsewhere(self, tmp_path: Path) -> None:
        environ = put(tmp_path, {}) | {"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "gone.json")}
        with pytest.raises(SecretMissing, match=r"gone\.json"):
            fetch_default(environ)

    @pytest.mark.parametrize(
        "info",
        [
            {"type": "external_account", "credential_source": {"executable": {"command": "/bin/sh"}}},
            {"type": "external_account_authorized_user", "refresh_token": "x"},
            {"type": "impersonated_service_account", "source_credentials": {"type": "nonsense"}},
            {"type": "authorized_user"},
            {"type": 7},
            {},
        ],
    )
    def test_one_that_can_not_be_used_or_names_a_program_is_refused_by_its_file(
        self, tmp_path: Path, info: dict[str, Any]
    ) -> None:
        with pytest.raises(GoogleRefused) as caught:
            open_session(fetch_default(put(tmp_path, info)), FakeTime().around())
        file = tmp_path / "application_default_credentials.json"
        assert caught.value.message.startswith(f"sheet.credentials (application-default: {file}): these credentials")

    def test_one_that_is_no_json_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "key.json").write_text("nothing")
        environ = {"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "key.json"), "GOOGLE_CLOUD_QUOTA_PROJECT": "p"}
        with pytest.raises(GoogleRefused, match=r"key\.json\) lead to something that is no JSON"):
            open_session(fetch_default(environ), FakeTime().around())


@pytest.fixture
def machine(google: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    service, _ = google
    found = Machine(service.tokens, clock=service.clock)
    with Server(found):
        monkeypatch.setattr("google.auth.compute_engine._metadata._GCE_METADATA_HOST", found.url.partition("//")[2])
        yield found
    assert found.failures == []


def of(machine: Machine, folder: Path) -> dict[str, str]:
    return {"CLOUDSDK_CONFIG": str(folder), "GCE_METADATA_HOST": machine.url.partition("//")[2]}


class TestMetadataServer:
    def test_its_service_account_needs_no_file(self, google: Any, machine: Machine, tmp_path: Path) -> None:
        service, document = google
        with signed_in(service, of(machine, tmp_path)) as session:
            assert session.account == ""
            session.apply_batch(document.id, [write("by the machine")])
            assert session.account == ROBOT
            session.fetch_spreadsheet(document.id, (), MASK)
        assert [each.path.rpartition("/")[2] for each in machine.requests] == ["", "", "token"]

    def test_a_virtual_machine_without_the_access_scope(self, google: Any, machine: Machine, tmp_path: Path) -> None:
        service, document = google
        machine.scopes = CLOUD
        said = refused(service, document, of(machine, tmp_path))
        assert "gcloud compute instances set-service-account" in said
        assert SPREADSHEETS in said

    def test_a_machine_without_a_service_account(self, google: Any, machine: Machine, tmp_path: Path) -> None:
        service, document = google
        machine.faults.add(Fault(match="/computeMetadata", status=404, body="not defined", times=None))
        assert "The machine may have no service account" in refused(service, document, of(machine, tmp_path))

    def test_one_that_falls_silent_is_asked_again(
        self, google: Any, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        service, document = google
        monkeypatch.setattr("google.auth._exponential_backoff.time.sleep", lambda _seconds: None)
        machine.faults.add(Fault(match="/computeMetadata", kind="cut", times=5))  # as often as google-auth tries
        with signed_in(service, of(machine, tmp_path)) as session:
            session.fetch_spreadsheet(document.id, (), MASK)
            assert session.account == ROBOT

    @pytest.mark.parametrize("trouble", ["nobody", "silence", "another", "forbidden"])
    def test_where_there_is_none_nobody_waits(
        self, google: Any, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
    ) -> None:
        service, document = google
        monkeypatch.setattr("connectors.google_sign_in._NEAR", (0.3, 0.3))
        environ = of(machine, tmp_path)
        environ |= {"GCE_METADATA_HOST": "127.0.0.1:9"} if trouble == "nobody" else {}
        environ |= {"NO_GCE_CHECK": "true"} if trouble == "forbidden" else {}
        if trouble == "silence":
            machine.faults.add(Fault(match="GET /", kind="timeout"))
        if trouble == "another":
            machine.faults.add(Fault(match="GET /", kind="html"))
        said = refused(service, document, environ)
        assert "GOOGLE_APPLICATION_CREDENTIALS isn't set" in said
        assert str(find_gcloud_file(environ)) in said
        assert "gcloud auth application-default login" in said
        assert len(machine.requests) == (trouble in {"silence", "another"})
        assert service.requests == []


def test_the_word_is_a_reference_and_prints_as_itself(tmp_path: Path) -> None:
    key = GoogleKey.parse(" application-default ")
    assert (str(key.reference), key.is_fetched) == ("application-default", False)
    environ = put(tmp_path, {"type": "authorized_user", "refresh_token": "planted-5ecret"})
    found = key.fetch(environ)
    assert found.reference.where == str(tmp_path / "application_default_credentials.json")
    assert str(found) == "Secret(application-default)"
    assert "5ecret" not in redact(found.reveal())
    (tmp_path / "key.json").write_text("{}")
    assert fetch_google_key("file:key.json", {}, tmp_path).reveal() == "{}"
    with pytest.raises(ValueError, match="doesn't stand in a config"):
        GoogleKey.parse("application-defaults")


def test_a_sheet_as_a_source_takes_the_word_too(google: Any, tmp_path: Path) -> None:
    service, document = google
    written = {"sheet": document.id, "credentials": "application-default", "url": service.url}
    options = fetch_secrets(GoogleSheetOptions.model_validate(written), put(tmp_path, service.gcloud(ANN, FULL, "p")))
    connector = GoogleSheet().make("numbers", options, FakeTime().around())
    connector.discover()
    assert service.requests[-1].status == 200
    connector.close()


def test_gcloud_s_file_lies_in_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert find_gcloud_file({}) == tmp_path / ".config" / "gcloud" / "application_default_credentials.json"
