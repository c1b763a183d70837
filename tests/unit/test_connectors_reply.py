"""What HTTP answers mean, in words that fit a report."""

from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from requests import exceptions as broken

from connectors.base import SourceError, SourceMisread, SourceRefused, SourceUnavailable
from connectors.reply import Asked, classify, never_sent, parse_answer, parse_json, transport, trimmed
from connectors.secret import remember_secret

ASKED = Asked("crm", "api.airtable.com", "env:AIRTABLE_TOKEN")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def response(status: int, body: str | bytes = "", **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made._content = body.encode() if isinstance(body, str) else body
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


@pytest.mark.parametrize("status", [200, 204, 302])
def test_good_answers_and_redirects_pass(status: int) -> None:
    classify(response(status), ASKED, NOW)


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (401, SourceRefused, "Check env:AIRTABLE_TOKEN"),
        (403, SourceRefused, "env:AIRTABLE_TOKEN permission"),
        (404, SourceMisread, "Check the url of crm"),
        (400, SourceMisread, "Correct the query"),
        (422, SourceMisread, "answered 422: Unknown field."),
        (429, SourceUnavailable, "left alone"),
        (408, SourceUnavailable, "408"),
        (500, SourceUnavailable, "crm (api.airtable.com) answered 500: Unknown field."),
        (503, SourceUnavailable, "503"),
    ],
)
def test_each_status_says_what_to_do(status: int, kind: type[SourceError], said: str) -> None:
    with pytest.raises(kind) as caught:
        classify(response(status, '{"error": {"type": "X", "message": "Unknown field"}}'), ASKED, NOW)
    assert said in str(caught.value)
    assert getattr(caught.value, "everything", False) == (status == 401)


@pytest.mark.parametrize(("quota", "told", "wait"), [(30, None, 30), (30, "5", 30), (30, "45", 45), (0, None, None)])
def test_a_429_waits_for_the_quota_at_the_least(quota: float, told: str | None, wait: float | None) -> None:
    headers = {"Retry_After": told} if told else {}
    with pytest.raises(SourceUnavailable) as caught:
        classify(response(429, **headers), Asked("crm", quota_wait=quota), NOW)
    assert caught.value.retry_after == wait


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"errorMessages": ["A.", "B."], "errors": {}}', "A. B."),
        ('{"errorMessages": [], "errors": {"jql": "bad"}}', "bad"),
        ('{"error": "NOT_FOUND"}', "NOT_FOUND"),
        ('{"errors": [{"error": "RATE", "message": "Slow down"}]}', "Slow down"),
        (
            '{"error": {"code": 400, "message": "Invalid requests[0]", "status": "INVALID_ARGUMENT"}}',
            "Invalid requests[0]",
        ),
        ("<html><head>" + "x" * 9000, "answered 400."),
        ('"text"', "text"),
        ("", "answered 400."),
        ("[[[", "answered 400."),
    ],
)
def test_vendors_messages_are_found(body: str, said: str) -> None:
    with pytest.raises(SourceMisread) as caught:
        classify(response(400, body), ASKED, NOW)
    assert said in caught.value.message
    assert len(caught.value.message) < 300


def test_messages_are_one_short_line_without_markup_and_secrets() -> None:
    remember_secret("s3cret-in-a-message")
    shown = trimmed("<b>Bad</b>\n\n token s3cret-in-a-message " + "y" * 999)
    assert shown.startswith("Bad token ••• yyy")
    assert len(shown) == 240
    assert "\n" not in shown


def test_numbers_are_exact() -> None:
    found = parse_answer(response(200, '{"a": 0.1, "b": 12345678901234567.89, "c": 7}'), ASKED)
    assert [str(value) for value in found.values()] == ["0.1", "12345678901234567.89", "7"]


@pytest.mark.parametrize(
    ("made", "kind", "said"),
    [
        (response(200, "<!DOCTYPE html><html>", Content_Type="text/html"), SourceMisread, "login page"),
        (response(200, "  <html>"), SourceMisread, "login page"),
        (response(200, '{"a": [1, 2'), SourceUnavailable, "cut off"),
        (response(200, ""), SourceUnavailable, "cut off"),
        (response(200, b'{"a": "\xff'), SourceUnavailable, "cut off"),
        (response(200, "[1]"), SourceMisread, "no JSON object"),
        (response(200, "null"), SourceMisread, "no JSON object"),
    ],
)
def test_what_is_no_json_object(made: requests.Response, kind: type[SourceError], said: str) -> None:
    with pytest.raises(kind, match=said):
        parse_answer(made, ASKED)


def test_other_json_may_be_asked_for() -> None:
    assert parse_json(response(200, "[1]"), ASKED) == [1]


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (broken.ReadTimeout("x"), SourceUnavailable, "no answer in time"),
        (broken.ConnectTimeout("x"), SourceUnavailable, "no answer in time"),
        (broken.ConnectionError("NewConnectionError(...)"), SourceUnavailable, "connection refused"),
        (broken.ConnectionError("NameResolutionError(...)"), SourceUnavailable, "unknown host name"),
        (broken.ConnectionError("RemoteDisconnected(...)"), SourceUnavailable, "connection cut"),
        (broken.ChunkedEncodingError("IncompleteRead(3)"), SourceUnavailable, "answer cut off"),
        (broken.SSLError("CERTIFICATE_VERIFY_FAILED"), SourceMisread, "REQUESTS_CA_BUNDLE"),
        (broken.SSLError("UNEXPECTED_EOF"), SourceUnavailable, "broke"),
        (broken.InvalidURL("x"), SourceMisread, "Correct the url"),
        (broken.TooManyRedirects("x"), SourceMisread, "leads nowhere"),
        (broken.JSONDecodeError("x", "y", 0), SourceUnavailable, "cut off"),
        (SourceRefused("ours"), SourceRefused, "ours"),
    ],
)
def test_what_breaks_on_the_way(error: Exception, kind: type[SourceError], said: str) -> None:
    with pytest.raises(kind) as caught, transport(ASKED):
        raise error
    assert said in str(caught.value)
    assert "https://" not in caught.value.message


def test_a_bug_is_not_dressed_up_as_trouble_on_the_way() -> None:
    with pytest.raises(KeyError), transport(ASKED):
        raise KeyError("x")


@pytest.mark.parametrize(
    ("error", "unsent"),
    [
        (broken.ConnectTimeout("x"), True),
        (broken.ConnectionError("NewConnectionError: refused"), True),
        (broken.ConnectionError("NameResolutionError"), True),
        (broken.ConnectionError("RemoteDisconnected"), False),
        (broken.ReadTimeout("x"), False),
        (None, False),
    ],
)
def test_whether_a_request_can_have_been_seen(error: Any, unsent: bool) -> None:
    assert never_sent(error) is unsent
