"""LibreOffice as a person who opens a workbook and saves it."""

from __future__ import annotations

import subprocess
from pathlib import Path


def save_in_libreoffice(path: Path, folder: Path) -> None:
    """Open a workbook in LibreOffice and save it over itself. ``folder`` is for its profile and its output."""
    out = folder / "saved"
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    path.write_bytes((out / path.name).read_bytes())
