"""Who a file is shared with: Drive v3's permissions, as far as gspread asks for them.

Nothing of it is recorded; it follows the reference of the Drive API (permissions). Ids are made here.
"""

from __future__ import annotations

import zlib

from sandbox.google_document import Document
from sandbox.google_error import ApiError, invalid
from sandbox.google_mask import parse_mask, select
from sandbox.google_schema import Json

USUAL = "kind,id,type,role"
ROLES = {"owner", "organizer", "fileOrganizer", "writer", "commenter", "reader"}


def permission_id(name: str) -> str:
    """Return the id of an account's permission: the same for the same account, as in Drive."""
    return "anyoneWithLink" if name == "anyone" else f"{zlib.crc32(name.encode()):020d}"


def render_permission(document: Document, name: str) -> Json:
    """Return what Drive knows of one permission."""
    kind = "anyone" if name == "anyone" else document.kinds.get(name, "user")
    told: Json = {
        "kind": "drive#permission",
        "id": permission_id(name),
        "type": kind,
        "role": document.access[name],
    }
    if kind == "anyone":
        return told | {"allowFileDiscovery": False}
    if kind == "domain":
        return told | {"domain": name, "displayName": name, "allowFileDiscovery": False}
    return told | {"emailAddress": name, "displayName": name.partition("@")[0], "deleted": False}


def list_permissions(document: Document, fields: str | None) -> Json:
    """Answer ``permissions.list``."""
    names = list(document.access)
    if fields:
        full = {"kind": "drive#permissionList", "permissions": [render_permission(document, each) for each in names]}
        return select(full, parse_mask(fields))  # type: ignore[no-any-return]
    shown = [_show(document, each, None) for each in names]
    return {"kind": "drive#permissionList", "permissions": shown}


def _show(document: Document, name: str, fields: str | None) -> Json:
    return select(render_permission(document, name), parse_mask(fields or USUAL))  # type: ignore[no-any-return]


def show_permission(document: Document, number: str, fields: str | None) -> Json:
    """Answer ``permissions.get``. Raises ApiError."""
    return _show(document, _find(document, number), fields)


def create_permission(document: Document, body: Json, fields: str | None) -> Json:
    """Answer ``permissions.create``. Raises ApiError for a type or role that isn't one."""
    kind, role = body.get("type"), body.get("role")
    if kind not in ("user", "group", "domain", "anyone"):
        raise invalid("The permission type field is required.")
    if role not in ROLES:
        raise invalid("The specified role is invalid or not supported.")
    if role == "owner":
        raise ApiError(403, "PERMISSION_DENIED", "The transferOwnership parameter must be enabled.")
    name = "anyone" if kind == "anyone" else body.get("domain" if kind == "domain" else "emailAddress")
    if not name:
        raise invalid("The specified emailAddress is invalid or not applicable for the given permission type.")
    document.access[name] = role
    document.kinds[name] = kind
    return _show(document, name, fields)


def change_permission(document: Document, number: str, body: Json, fields: str | None) -> Json:
    """Answer ``permissions.update``: another role. Raises ApiError."""
    name = _find(document, number)
    if body.get("role") == "owner" or body.get("pendingOwner"):
        raise ApiError(501, "UNIMPLEMENTED", "The sandbox transfers no ownership.")
    if body.get("role") not in ROLES:
        raise invalid("The specified role is invalid or not supported.")
    document.access[name] = body["role"]
    return _show(document, name, fields)


def delete_permission(document: Document, number: str) -> None:
    """Answer ``permissions.delete``. Raises ApiError; the owner's can't be taken away."""
    name = _find(document, number)
    if document.access[name] == "owner":
        raise ApiError(403, "PERMISSION_DENIED", "The user does not have sufficient permissions for this file.")
    del document.access[name]
    document.kinds.pop(name, None)


def _find(document: Document, number: str) -> str:
    for name in document.access:
        if permission_id(name) == number:
            return name
    raise ApiError(404, "NOT_FOUND", f"Permission not found: {number}.")
