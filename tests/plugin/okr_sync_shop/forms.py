"""What a config and a query may say. Imports pydantic, so it is imported late."""

from __future__ import annotations

from pydantic import Field

from connectors.forms import Form, Url
from connectors.secret import Secret


class ShopOptions(Form):
    """Under ``sources.NAME``."""

    url: Url = Field(description="The shop: https://shop.example")
    token: Secret = Field(description="A read-only token: env:SHOP_TOKEN")


class ShopQuery(Form):
    """Which orders."""

    orders: str = Field(description="Orders in this state: all, open, paid, returned", min_length=1)
