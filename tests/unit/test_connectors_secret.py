"""Secrets: written as references, fetched with errors that name them, never seen."""

import copy
import json
import pickle
import sys
import types

import pytest
from pydantic import BaseModel, ValidationError

from connectors.secret import (
    Reference,
    Secret,
    SecretMissing,
    fetch_secret,
    fetch_secrets,
    parse_reference,
    redact,
    remember_secret,
)

VALUE = "hunter2-very-s3cret"


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("env:JIRA_TOKEN", Reference("env", "JIRA_TOKEN")),
        (" file:/run/secrets/jira ", Reference("file", "/run/secrets/jira")),
        ("file:~/key:1.json", Reference("file", "~/key:1.json")),
        ("keyring:okr-sync/ann@acme.example", Reference("keyring", "okr-sync/ann@acme.example")),
    ],
)
def test_references_are_read(text: str, reference: Reference) -> None:
    assert parse_reference(text) == reference
    assert str(reference) == text.strip()


@pytest.mark.parametrize(
    "text", [VALUE, "", "env:", "env:A B", "file:", "keyring:okr", "keyring:/x", "ENV:X", "vault:x"]
)
def test_anything_else_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"env:|keyring:") as caught:
        parse_reference(text)
    assert VALUE not in str(caught.value)


def test_the_environment(tmp_path: object) -> None:
    secret = fetch_secret("env:TOKEN", {"TOKEN": f" {VALUE}\n"})
    assert secret.reveal() == VALUE
    assert secret.reference == Reference("env", "TOKEN")
    with pytest.raises(SecretMissing, match=r"TOKEN is not set.*export TOKEN"):
        fetch_secret("env:TOKEN", {})
    with pytest.raises(SecretMissing, match="env:TOKEN is empty"):
        fetch_secret("env:TOKEN", {"TOKEN": " "})


def test_a_file_is_looked_for_beside_the_config(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "token").write_text(VALUE + "\n")
    (folder / "binary").write_bytes(b"\xff\xfe\x00")
    assert fetch_secret("file:token", {}, folder).reveal() == VALUE
    with pytest.raises(SecretMissing, match=r"no file .*nope"):
        fetch_secret("file:nope", {}, folder)
    with pytest.raises(SecretMissing, match="not text"):
        fetch_secret("file:binary", {}, folder)
    with pytest.raises(SecretMissing, match="can't be read"):
        fetch_secret("file:.", {}, folder)


def test_a_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = types.ModuleType("keyring")
    held = {("okr-sync", "ann"): VALUE}
    fake.get_password = lambda service, user: held.get((service, user))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", fake)
    assert fetch_secret("keyring:okr-sync/ann", {}).reveal() == VALUE
    with pytest.raises(SecretMissing, match="keyring set okr-sync bob"):
        fetch_secret("keyring:okr-sync/bob", {})

    def locked(*_: str) -> str:
        raise RuntimeError(VALUE)

    fake.get_password = locked  # type: ignore[attr-defined]
    with pytest.raises(SecretMissing, match="RuntimeError") as caught:
        fetch_secret("keyring:okr-sync/ann", {})
    assert VALUE not in str(caught.value)


def test_a_keyring_that_is_not_installed_names_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SecretMissing, match=r"pip install 'okr-sync\[keyring\]'"):
        fetch_secret("keyring:okr-sync/ann", {})


def test_a_secret_is_never_seen() -> None:
    secret = Secret(Reference("env", "TOKEN"), VALUE)
    shown = f"{secret} {secret!r} {secret!s:>40} {[secret]} { ({'a': secret}) } %s" % secret
    assert VALUE not in shown
    assert "env:TOKEN" in shown
    with pytest.raises(TypeError):
        json.dumps(secret)
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(secret)
    assert not hasattr(secret, "__dict__")
    assert copy.deepcopy(secret) is copy.copy(secret) is secret


def test_what_is_known_is_struck_out_of_texts() -> None:
    remember_secret("abcd")
    remember_secret("abcd-longer")
    remember_secret("no")  # too short: it would strike out half of every sentence
    assert redact("x abcd-longer y abcd z no") == "x ••• y ••• z no"


class Options(BaseModel):
    name: str = "x"
    token: Secret
    other: Secret | None = None


def test_a_form_takes_references_and_gets_values_later() -> None:
    written = Options.model_validate({"token": "env:TOKEN"})
    assert not written.token.is_fetched
    with pytest.raises(SecretMissing, match="env:TOKEN"):
        written.token.reveal()
    fetched = fetch_secrets(written, {"TOKEN": VALUE})
    assert fetched.token.reveal() == VALUE
    assert fetch_secrets(fetched, {}).token.reveal() == VALUE
    assert VALUE not in f"{fetched!r} {fetched.model_dump()} {fetched.model_dump_json()}"
    assert fetched.model_dump_json() == '{"name":"x","token":"env:TOKEN","other":null}'


@pytest.mark.parametrize("found", [VALUE, 12345, ["env:X"], None])
def test_a_form_refuses_a_secret_itself(found: object) -> None:
    with pytest.raises(ValidationError) as caught:
        Options.model_validate({"token": found})
    [error] = caught.value.errors(include_input=False)
    assert error["loc"] == ("token",)
    assert "env:" in error["msg"]
    assert VALUE not in error["msg"]


def test_a_form_s_schema_says_how_a_secret_is_written() -> None:
    assert Options.model_json_schema()["properties"]["token"]["pattern"].startswith("^(env|file|keyring)")
