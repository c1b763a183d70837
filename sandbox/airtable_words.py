"""What Airtable says with an error status: its types and messages, as public clients have met them."""

from __future__ import annotations

_NO_PERMISSION = (
    "Invalid permissions, or the requested model was not found. Check that both your user and your token have the "
    "required permissions, and that the model names and/or ids are correct."
)
WORDS = {
    401: ("AUTHENTICATION_REQUIRED", "Authentication required"),
    403: ("INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND", _NO_PERMISSION),
    422: ("INVALID_REQUEST_UNKNOWN", "Invalid request: parameter validation failed. Check your request data."),
    500: ("SERVER_ERROR", "Server error"),
    503: ("SERVICE_UNAVAILABLE", "The server could not process your request in time."),
}
