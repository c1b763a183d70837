"""The consent page: which account, which rights; each right has a tick of its own, as Google's page has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

_WORDS = {
    "openid": "Know who you are",
    "https://www.googleapis.com/auth/userinfo.email": "See your e-mail address",
    "https://www.googleapis.com/auth/spreadsheets": "See, edit, create and delete all your Google Sheets spreadsheets",
    "https://www.googleapis.com/auth/spreadsheets.readonly": "See all your Google Sheets spreadsheets",
}
_IDENTITY = ("openid", "https://www.googleapis.com/auth/userinfo.email")
_PAGE = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in: the sandbox</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 10vh auto; padding: 0 1rem; color: #1f2937 }}
form {{ border: 1px solid #d1d5db; border-radius: 12px; padding: 1.5rem }}
label {{ display: block; margin: .6rem 0 }}
select, button {{ font: inherit; padding: .4rem .9rem }}
.note {{ color: #6b7280; font-size: .9rem }}
</style>
<form method="post">
<h1 style="font-size: 1.3rem; margin-top: 0">A program wants to access your Google Account</h1>
<p class="note">This is okr-sync's sandbox, not Google. No password is needed.</p>
<label>Account <select name="email">{people}</select></label>
{rights}
<p><button name="answer" value="yes">Continue</button> <button name="answer" value="no">Cancel</button></p>
</form></html>
"""


def render_consent(asked: Mapping[str, str], people: Iterable[str]) -> str:
    """Return the page. The form goes back to its own address, which says what was asked."""
    options = "".join(f"<option>{escape(each)}</option>" for each in people)
    return _PAGE.format(people=options, rights="\n".join(map(_right, asked.get("scope", "").split())))


def _right(scope: str) -> str:
    words, name = escape(_WORDS.get(scope, scope)), escape(scope)
    if scope in _IDENTITY:
        return f'<input type="hidden" name="scope" value="{name}"><p class="note">{words}</p>'
    return f'<label><input type="checkbox" name="scope" value="{name}" checked> {words}</label>'
