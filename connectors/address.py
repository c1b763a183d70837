"""Which addresses a source may live at: no private one unless the config allows it, whatever a name resolves to.

A url in a config, a redirect or a next page could otherwise make this machine ask its own network: a cloud's
metadata service (169.254.169.254), a router, a database's admin page. The name is resolved here and the connection
goes to that very address, so that a second look-up can't lead elsewhere (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from connectors.base import SourceRefused

if TYPE_CHECKING:
    from requests import Session

Resolve = Callable[[str, int], list[str]]
"""A host's addresses, as texts. Raises OSError."""


def resolve(host: str, port: int) -> list[str]:
    """By the system's resolver."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(text: str) -> bool:
    """Whether an address is one of the internet's: not private, loopback, link-local, multicast, reserved.

    IPv4 that is wrapped in IPv6 (mapped, 6to4, NAT64, Teredo) counts as what it wraps.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if wrapped is None and address in ipaddress.ip_network("64:ff9b::/96"):
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(str(wrapped))
    return address.is_global and not address.is_multicast and not address.is_reserved


def pick_address(host: str, port: int, look_up: Resolve) -> str:
    """The address to connect to.

    Raises:
        SourceRefused: one of the host's addresses is not public.
        OSError: the name is unknown.
    """
    found = look_up(host, port)
    bad = next((each for each in found if not is_public(each)), None)
    if bad is not None:
        raise SourceRefused(
            f"{host} leads to the private address {bad}, which is not asked.",
            fix="If the source really lives inside your network, say allow_private: true in its options.",
        )
    if not found:
        raise OSError(f"{host} has no address")
    return found[0]


def guard(session: Session, look_up: Resolve = resolve) -> None:
    """Let every connection of a session go to a checked address only. Proxies are not used: they resolve names."""
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    def connect(connection: Any, plain: Callable[[], socket.socket]) -> socket.socket:
        name = connection._dns_host
        try:
            connection._dns_host = pick_address(name, connection.port, look_up)
        except OSError as error:
            from urllib3.exceptions import NameResolutionError

            raise NameResolutionError(name, connection, socket.gaierror(str(error))) from None
        try:
            return plain()
        finally:
            connection._dns_host = name  # the certificate is checked against the name

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self, super()._new_conn)

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self, super()._new_conn)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    class Guarded(HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
            super().init_poolmanager(*arguments, **options)
            self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}

    session.trust_env = False
    session.mount("http://", Guarded())
    session.mount("https://", Guarded())
