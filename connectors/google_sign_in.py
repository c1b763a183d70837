"""As whom okr-sync acts at Google: credentials become the headers of a call. The only file that imports google-auth.

No AuthorizedSession: it sends requests again by itself, and before the first one google-auth 2.62 asks
iamcredentials.googleapis.com where the account may be used from (_regional_access_boundary_utils).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors.clock import SET_CLOCK, ServerClock, is_off, say_off
from connectors.google_key import GoogleRefused, GoogleUnavailable, Settings
from connectors.google_reference import DEFAULT
from connectors.google_reference import MACHINE as MACHINE_TYPE
from connectors.google_ways import CLOUD, GCLOUD, IMPERSONATE, IMPERSONATED, KEY, MACHINE, PERSON, WORKLOAD, Way
from connectors.jwt import read_claims
from connectors.secret import remember_secret

_TOKENS = "https://oauth2.googleapis.com/token"
_PROXY = "A proxy's login page may stand in between: open https://oauth2.googleapis.com from this machine."
_NEAR = (3, 3)  # seconds to look for a metadata server: it is next door, or not there (google-auth waits as long)


class SignIn:
    """Credentials, and the token that they give for about an hour. Nothing is asked before the first call needs it.

    ``clock`` is what Google's answers say the time is, where somebody listens to them.
    """

    def __init__(self, auth: Any, account: str, way: Way, settings: Settings, timeout: tuple[float, float]) -> None:
        import requests

        self.way = way
        self.clock: ServerClock | None = None
        self._auth, self._account, self._settings, self._timeout = auth, account, settings, timeout
        self.session = requests.Session()
        # A 307 or 308 would send the refresh token, or the signature, on to another host.
        self.session.max_redirects = 0

    @property
    def account(self) -> str:
        """The e-mail address that sheets are shared with; empty where it isn't known, or not before the first call."""
        return self._account or str(read_claims(getattr(self._auth, "id_token", None) or "").get("email", ""))

    def fetch_headers(self, *, anew: bool = False) -> Mapping[str, str]:
        """What a call carries; ``{}`` where nothing is new since the last one. ``anew``: another token in any case.

        Raises:
            GoogleUnavailable, GoogleRefused: nothing was sent to the sheet.
        """
        if self._auth.valid and not anew:
            return {}
        self._refresh()
        if not self._auth.token:
            return {}
        remember_secret(self._auth.token)
        project = getattr(self._auth, "quota_project_id", None)
        return {"Authorization": f"Bearer {self._auth.token}"} | ({"x-goog-user-project": project} if project else {})

    def close(self) -> None:
        """Give back the connections."""
        self.session.close()

    def _refresh(self) -> None:
        from google.auth.exceptions import GoogleAuthError, OAuthError, RefreshError, TransportError
        from google.auth.transport.requests import Request
        from requests import TooManyRedirects

        try:
            self._auth.refresh(partial(Request(self.session), timeout=self._timeout))
        except TransportError as error:
            if isinstance(error.__cause__, TooManyRedirects):
                raise GoogleUnavailable("Google's sign-in sends elsewhere, and isn't followed.", fix=_PROXY) from None
            raise GoogleUnavailable("Google's sign-in can't be reached.") from None
        except (RefreshError, OAuthError) as error:
            if error.retryable or _is_silence(error.__cause__):
                raise GoogleUnavailable("Google's sign-in doesn't answer.") from None
            raise self._refuse() from None
        except GoogleAuthError as error:
            raise GoogleRefused(f"The credentials can't be used ({type(error).__name__}).", everything=True) from None
        except (ValueError, TypeError, KeyError, AttributeError):  # google-auth takes any page for a token's JSON
            raise GoogleUnavailable(
                "Google's sign-in answered with something that is no token.",
                fix=_PROXY,
            ) from None

    def _refuse(self) -> GoogleRefused:
        """A key signs with the time, and Google takes nothing that isn't of this hour: "Invalid JWT: Token must be a
        short-lived token (60 minutes) and in a reasonable timeframe"
        (https://developers.google.com/identity/protocols/oauth2/service-account#error-codes).
        """
        whose = f" of {self.account}" if self.account else ""
        off = self.clock.off if self.clock is not None else None
        if self.way is KEY and off is not None and is_off(off):
            return GoogleRefused(
                f"Google didn't accept the credentials{whose}: {say_off(off)}.", fix=SET_CLOCK, everything=True
            )
        fix = self.way.say_refused(self._settings.credentials)
        return GoogleRefused(f"Google didn't accept the credentials{whose}.", fix=fix, everything=True)


class MachineSignIn(SignIn):
    """The service account of the Google Cloud machine that this runs on, by its metadata server: no secret is kept.

    A machine that has none is told so after seconds: nobody waits for an address that leads nowhere.
    """

    def __init__(self, auth: Any, info: Mapping[str, Any], settings: Settings, timeout: tuple[float, float]) -> None:
        super().__init__(auth, "", MACHINE, settings, timeout)
        self._address, self._gcloud, self._found = str(info["address"]), str(info["gcloud"]), False
        self.session.trust_env = False  # no proxy: the address is the machine's own

    def _refresh(self) -> None:
        self._found = self._found or self._find()
        if not self._found:
            raise GoogleRefused(
                "This machine has no application-default credentials: GOOGLE_APPLICATION_CREDENTIALS isn't set, there "
                f"is no {self._gcloud}, and no metadata server answers.",
                fix=f"With gcloud: {IMPERSONATE}. Or name a key: {self._settings.credentials}: file:PATH.",
                everything=True,
            )
        super()._refresh()
        self._account = self._auth.service_account_email

    def _find(self) -> bool:
        """Whether the metadata server is there: it says so in a header of each answer.

        https://cloud.google.com/compute/docs/instances/detect-compute-engine
        """
        import requests

        if not self._address:
            return False
        flavour = {"Metadata-Flavor": "Google"}
        try:
            answer = self.session.get(f"http://{self._address}", headers=flavour, timeout=_NEAR, allow_redirects=False)
        except requests.RequestException:
            return False
        return answer.headers.get("Metadata-Flavor") == "Google"


def _is_silence(cause: BaseException | None) -> bool:
    """Whether the metadata server didn't answer; google-auth keeps an answer that says no beside the message."""
    from google.auth.exceptions import TransportError

    return isinstance(cause, TransportError) and len(cause.args) < 2


def make_sign_in(
    info: Mapping[str, Any], how: str, scopes: Sequence[str], settings: Settings, timeout: tuple[float, float]
) -> SignIn:
    """The sign-in of credentials' JSON. ``how`` is how they were referred to: a reference's word.

    Raises:
        GoogleRefused: they can't be credentials.
    """
    from google.auth.exceptions import GoogleAuthError

    kind = _KINDS.get((str(info.get("type")), how)) or _KINDS.get((str(info.get("type")), ""), _SERVICE_ACCOUNT)
    try:
        auth = kind.make(info, scopes)
        if kind.way is MACHINE:
            return MachineSignIn(auth, info, settings, timeout)
    except (GoogleAuthError, ValueError, KeyError, TypeError, AttributeError):
        what = f" of the type “{info['type']}”" if isinstance(info.get("type"), str) else ""
        raise GoogleRefused(
            f"{settings.credentials}: these credentials{what} can't be used.",
            fix="okr-sync takes a service account's key (download it again from the Google Cloud console), workload "
            "identity without a program, gcloud's application-default credentials, or okr-sync login google.",
            everything=True,
        ) from None
    account = str(info.get("client_email") or info.get("account") or getattr(auth, "service_account_email", None) or "")
    return SignIn(auth, account, kind.way, settings, timeout)


def _make_service_account(info: Mapping[str, Any], scopes: Sequence[str]) -> Any:
    from google.oauth2.service_account import Credentials

    return Credentials.from_service_account_info(info, scopes=list(scopes))  # type: ignore[no-untyped-call]


def _make_user(info: Mapping[str, Any], _scopes: Sequence[str]) -> Any:
    """A person's refresh token. It gives the rights that the person granted, and no others may be asked for: not even
    for reading what may be written (RFC 6749, section 6). ``token_uri`` stands for Google's address in the sandbox.
    """
    from google.oauth2.credentials import Credentials

    return Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token=info["refresh_token"],
        token_uri=info.get("token_uri") or _TOKENS,
        client_id=info["client_id"],
        client_secret=info["client_secret"],
        quota_project_id=info.get("quota_project_id"),
    )


def _make_impersonated(info: Mapping[str, Any], scopes: Sequence[str]) -> Any:
    """A person who acts as a service account: what gcloud writes with --impersonate-service-account."""
    from google.auth.impersonated_credentials import Credentials

    source, address = info["source_credentials"], info["service_account_impersonation_url"]
    return Credentials(  # type: ignore[no-untyped-call]
        _KINDS[source["type"], ""].make(source, (CLOUD,)),
        target_principal=address.rpartition("/")[2].partition(":")[0],
        target_scopes=list(scopes),
        delegates=info.get("delegates"),
        quota_project_id=info.get("quota_project_id"),
        iam_endpoint_override=address,
    )


def _make_machine(_info: Mapping[str, Any], scopes: Sequence[str]) -> Any:
    """Cloud Run and App Engine heed the scopes; a virtual machine has its own."""
    from google.auth.compute_engine import Credentials

    return Credentials(scopes=list(scopes), universe_domain="googleapis.com")  # type: ignore[no-untyped-call]


def _make_workload(info: Mapping[str, Any], scopes: Sequence[str]) -> Any:
    """A token of the platform's own (Kubernetes, GitHub Actions, Azure), exchanged for a service account's.

    Only from a file or an address: this class of google-auth knows no programs, so a JSON that names one is refused.
    https://google.aip.dev/auth/4117 describes the form.
    """
    from google.auth.identity_pool import Credentials

    return Credentials.from_info(info, scopes=list(scopes))  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class _Kind:
    make: Callable[[Mapping[str, Any], Sequence[str]], Any]
    way: Way


_SERVICE_ACCOUNT = _Kind(_make_service_account, KEY)
_KINDS = {
    ("authorized_user", ""): _Kind(_make_user, PERSON),
    ("authorized_user", DEFAULT): _Kind(_make_user, GCLOUD),
    ("service_account", ""): _SERVICE_ACCOUNT,
    ("external_account", ""): _Kind(_make_workload, WORKLOAD),
    ("impersonated_service_account", ""): _Kind(_make_impersonated, IMPERSONATED),
    (MACHINE_TYPE, DEFAULT): _Kind(_make_machine, MACHINE),
}
