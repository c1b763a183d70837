"""The refusals of Google's APIs, worded and numbered as the real ones are."""

from __future__ import annotations

from typing import Any

BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


class ApiError(Exception):
    """An answer of 4xx or 5xx: ``{"error": {"code", "message", "status", "details"}}``."""

    def __init__(self, code: int, status: str, message: str, details: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.details = details

    def body(self) -> dict[str, Any]:
        """Return the JSON that Google sends."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return {"error": error}


def invalid(message: str) -> ApiError:
    """Refuse an argument."""
    return ApiError(400, "INVALID_ARGUMENT", message)


def violations(found: list[tuple[str, str]], message: str | None = None) -> ApiError:
    """Refuse a body or mask, with (field, description) for each violation."""
    fields = [{"field": field, "description": text} if field else {"description": text} for field, text in found]
    message = message or "\n".join(text for _, text in found)
    return ApiError(400, "INVALID_ARGUMENT", message, [{"@type": BAD_REQUEST, "fieldViolations": fields}])


def not_found() -> ApiError:
    """Answer for an id that nobody knows."""
    return ApiError(404, "NOT_FOUND", "Requested entity was not found.")


def denied() -> ApiError:
    """Answer to an account with which the spreadsheet isn't shared."""
    return ApiError(403, "PERMISSION_DENIED", "The caller does not have permission")


def scope_insufficient() -> ApiError:
    """Answer to a token that was asked for with too little; the words stand in many public reports."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"service": "sheets.googleapis.com"},
    }
    return ApiError(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.", [info])


def project_missing() -> ApiError:
    """Answer to a person's token of gcloud's client without a quota project; as quoted in public."""
    return ApiError(
        403,
        "PERMISSION_DENIED",
        "Your application is authenticating by using local Application Default Credentials. The sheets.googleapis.com "
        "API requires a quota project, which is not set by default. To learn how to set your quota project, see "
        "https://cloud.google.com/docs/authentication/adc-troubleshooting/user-creds .",
    )


def protected() -> ApiError:
    """Answer to an edit of a cell or tab that somebody protected; a 400 in Google's API."""
    return invalid(
        "You are trying to edit a protected cell or object. "
        "Please contact the spreadsheet owner to remove protection if you need to edit."
    )


def unauthenticated(*, missing: bool) -> ApiError:
    """Answer to a request with no token, or with one that is unknown or has expired."""
    what = (
        "Request is missing required authentication credential. "
        if missing
        else "Request had invalid authentication credentials. "
    )
    return ApiError(
        401,
        "UNAUTHENTICATED",
        what + "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
        "See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    )


WORDS = {
    400: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    401: ("UNAUTHENTICATED", "Request had invalid authentication credentials."),
    403: ("PERMISSION_DENIED", "The caller does not have permission"),
    404: ("NOT_FOUND", "Requested entity was not found."),
    429: ("RESOURCE_EXHAUSTED", "Quota exceeded."),
    500: ("INTERNAL", "Internal error encountered."),
    503: ("UNAVAILABLE", "The service is currently unavailable."),
}


def worded(code: int) -> ApiError:
    """Word a status for which nothing else is known."""
    return ApiError(code, *WORDS.get(code, ("UNKNOWN", "Unknown Error.")))


def over_quota(kind: str) -> ApiError:
    """Answer over quota; ``kind`` is "Read" or "Write". As quoted in public from gspread's APIError."""
    metadata = {
        "quota_location": "global",
        "service": "sheets.googleapis.com",
        "quota_limit_value": "60",
        "quota_limit": f"{kind}RequestsPerMinutePerUser",
        "consumer": "projects/0",
        "quota_metric": f"sheets.googleapis.com/{kind.lower()}_requests",
    }
    link = {
        "description": "Request a higher quota limit.",
        "url": "https://cloud.google.com/docs/quota#requesting_higher_quota",
    }
    return ApiError(
        429,
        "RESOURCE_EXHAUSTED",
        f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per minute per user' "
        "of service 'sheets.googleapis.com' for consumer 'project_number:0'.",
        [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED",
                "domain": "googleapis.com",
                "metadata": metadata,
            },
            {"@type": "type.googleapis.com/google.rpc.Help", "links": [link]},
        ],
    )
