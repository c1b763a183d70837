"""What ``init`` asks about one source: its kind, where it is, its secret, and what to begin with. Tried at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from sync.cli.asking import ask, ask_choice, ask_secret, good, say, until_good
from sync.cli.output import clean

if TYPE_CHECKING:
    from connectors.findings import Findings, Part
    from sync.care.first_hour import SheetAnswer
    from sync.care.first_source import SourceAnswer

FEW = 12  # names that are shown to choose from
NONE = "none"
_PARTS = {
    "jira": "project",
    "airtable": "table",
    "github": "repository",
    "google_sheet": "tab",
    "file": "table",
    "sql": "table",
}
KINDS = (*_PARTS, NONE)
_OTHERWISE = (
    "No column holds numbers. Are they written otherwise, 1.200,50 or 31.12.2026? Then add decimal: ',' and "
    "date_order: dmy under the source in config.yaml; okr-sync discover file shows what comes of it."
)


@dataclass
class SourceTalk:
    """Somebody who is asked about one source. What was answered before is the default of what is asked again."""

    sheet: SheetAnswer
    environ: dict[str, str]
    kind: str = NONE
    options: dict[str, str] = field(default_factory=dict)
    from_environ: set[str] = field(default_factory=set)

    def ask_all(self, attempt: Callable[[SourceAnswer], Findings]) -> tuple[SourceAnswer | None, tuple[str, ...]]:
        """The source that answered, and lines of a mapping to begin with; or none.

        ``attempt`` asks the source. The secret that was typed is put into ``environ``.
        """
        from connectors.registry import check_installed

        say("jira is Cloud or Data Center; file is CSV, Excel or JSON; sql is PostgreSQL, MariaDB, MySQL or SQLite. "
            "More can follow, and other kinds too: okr-sync discover lists them.")  # fmt: skip
        self.kind, _ = until_good(lambda: ask_choice("Source", KINDS, KINDS[0]), check_installed)
        if self.kind == NONE:
            return None, ()
        self.from_environ = {name for name, text in self.environ.items() if text}
        answer, found = until_good(self._ask_answer, attempt)
        good(f"{self.kind} answers; {_say_found(self.kind, found)}")
        if self.kind == "file" and not _has_numbers(found):
            say(_OTHERWISE)
        return answer, self._ask_part(found).mapping if found.parts else found.mapping

    def _ask_answer(self) -> SourceAnswer:
        asked = {
            "jira": self._ask_jira,
            "airtable": self._ask_airtable,
            "github": self._ask_github,
            "google_sheet": self._ask_google_sheet,
            "file": self._ask_file,
            "sql": self._ask_sql,
        }
        return asked[self.kind]()

    def _ask_jira(self) -> SourceAnswer:
        from sync.care.first_source import is_cloud, parse_site

        url = parse_site(ask("Address (https://acme.atlassian.net)", self.options.get("url")))
        which = "cloud"
        if not is_cloud(url):
            which = ask_choice("Which Jira", ("cloud", "datacenter"), self.options.get("deployment", "datacenter"))
        self.options.update(url=url, deployment=which)
        if which == "datacenter":
            return self._make({"url": url, "deployment": which}, "JIRA_TOKEN", "Personal access token")
        self.options["email"] = email = ask("E-mail of the account", self.options.get("email"))
        return self._make({"url": url, "email": email}, "JIRA_TOKEN")

    def _ask_airtable(self) -> SourceAnswer:
        from sync.care.first_source import parse_base

        self.options["base"] = text = ask("The base's address, or its id (app…)", self.options.get("base"))
        return self._make(parse_base(text), "AIRTABLE_TOKEN")

    def _ask_github(self) -> SourceAnswer:
        from sync.care.first_source import parse_repo

        self.options["repo"] = text = ask("The repository's address, or owner/name", self.options.get("repo"))
        return self._make(parse_repo(text), "GITHUB_TOKEN")

    def _ask_google_sheet(self) -> SourceAnswer:
        from sync.care.first_source import parse_table_sheet
        from sync.care.init import KEY_FILE

        self.options["sheet"] = text = ask("The address of the sheet with the numbers", self.options.get("sheet"))
        before = self.options.get("key") or self.sheet.key or KEY_FILE
        self.options["key"] = key = ask("Sign in by", before)
        return self._make(parse_table_sheet(text, key))

    def _ask_file(self) -> SourceAnswer:
        question = "A file, a folder of which the newest is read, or an https address"
        self.options["path"] = path = ask(question, self.options.get("path"))
        return self._make({"path": path})

    def _ask_sql(self) -> SourceAnswer:
        from connectors.secret import remember_secret
        from sync.care.first_source import parse_database

        written = ask("Address (postgresql://user@host/database, sqlite:///file.db)", self.options.get("url"))
        url, password = parse_database(written)
        self.options["url"] = url
        if url.startswith("sqlite"):
            return self._make({"url": url})
        if not password:
            return self._make({"url": url}, "DB_PASSWORD", "Password", "password")
        remember_secret(password)
        self.environ["DB_PASSWORD"] = password
        say("Its password goes into no file.")
        return self._answer({"url": url}, "DB_PASSWORD", "password")

    def _make(
        self, options: dict[str, str], variable: str = "", question: str = "Token", option: str = "token"
    ) -> SourceAnswer:
        """The answer, when its secret is asked for; or taken from the environment, the first time."""
        if not variable:
            return self._answer(options)
        before = self.environ.get(variable, "")
        if variable in self.from_environ:
            self.from_environ.discard(variable)
            say(f"The {option} is taken from {variable}, which is set.")
            return self._answer(options, variable, option)
        self.environ[variable] = ask_secret(question, before, enter="none" if option == "password" else "")
        return self._answer(options, variable if self.environ[variable] else "", option)

    def _answer(self, options: dict[str, str], variable: str = "", option: str = "token") -> SourceAnswer:
        from sync.care.first_source import SourceAnswer

        return SourceAnswer(self.kind, options, variable, option)

    def _ask_part(self, found: Findings) -> Part:
        from sync.care.first_hour import choose_part

        if len(found.parts) == 1:
            return found.parts[0]
        by_id = self.kind == "jira"
        for each in found.parts[:FEW]:
            click.echo(clean(f"    {each.id:<8} {each.name}" if by_id else f"    {each.name}"))
        if len(found.parts) > FEW:
            say(f"and {len(found.parts) - FEW} more.")
        first = next(each for each in found.parts if each.mapping == found.mapping)
        _, part = until_good(
            lambda: ask(f"{_PARTS[self.kind].capitalize()} to begin with", first.id if by_id else first.name),
            lambda text: choose_part(found, text),
        )
        return part


def _has_numbers(found: Findings) -> bool:
    return any(item.kind == "number" for listing in found.listings for item in listing.items)


def _say_found(kind: str, found: Findings) -> str:
    """How many parts there are; of a single table its columns, so that a date taken for a text is seen at once."""
    count = len(found.parts)
    if kind == "github":
        return "what it has is listed by okr-sync discover github"
    if count == 1 and kind in ("file", "google_sheet"):
        items = next(each.items for each in found.listings if each.title.endswith(f" of {found.parts[0].name}"))
        shown = ", ".join(f"{item.name} ({item.kind})" if item.kind else item.name for item in items[:FEW])
        return f"{found.parts[0].name} has {shown}{', …' if len(items) > FEW else ''}"
    word = {"repository": "repositories"}.get(_PARTS[kind], f"{_PARTS[kind]}s") if count != 1 else _PARTS[kind]
    return f"{count} {word}"
