"""Where Google's credentials lie: as any secret, or by a word for what this machine has of its own.

``application-default`` is Google's own search, in the order of
https://cloud.google.com/docs/authentication/application-default-credentials: the file that the variable
GOOGLE_APPLICATION_CREDENTIALS names, the file that gcloud writes (its place: https://google.aip.dev/auth/4113), the
metadata server of Google's own machines. ``google.auth.default()`` does the same and more: it starts gcloud to learn of
a project that nobody needs here, tries the metadata server three times with pauses (google-auth 2.63), and may start
the program that a file names.

``login`` is the person who signed in with ``okr-sync login google``, on the machine and as the user that runs this.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.google_login_store import LOGIN, fetch_login_secret
from connectors.home import expand_home
from connectors.secret import Reference, Secret, check_reference, fetch_secret, may_exist

DEFAULT = "application-default"
WORDS = (DEFAULT, LOGIN)
METADATA_SERVER = "169.254.169.254"
"""https://cloud.google.com/compute/docs/metadata/querying-metadata"""

MACHINE = "metadata_server"
"""The ``type`` of credentials that are in no file."""

_KEY_FILE, _QUOTA_PROJECT = "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_QUOTA_PROJECT"


class GoogleKey(Secret):
    """A secret that may also be written as one of the words."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> GoogleKey:
        """What was written. Raises ValueError."""
        return cls(check_google_reference(text))

    def fetch(self, environ: Mapping[str, str], folder: Path = Path()) -> Secret:
        """The credentials' JSON. Raises SecretMissing."""
        return fetch_google_key(self.reference, environ, folder)

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: Any, _handler: Any) -> dict[str, Any]:
        """For completion in an editor."""
        return {"type": "string", "pattern": f"^({'|'.join(WORDS)}|(env|file|keyring):.+)$"}


def check_google_reference(text: str) -> Reference:
    """The reference. Raises ValueError where the text is neither one nor one of the words."""
    return Reference(text.strip(), "") if text.strip() in WORDS else check_reference(text)


def fetch_google_key(reference: Reference | str, environ: Mapping[str, str], folder: Path = Path()) -> Secret:
    """The credentials' JSON. A relative path counts from ``folder``, the config's. No network is needed.

    Raises:
        SecretMissing: there are none where the reference says.
        ValueError: the text is no reference.
    """
    found = check_google_reference(reference) if isinstance(reference, str) else reference
    if found.how == LOGIN:
        return fetch_login_secret()
    return fetch_default(environ) if found.how == DEFAULT else fetch_secret(found, environ, folder)


def fetch_default(environ: Mapping[str, str]) -> Secret:
    """The application-default credentials; ``where`` of their reference is the file, empty for the metadata server.

    Raises:
        SecretMissing: the file that GOOGLE_APPLICATION_CREDENTIALS names can't be read.
    """
    path = find_default(environ)
    if path is None:
        looked = {"gcloud": str(find_gcloud_file(environ)), "address": _find_metadata_server(environ)}
        return Secret(Reference(DEFAULT, ""), json.dumps({"type": MACHINE, **looked}))
    text = fetch_secret(Reference("file", str(path)), environ).reveal()
    return Secret(Reference(DEFAULT, str(path)), _with_quota_project(text, environ.get(_QUOTA_PROJECT, "")))


def find_default(environ: Mapping[str, str]) -> Path | None:
    """The file of the application-default credentials; ``None`` leaves the metadata server."""
    if named := environ.get(_KEY_FILE):
        return expand_home(named)
    gcloud = find_gcloud_file(environ)
    return gcloud if may_exist(gcloud) else None


def describe_key(reference: str, environ: Mapping[str, str]) -> str:
    """What a word stands for on this machine, to be shown; empty for a reference that says so itself."""
    if reference == LOGIN:
        return "a person's sign-in, by okr-sync login google"
    if reference != DEFAULT:
        return ""
    return f"application-default credentials: {find_default(environ) or 'the metadata server'}"


def find_gcloud_file(environ: Mapping[str, str]) -> Path:
    """Where ``gcloud auth application-default login`` writes; under ``~`` for a user without a home folder, as in a
    container with a number for a user: there is nothing.
    """
    name = "application_default_credentials.json"
    if own := environ.get("CLOUDSDK_CONFIG"):
        return Path(own) / name
    config = Path(environ["APPDATA"]) if os.name == "nt" and "APPDATA" in environ else _home() / ".config"
    return config / "gcloud" / name


def _home() -> Path:
    return expand_home("~")


def _find_metadata_server(environ: Mapping[str, str]) -> str:
    """Its address; empty where nobody is to ask it. The variables: google/auth/environment_vars.py."""
    if environ.get("NO_GCE_CHECK") == "true":
        return ""
    return environ.get("GCE_METADATA_HOST") or environ.get("GCE_METADATA_IP") or METADATA_SERVER


def _with_quota_project(text: str, project: str) -> str:
    """The JSON with the project that the environment names: it wins over the file's, as in Google's libraries."""
    try:
        info = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return json.dumps(info | {"quota_project_id": project}) if project and isinstance(info, dict) else text
