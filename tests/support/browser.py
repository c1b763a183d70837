"""A page in a real browser: what it makes of it, what it says on its console, and what it prints."""

import shutil
import subprocess

_OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")


def browse(folder, html):
    """The page as it stands after its scripts, and the lines of its console."""
    done = _run(folder, html, "--enable-logging=stderr", "--v=0", "--virtual-time-budget=2000", "--dump-dom")
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def print_page(folder, html):
    """The page as a PDF's path."""
    _run(folder, html, f"--print-to-pdf={folder / 'page.pdf'}", "--no-pdf-header-footer")
    return folder / "page.pdf"


def _run(folder, html, *options):
    page = folder / "page.html"
    page.write_text(html, "utf-8")
    program = shutil.which("chromium")
    asked = [program, *_OPTIONS, f"--user-data-dir={folder / 'profile'}", *options, page.as_uri()]
    return subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True)
