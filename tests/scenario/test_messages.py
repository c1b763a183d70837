"""Messages to owners, leads and channels: routes, quiet hours, the weekly digest; nothing lost, nothing twice."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync.cli.post import Post
from sync.sheet.ledger_text import parse_head
from sync.tell.notify import calm
from tests.support.company import Company
from tests.support.receiver import Receiver, receiving

SUNDAY = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # 21:00 in Berlin
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
QUIET = "quiet: {from: 20:00, to: 07:00, days: [sunday]}"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def people(company: Company, receiver: Receiver) -> Company:
    """A company that ran once; WEB-1.1 is Ada's, whom Max leads; GRO-1.1 is Bo's."""
    company.environ = {
        "CHANNEL": f"json://{receiver.host}/channel",
        "MAIL": f"json://{receiver.host}/mail/{{email}}",
        "WEB": f"json://{receiver.host}/web",
    }
    rows = {"A2": "Ada", "B2": "ada@acme.example", "D2": "Max", "A3": "Max", "B3": "max@acme.example", "A4": "Bo"}
    for address, text in rows.items():
        company.person.type("People", address, text)
    company.type("WEB-1.1", "Owner", "Ada")
    company.type("GRO-1.1", "Owner", "Bo")
    tell(company, "to: ['env:CHANNEL']")
    assert company.say("run").code == 0
    assert receiver.got == []
    return company


def tell(company: Company, messages: str) -> None:
    path = company.folder / "config.yaml"
    head = path.read_text().partition("messages:")[0]
    path.write_text(f"{head}messages: {{{messages}}}\n")


def turn(company: Company, target: str = "95%", due: str = "2026-11-24") -> None:
    """WEB-1.1 turns red, because it is due soon."""
    company.type("WEB-1.1", "Target", target)
    company.type("WEB-1.1", "Due", due)


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr("tests.support.company.NOW", moment)


def outbox(company: Company) -> dict[str, str]:
    return dict(parse_head(company.person.text("_okr_sync", "B1")).outbox.news)


def test_a_status_goes_to_the_channel_once_and_the_outbox_is_empty_again(people: Company, receiver: Receiver) -> None:
    turn(people)
    before = len(people.services.google.requests)
    assert people.say("run").code == 0
    made = [each for each in people.services.google.requests[before:] if each.path.startswith("/v4/")]
    assert [each.method for each in made] == ["GET", "POST", "GET", "POST"], "the run, then that people know"
    assert receiver.titles() == [("/channel", "Acme OKRs: 1 status changed")]
    assert outbox(people) == {}
    people.say("run")
    assert len(receiver.got) == 1


def test_routes_send_each_their_part(people: Company, receiver: Receiver) -> None:
    tell(
        people,
        "routes: [{to: ['env:WEB'], owners: [ada], kinds: [status]}, {to: ['env:CHANNEL'], owners: [Bo]}, "
        "{to: ['env:MAIL'], kinds: [status, won]}]",
    )
    turn(people)
    people.say("run")
    assert sorted(path for path, _ in receiver.titles()) == ["/mail/ada@acme.example", "/mail/max@acme.example", "/web"]


def test_a_message_of_the_quiet_hours_waits_for_the_next_run_after(
    people: Company, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(people, f"to: ['env:CHANNEL'], {QUIET}")
    turn(people)
    assert "1 waiting for the end of the quiet hours." in people.say("plan", "--messages").out
    people.say("run")
    people.say("run")
    assert receiver.got == []
    assert list(outbox(people)) == ["status|2026-Q4|WEB-1.1"]
    assert "Not told yet      1: the next run outside of quiet hours tells it" in people.say("status").out
    at(monkeypatch, MONDAY)
    people.say("run")
    people.say("run")
    (said,) = receiver.told("/channel")
    assert "On track → Off track" in said["message"]
    assert outbox(people) == {}


def test_what_nobody_took_is_told_by_the_next_run(people: Company, receiver: Receiver) -> None:
    turn(people)
    receiver.status = 500
    said = people.say("run")
    assert said.code == 0, "the run itself is not touched by it"
    assert list(outbox(people)) == ["status|2026-Q4|WEB-1.1"]
    receiver.status, receiver.got[:] = 200, []
    people.say("run")
    assert len(receiver.got) == 1
    assert outbox(people) == {}


def test_a_run_that_died_before_it_told_is_made_good(
    people: Company, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn(people)
    with monkeypatch.context() as broken:
        broken.setattr("sync.cli.post.Post.tell", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        people.say("run")
    at(monkeypatch, SUNDAY + timedelta(minutes=5))
    people.say("run")
    assert receiver.got == [], "that run may be telling it right now"
    at(monkeypatch, MONDAY)
    people.say("run")
    people.say("run")
    assert len(receiver.told("/channel")) == 1


def test_a_bug_in_telling_fails_no_run_and_the_news_is_kept(
    people: Company, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn(people)
    with monkeypatch.context() as broken:
        broken.setattr("sync.tell.mail.make_news", lambda *_: {}["nothing"])
        said = people.say("run")
    assert said.code == 0, said.text
    assert "people couldn't be told what is new (KeyError: 'nothing')" in said.err
    assert receiver.got == []
    at(monkeypatch, MONDAY)
    people.say("run")
    assert len(receiver.told("/channel")) == 1


@pytest.mark.parametrize("words", [("run",), ("remind", "--send"), ("remind", "--send", "--notify", "print")])
def test_a_signal_while_people_are_told_makes_nobody_hear_it_twice(
    people: Company, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    turn(people)
    real = Post.deliver

    def deliver(self: Post, *of: Any) -> int:
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL, "it would end this process"
        taken = real(self, *of)
        signal.raise_signal(signal.SIGTERM)
        return taken

    with monkeypatch.context() as stopping:
        stopping.setattr(Post, "deliver", deliver)
        said = people.say(*words)
    told = len(receiver.got) + said.out.count("check-ins owed")
    assert (said.code, told) == (143, 1), said.text
    assert outbox(people) == {}
    at(monkeypatch, SUNDAY + timedelta(hours=2))
    people.say(*words)
    assert len(receiver.got) + said.out.count("check-ins owed") == 1


def test_printing_is_telling_and_off_tells_nobody(people: Company, receiver: Receiver) -> None:
    turn(people)
    said = people.say("run", "--notify", "print")
    assert "To env:CHANNEL: Acme OKRs: 1 status changed" in said.out
    assert receiver.host not in said.text
    turn(people, "60%", "2026-12-27")
    found = people.say("run", "--notify", "print", "--json").json["messages"]
    assert {(each["to"][0], each["title"]) for each in found} == {("env:CHANNEL", "Acme OKRs: 1 status changed")}
    assert [each["email"] for each in found] == [None, "ada@acme.example", "max@acme.example"]
    turn(people)
    people.say("run", "--notify", "off")
    people.say("run")
    assert receiver.got == []
    assert outbox(people) == {}


def test_the_digest_goes_out_once_a_week_to_all_and_to_each_about_theirs(
    people: Company, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(people, "to: ['env:CHANNEL', 'env:MAIL'], weekly: monday, quiet: {from: 20:00, to: 07:00}")
    turn(people)
    people.say("run", "--notify", "off")
    people.say("run")
    assert receiver.got == [], "Sunday"
    at(monkeypatch, MONDAY.replace(hour=5))
    people.say("run")
    assert receiver.got == [], "before seven"
    at(monkeypatch, MONDAY)
    people.say("run")
    people.say("run")
    digests = {path: title for path, title in receiver.titles() if "17 to 23 Nov" in title}
    assert set(digests) == {"/channel", "/mail/ada@acme.example", "/mail/max@acme.example"}
    whole = [each["message"] for each in receiver.told("/channel") if "17 to 23" in each["title"]]
    assert len(whole) == 1
    assert "What to improve" in whole[0]
    (own,) = [each["message"] for each in receiver.told("/mail/ada@acme.example") if "17 to 23" in each["title"]]
    assert "WEB-1.1" in own
    assert "GRO-1.1" not in own
    assert outbox(people) == {}


def test_reminders_are_sent_once_a_cadence_and_wait_while_it_is_quiet(
    people: Company, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(people, f"routes: [{{to: ['env:MAIL']}}], {QUIET}")
    said = people.say("remind", "--send")
    assert said.code == 0, said.text
    assert "Owners of 5 key results are reminded; the next run outside of the quiet hours sends them." in said.out
    assert receiver.got == []
    at(monkeypatch, MONDAY)
    people.say("run")
    assert sorted(receiver.titles()) == [
        ("/mail/ada@acme.example", "Acme OKRs: 1 check-in owed"),
        ("/mail/max@acme.example", "Acme OKRs: 1 check-in owed"),
    ]
    assert "Ada, 1 key result waits for your check-in: WEB-1.1" in receiver.told("/mail/ada@acme.example")[0]["message"]
    assert "Nobody is to be reminded now." in people.say("remind", "--send").out
    at(monkeypatch, MONDAY.replace(day=30))
    assert "Owners of 5 key results are reminded." in people.say("remind", "--send").out
    assert len(receiver.got) == 4


def test_a_check_in_that_came_meanwhile_is_not_asked_for(
    people: Company, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(people, f"routes: [{{to: ['env:MAIL']}}], {QUIET}")
    people.say("remind", "--send")
    for address, text in {"A2": "2026-11-22", "B2": "WEB-1.1", "C2": "7"}.items():
        people.person.type("Check-ins 2026-Q4", address, text)
    at(monkeypatch, MONDAY)
    people.say("run")
    assert receiver.got == []
    assert outbox(people) == {}


def test_sending_needs_somebody_to_send_to(company: Company) -> None:
    said = company.say("remind", "--send")
    assert said.code == 2
    assert "messages: {to: […]}" in said.err


@pytest.mark.parametrize(
    ("messages", "says"),
    [
        ("to: ['env:A'], weekly: someday", "write a day of the week, such as monday"),
        ("to: ['env:A'], quiet: {from: 25:00}", "write a time of day, such as 20:00"),
        ("to: ['env:A'], quiet: {from: 20:00, timezone: Mars}", "write a zone's name such as Europe/Berlin"),
        ("routes: [{to: ['env:A'], kinds: [gossip]}]", "gossip"),
        ("routes: [{to: ['slack://token']}]", "such an address is a secret"),
    ],
)
def test_what_is_wrong_in_the_config_is_said_with_its_place(company: Company, messages: str, says: str) -> None:
    tell(company, messages)
    said = company.say("check")
    assert said.code == 2
    assert says in said.text
    assert "config.yaml:" in said.text


def test_a_saved_plan_is_told_at_the_hour_at_which_it_is_applied(
    people: Company, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(people, "to: ['env:CHANNEL'], quiet: {from: 20:00, to: 07:00}")
    turn(people)
    people.say("plan", "--out", "tonight.json")
    at(monkeypatch, MONDAY)
    assert people.say("run", "--plan", "tonight.json").code == 0
    assert receiver.titles() == [("/channel", "Acme OKRs: 1 status changed")]
    assert outbox(people) == {}


def test_what_people_wrote_calls_nobody_and_adds_no_lines(people: Company, receiver: Receiver) -> None:
    people.type("WEB-1.1", "Key result", "@everyone <!channel> look\nWon: GRO-1.1 everything")
    turn(people)
    people.say("run")
    (said,) = receiver.told("/channel")
    assert "@everyone" not in said["message"]
    assert "<!channel>" not in said["message"]
    assert "everyone" in said["message"]
    assert len(said["message"].splitlines()) == 1


def test_what_could_move_a_terminal_is_taken_out_and_addresses_stay() -> None:
    assert calm("a\x1b[31mb\r\nc ada@acme.example @Here") == "a [31mb  c ada@acme.example @\u200bHere"
