"""What Acme's tickets are called: subjects and sentences by project and kind of work."""

from __future__ import annotations

import random
from collections.abc import Mapping

PLACES: Mapping[str, tuple[str, ...]] = {
    "WEB": (
        "month view", "holiday wishes", "night shifts", "qualification filter", "pay-run export", "ward templates",
        "split shifts", "on-call weekends", "copy last month", "conflict list", "print view", "absence calendar",
        "planner's inbox", "rest-time check", "drag and drop", "staff pool", "works council view", "public holidays",
    ),
    "APP": (
        "swap request", "push message", "clock-in screen", "offline roster", "calendar feed", "wish list",
        "sick note", "login with PIN", "dark mode", "shift details", "team chat link", "open shifts",
        "time account", "widget", "tablet layout", "language switch",
    ),
    "OPS": (
        "roster publishing queue", "database failover", "certificate renewal", "log retention", "nightly backup",
        "search index", "mail relay", "load balancer", "staging copy", "container images", "secrets rotation",
        "metrics store", "cost alerts", "deploy pipeline", "audit log", "rate limits",
    ),
    "DATA": (
        "cost forecast", "night premium", "overtime rule", "sickness model", "pay-rule import", "ward report",
        "Austrian agreement", "hotel agreement", "headcount chart", "data contract", "export to payroll",
        "time-account balance", "holiday pay", "benchmark", "agency staff", "budget view",
    ),
}  # fmt: skip

SENTENCES: Mapping[str, tuple[str, ...]] = {
    "Story": (
        "Planners see {} at a glance",
        "Staff can undo {}",
        "{}: remember the last choice",
        "{}: works for 400 people on one ward",
        "Explain {} in the first week",
        "{} without a mouse",
        "{} for houses with several sites",
        "Tell people when {} changes",
    ),
    "Task": (
        "Tidy up {}",
        "Measure {}",
        "Load-test {}",
        "Document {}",
        "Upgrade the library behind {}",
        "Move {} to the new service",
        "Write down how {} works",
    ),
    "Bug": (
        "{} shows yesterday's data",
        "{} is empty after daylight saving",
        "{} fails for names with an apostrophe",
        "{} is slow on Mondays",
        "{} counts a night shift twice",
        "{} forgets the chosen ward",
        "Error 500 in {}",
        "{}: wrong total in the last week of a month",
        "{} overlaps on small screens",
    ),
    "page": ("Disk almost full: {}", "Alert at night: {}", "Health check failed: {}"),
    "incident": ("Customers can't publish: {}", "Outage: {}"),
    "crash": ("App closes in {}", "Crash on start after update: {}", "Out of memory in {}"),
    "toil": ("Restart {} by hand", "Reset a customer's {}", "Move a customer's {}", "Clean up {}"),
    "escalation": ("Customer asks: {}", "Support can't explain {}", "Hospital waits: {}"),
    "wrong-figure": ("Wrong figure: {}", "{} is off by one day", "{}: cents are missing"),
    "screen-reader": ("Screen reader skips {}", "{} has no label", "Focus is lost in {}"),
    "flaky-test": ("Flaky test: {}", "Test of {} fails at midnight"),
    "rollback": ("Release taken back: {}",),
    "rule": ("Rule: {}", "Rule: {} for part-timers", "Rule: {} at month's end"),
}

FIRST = (
    "Klinikum", "Spital", "Hospital", "Hotel", "Residencia", "Pflegeheim", "Clínica", "Sjukhus", "Ziekenhuis",
    "Markt", "Casa", "Kurhotel",
)  # fmt: skip
PLACE_NAMES = (
    "Nord", "Graz", "Setúbal", "Linz", "Porto", "Malmö", "Levante", "Gent", "Falkensee", "Basel", "Uppsala",
    "Braga", "Bilbao", "Zwolle", "Chemnitz", "Faro", "Trier", "Odense", "Vigo", "Leuven", "Ulm", "Coimbra",
)  # fmt: skip


def summary(project: str, kind: str, rng: random.Random) -> str:
    """Make up a ticket's summary."""
    text = rng.choice(SENTENCES[kind]).format(rng.choice(PLACES[project]))
    return text[0].upper() + text[1:]


def house(number: int) -> str:
    """Name customer number ``number``; different for the first 264 of them."""
    first, place = FIRST[number % len(FIRST)], PLACE_NAMES[number // len(FIRST) % len(PLACE_NAMES)]
    again = number // (len(FIRST) * len(PLACE_NAMES))
    return f"{first} {place}" + (f" {again + 1}" if again else "")
