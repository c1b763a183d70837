"""The forms of Prometheus: what stands under ``sources.NAME`` and in a query. Imports pydantic."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator, model_validator

from connectors.forms import Form, Url, parse_url
from connectors.prometheus_range import STEP
from connectors.secret import Secret


class PrometheusOptions(Form):
    """One server that speaks Prometheus' query API. Without a secret to lose, it may be asked over http."""

    token: Secret | None = Field(None, description="A bearer token or, with user, the password: env:PROMETHEUS_TOKEN")
    user: str | None = Field(
        None, description="Basic authentication: the name that goes with the password", min_length=1
    )
    url: str = Field(description="The server: http://prometheus.internal:9090; a path before /api/v1 belongs to it")
    browse_url: Url | None = Field(None, description="Where people see its graphs, when it isn't url")
    tenant: str | None = Field(
        None, description="Sent as X-Scope-OrgID, to Mimir, Cortex, Thanos", pattern=r"^[\w!.*'()|-]+$"
    )

    @field_validator("url")
    @classmethod
    def _is_address(cls, text: str, info: ValidationInfo) -> str:
        text = text.strip().rstrip("/")
        if urlsplit(text).scheme == "http" and not info.data.get("token"):
            parse_url("https" + text.removeprefix("http"))
            return text
        return parse_url(text)

    @model_validator(mode="after")
    def _has_a_password(self) -> PrometheusOptions:
        if self.user is not None and self.token is None:
            raise ValueError("user needs the password that goes with it: token: env:NAME")
        return self


class PrometheusQuery(Form):
    """Which samples."""

    promql: str = Field(description="The query in PromQL; it gives one series", min_length=1)
    step: str | None = Field(None, description="With within: the time between two samples: 5m, 1h", pattern=STEP)
