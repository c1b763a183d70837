"""Somebody with a browser in front of Google's consent page."""

from __future__ import annotations

import re
from html import unescape

import requests


def open_page(address: str) -> list[str]:
    """The rights that the page asks for."""
    with requests.Session() as browser:
        page = browser.get(address, timeout=10)
    assert page.status_code == 200, page.text
    return [unescape(found) for found in re.findall(r'name="scope" value="([^"]+)"', page.text)]


def decide(address: str, answer: str = "yes", *, without: str = "nothing", email: str = "") -> str:
    """Answer the page; the address to which it sends the browser. ``without`` is a right whose tick is taken away."""
    scopes = [scope for scope in open_page(address) if scope != without]
    form = {"answer": answer, "scope": scopes, "email": email or "ada.lovelace@acme.example"}
    with requests.Session() as browser:
        sent = browser.post(address, data=form, timeout=10, allow_redirects=False)
    assert sent.status_code == 302, sent.text
    return sent.headers["Location"]


def come_back(address: str) -> requests.Response:
    """Go where the page sent the browser."""
    with requests.Session() as browser:
        return browser.get(address, timeout=10)
