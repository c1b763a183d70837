"""The metadata server of a Google Cloud machine: who it is, and a token for its service account.

https://cloud.google.com/compute/docs/metadata/overview. Cloud Run gives a token for the scopes that are asked for; a
virtual machine one for its access scopes, whatever is asked (``scopes``).
"""

from __future__ import annotations

from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from sandbox.google_sign_in import ROBOT
from sandbox.google_token import Tokens
from sandbox.wire import Service, json_response, route

_FLAVOUR = {"Metadata-Flavor": "Google"}
_ACCOUNTS = "/computeMetadata/v1/instance/service-accounts"


class Machine(Service):
    """The stand-in. ``tokens`` are those of the stand-in of Google Sheets that they are for."""

    name: ClassVar[str] = "metadata server"

    def __init__(self, tokens: Tokens, *args: Any, email: str = ROBOT, scopes: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.tokens, self.email, self.scopes = tokens, email, scopes

    @route("GET", "/")
    def root(self, _request: Request) -> Response:
        """Say in the header what this is."""
        return Response("computeMetadata/\n", headers=_FLAVOUR, content_type="application/text")

    @route("GET", f"{_ACCOUNTS}/<account>/")
    def account(self, request: Request, account: str) -> Response:
        """Describe the service account."""
        scopes = self.scopes.split() or ["https://www.googleapis.com/auth/cloud-platform"]
        return self._told(request, {"aliases": [account], "email": self.email, "scopes": scopes})

    @route("GET", f"{_ACCOUNTS}/<account>/token")
    def token(self, request: Request, account: str) -> Response:
        """Hand out a token."""
        asked = request.args.get("scopes", "").replace(",", " ")
        return self._told(request, self.tokens.give(self.email, self.scopes or asked))

    def _told(self, request: Request, found: dict[str, Any]) -> Response:
        """Answer those who say the password that browsers can't be made to say."""
        if request.headers.get("Metadata-Flavor") != "Google":
            return Response("Missing Metadata-Flavor:Google header.", 403, headers=_FLAVOUR)
        answer = json_response(found)
        answer.headers.update(_FLAVOUR)
        return answer
