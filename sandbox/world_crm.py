"""Acme's CRM base in the Airtable stand-in: deals, the accounts they become, their invoices, and the bank balance."""

from __future__ import annotations

from sandbox.airtable_base import Base, Table, choices, column
from sandbox.world_accounts import REGIONS, SEGMENTS, Customers
from sandbox.world_balance import fill_balance
from sandbox.world_deals import Sales
from sandbox.world_invoices import Billing
from sandbox.world_time import Season

_MONEY = {"precision": 0, "symbol": "€"}
_DAY = {"dateFormat": {"name": "iso", "format": "YYYY-MM-DD"}}
_WHOLE = {"precision": 0}
_CHECK = {"icon": "check", "color": "greenBright"}


def make_crm(season: Season, id_: str) -> Base:
    """Make the base with its four tables, filled."""
    base = Base(id_, "CRM")
    accounts, deals, invoices = _add_accounts(base), _add_deals(base), _add_invoices(base)
    customers = Customers(season, accounts)
    customers.fill()
    Sales(season, deals, customers).fill()
    Billing(season, invoices, customers).fill()
    fill_balance(season, _add_balance(base))
    return base


def _add_accounts(base: Base) -> Table:
    return base.add_table(
        "Accounts",
        column("Account", "singleLineText"),
        column("Status", "singleSelect", **choices("Prospect", "Customer", "Left")),
        column("Segment", "singleSelect", **choices(*SEGMENTS)),
        column("Region", "singleSelect", **choices(*REGIONS)),
        column("Employees", "number", **_WHOLE),
        column("MRR EUR", "currency", **_MONEY),
        column("Signed", "date", **_DAY),
        column("Live on", "date", **_DAY),
        column("Days to live", "number", **_WHOLE),
        column("Planners trained", "number", **_WHOLE),
        column("Cost view", "checkbox", **_CHECK),
        column("Forecast error", "percent", precision=1),
        column("Left", "date", **_DAY),
        column("Success manager", "singleLineText"),
    )


def _add_deals(base: Base) -> Table:
    deals = base.add_table(
        "Deals",
        column("Deal", "singleLineText"),
        column("Account", "multipleRecordLinks", linkedTableId=base.tables["Accounts"].id,
               isReversed=False, prefersSingleRecordLink=True),
        column("Stage", "singleSelect", **choices("Qualified", "Demo", "Proposal", "Negotiation", "Won", "Lost")),
        column("Type", "singleSelect", **choices("New", "Expansion")),
        column("Amount EUR", "currency", **_MONEY),
        column("Probability", "percent", precision=0),
        column("Created", "date", **_DAY),
        column("Closed", "date", **_DAY),
        column("Days to close", "number", **_WHOLE),
        column("Owner", "singleLineText"),
        column("Segment", "singleSelect", **choices(*SEGMENTS)),
        column("Region", "singleSelect", **choices(*REGIONS)),
        column("Source", "singleSelect", **choices("Web", "Referral", "Outbound", "Event", "Partner")),
        column("Pilot", "checkbox", **_CHECK),
        column("Lost because", "singleSelect", **choices("Price", "Competitor", "No decision", "Missing feature")),
    )  # fmt: skip
    deals.add_view("Open deals", 'NOT(OR({Stage} = "Won", {Stage} = "Lost"))', (("Amount EUR", True),))
    return deals


def _add_invoices(base: Base) -> Table:
    invoices = base.add_table(
        "Invoices",
        column("Invoice", "singleLineText"),
        column("Account", "multipleRecordLinks", linkedTableId=base.tables["Accounts"].id,
               isReversed=False, prefersSingleRecordLink=True),
        column("Amount EUR", "currency", precision=2, symbol="€"),
        column("Status", "singleSelect", **choices("Open", "Overdue", "Paid", "Disputed")),
        column("Issued", "date", **_DAY),
        column("Due", "date", **_DAY),
        column("Paid", "date", **_DAY),
        column("Days late", "number", **_WHOLE),
    )  # fmt: skip
    invoices.add_view("Overdue", '{Status} = "Overdue"', (("Due", False),))
    return invoices


def _add_balance(base: Base) -> Table:
    return base.add_table(
        "Balance",
        column("Week", "singleLineText"),
        column("Day", "date", **_DAY),
        column("Cash", "currency", precision=2, symbol="€"),
    )
