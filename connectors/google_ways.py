"""The ways of signing in to Google, in the words of messages: each one's name, and what to do when it is refused.

gcloud's own OAuth client may ask people for rights to Google Cloud only: for those to sheets Google answers "This app
is blocked", and gcloud says "you must provide your own client ID or use service account impersonation" (its warning, as
users quote it; its --client-id-file: https://cloud.google.com/sdk/gcloud/reference/auth/application-default/login). A
person's credentials from gcloud need a project besides, on whose quota calls count:
https://cloud.google.com/docs/authentication/troubleshoot-adc. A virtual machine's token has the machine's access
scopes, whatever is asked for, and by default none to sheets (google/auth/compute_engine/credentials.py).
"""

from __future__ import annotations

from dataclasses import dataclass

SPREADSHEETS = "https://www.googleapis.com/auth/spreadsheets"
READ_ONLY = "https://www.googleapis.com/auth/spreadsheets.readonly"
CLOUD = "https://www.googleapis.com/auth/cloud-platform"
EMAIL = ("openid", "https://www.googleapis.com/auth/userinfo.email")
"""What lets Google say who somebody is; no more than the address."""

_GCLOUD = "gcloud auth application-default login"
IMPERSONATE = f"{_GCLOUD} --impersonate-service-account=ACCOUNT"
_OWN_CLIENT = f"{_GCLOUD} --client-id-file=client.json --scopes={','.join((*EMAIL, CLOUD, SPREADSHEETS))}"
_GCLOUD_AGAIN = f"{IMPERSONATE} (the service account that the sheet is shared with), or as yourself: {_OWN_CLIENT}"
QUOTA_PROJECT = (
    "Name a project of yours that has the Google Sheets API on: gcloud auth application-default set-quota-project "
    "PROJECT, or the variable GOOGLE_CLOUD_QUOTA_PROJECT. You need its role Service Usage Consumer."
)


@dataclass(frozen=True, slots=True)
class Way:
    """What to do where one way ends.

    ``refused`` is for when Google doesn't accept the credentials, with ``{setting}`` for where they are set;
    ``unscoped`` for when they are good, but give no right to sheets; empty where that can't be.
    """

    refused: str
    unscoped: str = ""

    def say_refused(self, setting: str) -> str:
        """What to do when Google doesn't accept the credentials."""
        return self.refused.format(setting=setting)


KEY = Way("Check {setting}: the key may be deleted.")
WORKLOAD = Way(
    "Check {setting}: the identity pool may not trust this workload, or not let it act as this account.",
)
_AGAIN = "Sign in again: okr-sync login google"
PERSON = Way(
    f"{_AGAIN}. Where that is needed every week, the OAuth client is still in testing: publish its app.",
    f"{_AGAIN}, and leave the tick at spreadsheets. To write, leave out --read-only.",
)
"""In the status Testing refresh tokens end after seven days (developers.google.com/identity/protocols/oauth2)."""

GCLOUD = Way(
    f"Sign in again: {_GCLOUD_AGAIN}",
    f"They give no right to sheets. Sign in again: {_GCLOUD_AGAIN}",
)
IMPERSONATED = Way(
    f"Sign in again: {IMPERSONATE}. You need the role Service Account Token Creator of that account.",
)
MACHINE = Way(
    "The machine may have no service account: see its page in the Google Cloud console.",
    "The machine's access scopes leave out sheets. While it is stopped: gcloud compute instances set-service-account "
    f"NAME --scopes=cloud-platform,{SPREADSHEETS}",
)
