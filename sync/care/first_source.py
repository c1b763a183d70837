"""The first source: what a person pastes, as options of a config. Pure.

People paste what stands in their browser: an issue's page for a site, a repository's page, a database's address with
its password in it. What can be understood is taken; the password never gets into a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from connectors.google_reference import WORDS
from sync.care.init import InitRefused, parse_google, quoted

AIRTABLE_HOST, GITHUB_HOST, GOOGLE_HOST = "airtable.com", "github.com", "docs.google.com"
_CLOUD = ".atlassian.net"
_BASE = re.compile(r"\bapp[A-Za-z0-9]{14}\b")
_SHEET = re.compile(r"/spreadsheets/(?:u/\d+/)?d/([\w-]{20,})")
_PAGES = re.compile(r"/(browse|secure|projects|issues|plugins|login\.jsp)(/.*|\.jspa.*)?$")  # below Jira's own address
_REFERENCE = re.compile(r"(env|file|keyring):\S+")


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """One source: its kind, its options as they are written, and the variable that holds its secret; never the secret.

    ``option`` is the key under which the variable stands: token, password.
    """

    kind: str
    options: Mapping[str, str]
    variable: str = ""
    option: str = "token"

    def render(self) -> str:
        """The lines under ``sources``."""
        lines = [f"  {self.kind}:", f"    kind: {self.kind}"]
        lines += [f"    {name}: {quoted(text)}" for name, text in self.options.items()]
        if self.variable:
            lines.append(f"    {self.option}: env:{self.variable}  # the variable that holds it")
        return "\n".join([*lines, ""])


def other_host(address: str, usual: str) -> str:
    """The server of an address that isn't the usual one: the sandbox, or a server of one's own."""
    parts = urlsplit(address.strip())
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc and parts.netloc != usual else ""


def parse_base(text: str) -> dict[str, str]:
    """The options that an Airtable base's address or id stands for; ``url`` where it isn't Airtable's own server."""
    found = _BASE.search(text)
    other = other_host(text, AIRTABLE_HOST)
    return {"base": found[0] if found else text.strip(), **({"url": other} if other else {})}


def parse_site(text: str) -> str:
    """A Jira site's own address, from that of any of its pages. Data Center may stand below a path, such as /jira."""
    text = text.strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    path = "" if is_cloud(text) else _PAGES.sub("", parts.path).rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def is_cloud(site: str) -> bool:
    """Whether an address is Atlassian's own. Any other may be Cloud behind a name of one's own, or Data Center."""
    return (urlsplit(site if "://" in site else f"https://{site}").hostname or "").endswith(_CLOUD)


def parse_repo(text: str) -> dict[str, str]:
    """The options that a repository's address or name stands for; ``url`` where it isn't on GitHub's own server.

    Raises:
        InitRefused: it names no repository.
    """
    text = text.strip().removeprefix(f"{GITHUB_HOST}/")
    names = [name for name in (urlsplit(text).path if "://" in text else text).split("/") if name]
    if len(names) < 2:
        raise InitRefused("That is no repository.", fix="Write owner/name, such as acme/web, or paste its address.")
    other = other_host(text, GITHUB_HOST)
    repo = f"{names[0]}/{names[1].removesuffix('.git')}"
    return {"repo": repo, **({"url": f"{other}/api/v3"} if other else {})}


def parse_table_sheet(text: str, key: str) -> dict[str, str]:
    """The options of a Google sheet that numbers are read from. ``key`` is how to sign in: a path, a reference, or a
    word for what this machine has of its own.

    Raises:
        InitRefused: it is no sheet's address.
    """
    address = parse_google(text)
    other, found = other_host(address, GOOGLE_HOST), _SHEET.search(address)
    options = {
        "sheet": found[1] if other and found else address,
        "credentials": key if _REFERENCE.fullmatch(key) or key in WORDS else f"file:{key}",
    }
    return {**options, **({"url": other} if other else {})}


def parse_database(text: str) -> tuple[str, str]:
    """A database's address without its password, and the password that stood in it. ``postgres://`` is PostgreSQL."""
    parts = urlsplit(text.strip())
    scheme = "postgresql" if parts.scheme == "postgres" else parts.scheme
    if not parts.password:
        return re.sub(r"^postgres://", "postgresql://", text.strip()), ""
    login, _, host = parts.netloc.rpartition("@")
    bare = parts._replace(scheme=scheme, netloc=f"{login.partition(':')[0]}@{host}")
    return urlunsplit(bare), unquote(parts.password)
