"""A sandbox service as the contract wants its stand-in."""

from dataclasses import dataclass

from connectors.testing import Spoil
from sandbox.wire import Fault, Service


@dataclass
class SandboxStandIn:
    service: Service

    @property
    def url(self) -> str:
        return self.service.url

    def calls(self) -> list[str]:
        return [f"{logged.method} {logged.path}" for logged in self.service.requests]

    def spoil(self, spoil: Spoil) -> None:
        self.service.faults.add(
            Fault(
                kind=spoil.kind,
                status=spoil.status,
                retry_after=spoil.retry_after,
                times=spoil.times,
                skip=spoil.skip,
            )
        )
