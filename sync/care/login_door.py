"""The door on loopback that the browser comes back to with Google's answer. It opens for one sign-in and shuts again.

Browsers also ask for icons, and open connections on which they send nothing: each has a thread of its own, and only the
address that carries this attempt's state counts.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

_PAGE = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>okr-sync</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<body style="font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1rem">
<h1 style="font-size: 1.4rem">{head}</h1><p>{text}</p></body></html>
"""
DONE = ("Back to the terminal", "It says how the sign-in went. You can close this window.")
STRAY = ("Nothing to see here", "This address doesn't belong to the sign-in that okr-sync is waiting for.")


class Door:
    """An open door: ``address`` is where the browser is to be sent."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.came: queue.Queue[str] = queue.Queue()
        self.is_answer: Callable[[str], bool] = lambda _: False

    def wait(self, seconds: float) -> str:
        """The address that the browser asked for. Raises TimeoutError."""
        try:
            return self.came.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None


@contextmanager
def open_door() -> Iterator[Door]:
    """A door at a free port of this machine, which nobody else can reach."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.door = door = Door(server.server_port)  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield door
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    timeout: ClassVar[float] = 10  # seconds that a connection may say nothing
    server_version, sys_version = "okr-sync", ""

    def do_GET(self) -> None:
        """Take the answer; anything else gets a page that says so."""
        door: Door = self.server.door  # type: ignore[attr-defined]
        address = door.address + self.path
        is_answer = door.is_answer(address)
        self._show(200 if is_answer else 404, *(DONE if is_answer else STRAY))
        if is_answer:
            door.came.put(address)

    def _show(self, status: int, head: str, text: str) -> None:
        page = _PAGE.format(head=head, text=text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_words: object) -> None:
        """Nothing: the address holds the code."""
