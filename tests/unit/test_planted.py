"""The search for planted secrets finds them: in every form, in every place, cut short, and packed."""

import base64
import html
import io
import json
import re
import zipfile
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from connectors.secret import redact, remember_secret
from tests.support.planted import basic, find_leaks, read_files

TOKEN = "p\"a's/s&w<ö>rd+7 =\\x%40-end"
FORMS = {
    "as it is": TOKEN,
    "JSON": json.dumps({"token": TOKEN}),
    "JSON as UTF-8": json.dumps({"token": TOKEN}, ensure_ascii=False),
    "JSON in JSON": json.dumps(json.dumps({"token": "plain-token-0123456789"})),
    "an address": f"https://acme.example/?key={quote(TOKEN, safe='')}",
    "a path": quote(TOKEN),
    "a form": quote_plus(TOKEN),
    "a page": f"<b>{html.escape(TOKEN)}</b>",
    "Python": repr([TOKEN]),
    "Base64": base64.b64encode(TOKEN.encode()).decode(),
    "Base64 for addresses": base64.urlsafe_b64encode(TOKEN.encode()).decode(),
    "its beginning": TOKEN[:14],
    "its end": TOKEN[-14:],
}
STRUCK = [form for form in FORMS if not form.startswith("its ")]
SECRETS = {"the token": TOKEN, "another": "plain-token-0123456789"}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_found(form: str) -> None:
    found = find_leaks({"stdout": "all is well", "stderr": f"it says {FORMS[form]} there"}, SECRETS)
    assert found
    assert all(leak.startswith("stderr: ") for leak in found)


@pytest.mark.parametrize("form", STRUCK)
def test_every_form_is_struck_out(form: str) -> None:
    for secret in SECRETS.values():
        remember_secret(secret)
    assert find_leaks({"stdout": redact(f"it says {FORMS[form]} there")}, SECRETS) == []


def test_small_letters_in_an_address_are_struck_out_too() -> None:
    remember_secret(TOKEN)
    small = re.sub("%..", lambda found: found[0].lower(), quote(TOKEN, safe=""))
    assert redact(f"?key={small}&x=1") == "?key=•••&x=1"


def test_files_are_searched_and_what_is_packed_in_them(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/comments1.xml", f"<t>{html.escape(TOKEN)}</t>")
        file.writestr("xl/sharedStrings.xml", "<t>nothing</t>")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "okrs.xlsx").write_bytes(packed.getvalue())
    (tmp_path / "token.txt").write_text(TOKEN)
    found = find_leaks(read_files(tmp_path, frozenset({"token.txt"})), SECRETS)
    assert found
    assert all(leak.startswith("deep/okrs.xlsx/xl/comments1.xml: the token") for leak in found)
    assert find_leaks(read_files(tmp_path, frozenset()), SECRETS) != found


def test_a_basic_authentication_is_found() -> None:
    shown = {"log": f"Authorization: Basic {basic('ann@acme.example', TOKEN)}"}
    assert find_leaks(shown, {"basic": basic("ann@acme.example", TOKEN)})


@pytest.mark.parametrize("text", ["ya29.c.abcdefghijklmnopqrstuvwxyz", "-----BEGIN PRIVATE KEY-----"])
def test_what_google_hands_out_is_found(text: str) -> None:
    assert find_leaks({"log": f"it says {text} there"}, {})


def test_a_signed_assertion_is_found_and_struck_out() -> None:
    signed = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (
        b'{"alg": "RS256", "typ": "JWT"}', b'{"iss": "robot@acme.example"}', b"0123456789abcdef" * 16
    ))  # fmt: skip
    assert find_leaks({"log": f"assertion={signed}&grant_type=x"}, {})
    assert redact(f"assertion={signed}&grant_type=x") == "assertion=•••&grant_type=x"
