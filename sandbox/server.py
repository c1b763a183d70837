"""Puts services on loopback ports: threads, connections that stay open, answers that are cut off on purpose.

Werkzeug parses and listens; the connection's own handler is ours, because Werkzeug's closes it after every
answer (and waits 10 ms to drain it), which no vendor's service does.
"""

from __future__ import annotations

import io
import selectors
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC
from email.utils import format_datetime
from typing import Any, ClassVar, Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from sandbox.wire import Service

LOOPBACK = "127.0.0.1"


class Server:
    """Runs services, each on its own loopback port, in daemon threads. A context manager; ``start`` returns it."""

    def __init__(self, *services: Service) -> None:
        self.services = services
        self._running: list[tuple[_Listener, threading.Thread]] = []

    def start(self) -> Self:
        """Open the ports and set each service's ``url``. Raises OSError when a wanted port is taken."""
        for service in self.services:
            try:
                listener = _Listener(service)
            except OSError:
                self.stop()
                raise
            thread = threading.Thread(target=listener.serve, name=f"sandbox-{service.name}", daemon=True)
            thread.start()
            self._running.append((listener, thread))
        return self

    def stop(self) -> None:
        """Close the ports and every open connection."""
        for listener, thread in self._running:
            listener.close()
            thread.join(5)
        self._running.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Listener:
    """One service's listening socket and the connections that clients keep open to it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.closing = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        handler = type("Handler", (_Connection,), {"listener": self})
        try:
            self._server: BaseWSGIServer = make_server(
                LOOPBACK, service.port, _no_wsgi, threaded=True, request_handler=handler
            )
        except SystemExit as exit_:
            raise OSError(f"port {service.port} for the sandbox's {service.name} is taken") from exit_
        service.port = self._server.port
        service.url = f"http://{LOOPBACK}:{service.port}"

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.discard(connection)


class _Connection(WSGIRequestHandler):
    """One client's connection, kept alive between requests."""

    listener: ClassVar[_Listener]
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        self.listener.opened(self.request)
        super().setup()

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.listener.closed(self.request)

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        body = self._read_body(environ)
        environ.update({"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        fate = self.listener.service.answer(Request(environ))
        if fate.response is None:
            self.close_connection = True
            if fate.silent:
                self._stay_silent()
        else:
            self._send(fate.response, half=fate.half)

    def _read_body(self, environ: Mapping[str, Any]) -> bytes:
        if environ.get("wsgi.input_terminated"):
            return bytes(environ["wsgi.input"].read())
        return self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))

    def _send(self, response: Response, *, half: bool) -> None:
        body = b"" if self.command == "HEAD" else response.get_data()
        self.send_response_only(response.status_code)
        self.send_header("Server", self.version_string())
        now = self.listener.service.tell_time()
        if now is not None and "Date" not in response.headers:
            self.send_header("Date", format_datetime(now.astimezone(UTC), usegmt=True))
        for key, value in response.headers.items():
            if key.lower() != "content-length":
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if half else body)
        self.wfile.flush()
        if half:
            self.close_connection = True

    def _stay_silent(self) -> None:
        """Wait until the client has gone or the server stops."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.connection, selectors.EVENT_READ)
            while not self.listener.closing.is_set():
                if selector.select(timeout=0.05) and not self.connection.recv(1):
                    return

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - Werkzeug's name
        """Say nothing: the service keeps the log."""


def _no_wsgi(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    raise AssertionError("the connection answers by itself")
