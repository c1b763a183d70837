"""The way into a Jira site: which address, which login, one client for each thread. The only file that imports jira.

The jira library is used for its session and addresses only. Its searches ask for the site's fields and version
unbidden, cut long lists off silently, and answer ``None`` where they don't know the site (jira 3.10.5).

Four logins: an account's API token with its e-mail (Cloud, basic auth); a scoped token of one (Cloud, the same, but
at ``https://api.atlassian.com/ex/jira/CLOUD-ID`` only); an OAuth 2.0 or service account's token (Cloud, bearer, there
too); a personal access token (Data Center, bearer). The cloud id is what the site tells anybody at
``/_edge/tenant_info`` (Atlassian support, "401 unauthorized when using a scoped API token").
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.base import SourceMisread, SourceRefused, Surroundings
from connectors.once import Once
from connectors.reply import Asked, classify, parse_answer, parse_json
from connectors.secret import remember_secret
from connectors.wire import Wire

if TYPE_CHECKING:
    from jira import JIRA
    from requests import Response, Session

    from connectors.jira_forms import JiraOptions

_TIMEOUT = (5, 30)
_CLOUD_ID = re.compile(r"[0-9A-Za-z-]{8,64}")


class JiraDoor:
    """One site, asked by all threads of one run. Nothing is asked when it is made."""

    def __init__(self, name: str, options: JiraOptions, around: Surroundings) -> None:
        import jira  # noqa: F401 - loaded before the threads ask, not while one of them waits

        self.asked = Asked(name, urlsplit(options.url).netloc, str(options.token.reference))
        self.is_cloud = options.deployment == "cloud"
        self._options, self._around, self._once = options, around, Once()
        self._gated = self.is_cloud and "/ex/jira/" not in options.url and (options.scoped or not options.email)
        self._wire: Wire[JIRA] = Wire(
            self.asked, around, self._make_client, per_second=options.rate, close_client=lambda client: client.close()
        )
        self._outside: Wire[Session] = Wire(
            self.asked, around, self._make_stranger, close_client=lambda session: session.close()
        )

    def get(self, path: str, *, agile: bool = False, **params: Any) -> Any:
        """The JSON at a path below ``/rest/api/N/``, or below ``/rest/agile/1.0/``. Raises SourceError."""
        self._fetch_home()

        def fetch(client: JIRA) -> Any:
            url = client._get_url(path, client.AGILE_BASE_URL) if agile else client._get_url(path)
            return parse_json(client._session.get(url, params=params), self.asked)

        return self._wire.ask(fetch)

    def list(self, path: str, *, agile: bool = False, **params: Any) -> Any:
        """As ``get``, with the projects of Data Center, which come in one list, as Cloud's one page of them."""
        if path == "project/search" and not self.is_cloud:
            return {"values": self.get("project"), "isLast": True}
        return self.get(path, agile=agile, **params)

    def post(self, path: str, body: Mapping[str, Any], **params: Any) -> dict[str, Any]:
        """The JSON object that answers a body; only for what Jira reads by POST. Raises SourceError."""
        self._fetch_home()
        return self._wire.ask(
            lambda client: parse_answer(
                client._session.post(client._get_url(path), params=params, json=body), self.asked
            )
        )

    def close(self) -> None:
        """Give back the connections of all threads."""
        self._wire.close()
        self._outside.close()

    def _fetch_home(self) -> str:
        """The address that the API stands at; the gateway's has to be asked for once."""
        return self._once.get("home", self._fetch_gateway) if self._gated else self._options.url

    def _fetch_gateway(self) -> str:
        found = self._outside.ask(
            lambda session: parse_answer(
                session.get(f"{self._options.url}/_edge/tenant_info", timeout=self._timeout), self.asked
            )
        )
        cloud_id = found.get("cloudId")
        if not isinstance(cloud_id, str) or not _CLOUD_ID.fullmatch(cloud_id):
            raise SourceMisread(
                f"{self.asked.place} didn't say its cloud id.",
                fix=f"Check sources.{self.asked.source}.url: the site itself, https://acme.atlassian.net.",
            )
        return f"{self._options.gateway}/ex/jira/{cloud_id}"

    def _make_client(self) -> JIRA:
        """The library's client for one thread, made without a request."""
        from jira import JIRA

        email, token = self._options.email, self._options.token.reveal()
        if email:
            remember_secret(base64.b64encode(f"{email}:{token}".encode()).decode())
        client = JIRA(
            options={
                "server": self._fetch_home(),
                "rest_api_version": "3" if self.is_cloud else "2",
                "headers": {"User-Agent": self._around.user_agent},
            },
            basic_auth=(email, token) if email else None,
            token_auth=None if email else token,
            get_server_info=False,
            max_retries=0,
            timeout=self._timeout,
            logging=False,
        )
        # Without it the library's calls answer None or use a dead address.
        client.deploymentType = "Cloud" if self.is_cloud else "Server"
        client._session.hooks["response"].append(self._check)
        return client

    def _make_stranger(self) -> Session:
        """A session without credentials: the cloud id is asked for before anybody logs in."""
        import requests

        session = requests.Session()
        session.headers["User-Agent"] = self._around.user_agent
        session.auth = _no_login
        session.hooks["response"].append(lambda response, *_, **__: classify(response, self.asked, self._around.now()))
        return session

    @property
    def _timeout(self) -> Any:
        return self._around.extra.get("timeout", _TIMEOUT)

    def _check(self, response: Response, *_: Any, **__: Any) -> None:
        response.content  # noqa: B018 - read to its end, so that the connection can be used again
        if "AUTHENTICAT" in (reason := response.headers.get("X-Seraph-LoginReason", "")) and "OK" not in reason:
            who = self._options.email or f"the token {self.asked.credential}"
            raise SourceRefused(  # it may come with status 200 and only what anybody may see
                f"{self.asked.place} didn't accept the login of {who}.", fix=self._login_fix(), everything=True
            )
        if response.status_code == 401 and self.is_cloud:
            raise SourceRefused(f"{self.asked.place} answered 401.", fix=self._login_fix(), everything=True)
        classify(response, self.asked, self._around.now())

    def _login_fix(self) -> str:
        check = f"Check {self.asked.credential}"
        if not self.is_cloud:
            return f"{check}: the personal access token may be expired or revoked."
        if self._gated and not self._options.email:
            return f"{check}: it may be expired; an API token also needs the email of its account."
        if self._gated or "/ex/jira/" in self._options.url:
            return f"{check}: it may be expired, or lack the scopes read:jira-work and read:jira-user."
        return (
            f"{check}; a token with scopes also needs scoped: true. After many failed logins, log in once in a browser."
        )


def _no_login(request: Any) -> Any:
    """Keep requests from adding a login of a .netrc file."""
    return request
