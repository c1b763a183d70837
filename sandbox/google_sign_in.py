"""How accounts sign in: their files, the token endpoint, and the one call of IAM Credentials that workloads make."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from sandbox.google_consent import CLIENT, CLIENT_SECRET, GCLOUD_CLIENT, SCOPES, OAuthError
from sandbox.google_consent_page import render_consent
from sandbox.google_error import ApiError
from sandbox.google_schema import Json
from sandbox.google_token import CLOUD, Tokens, private_pem
from sandbox.wire import Service, json_response, route

PERSON = "ada.lovelace@acme.example"
"""Somebody who keeps OKRs, and is offered on the consent page."""

ROBOT = "okr-sync@acme-okrs.iam.gserviceaccount.com"


class SignIns(Service):
    """The part of the stand-in that knows accounts."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.tokens = Tokens(self.clock.now)
        self.tokens.know(ROBOT)
        self.people = [PERSON]

    def service_account(self, email: str = ROBOT) -> dict[str, str]:
        """Return a service account as its JSON file holds it; its ``token_uri`` is this server."""
        self.tokens.know(email)
        return {
            "type": "service_account",
            "project_id": "acme-okrs",
            "private_key_id": "sandbox",
            "private_key": private_pem(),
            "client_email": email,
            "client_id": "100000000000000000000",
            "auth_uri": f"{self.url}/auth",
            "token_uri": f"{self.url}/token",
            "auth_provider_x509_cert_url": f"{self.url}/certs",
            "client_x509_cert_url": f"{self.url}/cert",
            "universe_domain": "googleapis.com",
        }

    def authorized_user(self, email: str, client: str = CLIENT, scopes: str = SCOPES) -> dict[str, str]:
        """Return what a person's consent leaves in a file; its refresh token works at ``token_uri``, this server."""
        return {
            "type": "authorized_user",
            "client_id": client,
            "client_secret": CLIENT_SECRET,
            "refresh_token": self.tokens.consents.offer(email, client, scopes),
            "token_uri": f"{self.url}/token",
            "universe_domain": "googleapis.com",
            "account": email,
        }

    def oauth_client(self) -> dict[str, dict[str, Any]]:
        """Return an OAuth client of the type Desktop app as the console offers it for download."""
        return {
            "installed": {
                "client_id": CLIENT,
                "project_id": "acme-okrs",
                "auth_uri": f"{self.url}/o/oauth2/auth",
                "token_uri": f"{self.url}/token",
                "auth_provider_x509_cert_url": f"{self.url}/certs",
                "client_secret": CLIENT_SECRET,
                "redirect_uris": ["http://localhost"],
            }
        }

    def gcloud(self, email: str, scopes: str = SCOPES, project: str = "") -> dict[str, str]:
        """Return what ``gcloud auth application-default login`` writes; gcloud leaves ``account`` empty."""
        info = self.authorized_user(email, GCLOUD_CLIENT, scopes) | {"account": ""}
        return info | ({"quota_project_id": project} if project else {})

    def impersonator(self, email: str, account: str = ROBOT) -> dict[str, Any]:
        """Return what gcloud writes with ``--impersonate-service-account``: a person who acts as a service account."""
        self.tokens.let_act(email, account)
        return {
            "type": "impersonated_service_account",
            "service_account_impersonation_url": self._impersonation(account),
            "delegates": [],
            "source_credentials": self.authorized_user(email, GCLOUD_CLIENT, CLOUD),
        }

    def workload(self, token_file: str, subject: str, email: str = ROBOT) -> dict[str, Any]:
        """Return an external account's JSON: no key, but a file into which a platform writes a token of its own."""
        self.tokens.know(email)
        self.tokens.trust(subject, email)
        return {
            "type": "external_account",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/acme/providers/cluster",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": f"{self.url}/token",
            "service_account_impersonation_url": self._impersonation(email),
            "credential_source": {"file": token_file},
            "universe_domain": "googleapis.com",
        }

    def _impersonation(self, account: str) -> str:
        return f"{self.url}/v1/projects/-/serviceAccounts/{account}:generateAccessToken"

    @route("GET", "/o/oauth2/auth")
    def consent(self, request: Request) -> Response:
        """Show the page on which somebody lets a program in. It asks no password: this is loopback."""
        asked = dict(request.args.items())
        if problem := self.tokens.consents.check_asked(asked):
            return Response(f"Error 400: {problem}", 400, content_type="text/plain")
        return Response(render_consent(asked, self.people), content_type="text/html; charset=utf-8")

    @route("POST", "/o/oauth2/auth")
    def decide(self, request: Request) -> Response:
        """Send the browser back with a code for what was left ticked, or with a no."""
        asked, form = dict(request.args.items()), request.form
        if problem := self.tokens.consents.check_asked(asked):
            return Response(f"Error 400: {problem}", 400, content_type="text/plain")
        told = {"state": asked["state"]} if "state" in asked else {}
        if form.get("answer") == "yes":
            scopes = " ".join(form.getlist("scope"))
            told |= {"code": self.tokens.consents.make_code(form["email"], asked, scopes), "scope": scopes}
        else:
            told |= {"error": "access_denied"}
        return Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{urlencode(told)}"})

    @route("POST", "/revoke")
    def revoke(self, request: Request) -> Json | Response:
        """End what somebody allowed, as https://developers.google.com/identity/protocols/oauth2/native-app says."""
        if self.tokens.consents.revoke(request.form.get("token", "")):
            return {}
        return json_response({"error": "invalid_token", "error_description": "Token expired or revoked"}, 400)

    @route("POST", "/token")
    def token(self, request: Request) -> Json | Response:
        """Exchange a JWT or a refresh token for an access token."""
        try:
            return self.tokens.grant(dict(request.form.items()))
        except OAuthError as error:
            return json_response(error.body, 401 if error.body["error"] == "invalid_client" else 400)

    @route("POST", "/v1/projects/-/serviceAccounts/<email>:generateAccessToken")
    def impersonate(self, request: Request, email: str) -> Json | Response:
        """Serve the one call of IAM Credentials that workload identity makes."""
        scope = " ".join((request.get_json(silent=True) or {}).get("scope", ()))
        try:
            return self.tokens.impersonate(email, request.headers.get("Authorization"), scope)
        except ApiError as error:
            return json_response(error.body(), error.code)
