"""The spreadsheet as a person sees it in the browser."""

from __future__ import annotations

from datetime import date

from sandbox.google_document import Document


def render_page(document: Document, today: date) -> str:
    """Render the visible tabs as one self-contained HTML page."""
    return f"<!DOCTYPE html><title>{document.title}</title>{today}"
