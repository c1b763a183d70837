"""The common base of the stand-ins, over real sockets."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests
from werkzeug.exceptions import abort
from werkzeug.wrappers import Request, Response

from sandbox.server import Server
from sandbox.wire import Clock, Fault, Quota, Service, json_response, parse_json, route


class Shelf(Service):
    name = "shelf"

    def __init__(self, **options):
        super().__init__(**options)
        self.things: dict[str, object] = {"a": 1}

    @route("GET", "/things/<key>", "/v2/things/<key>")
    def read(self, _request: Request, key: str):
        if key not in self.things:
            abort(json_response({"message": "no such thing"}, 404))
        return {"key": key, "value": self.things[key]}

    @route("PUT", "/things/<key>")
    def write(self, request: Request, key: str) -> None:
        self.things[key] = parse_json(request)["value"]

    @route("GET", "/list:all")
    def everything(self, _request: Request):
        return sorted(self.things)

    @route("GET", "/bug")
    def bug(self, _request: Request):
        return {"oops": 1 / 0}


class Time:
    def __init__(self):
        self.now, self.waited = 100.0, []

    def __call__(self):
        return self.now

    def wait(self, seconds):
        self.waited.append(seconds)
        self.now += seconds


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def shelf(time) -> Iterator[Shelf]:
    service = Shelf(wait=time.wait, timer=time, clock=Clock(datetime(2026, 11, 22, 9, tzinfo=UTC)))
    with Server(service):
        yield service
    assert not [text for text in service.failures if "ZeroDivision" not in text]


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def test_a_request_reaches_its_handler_and_the_log(shelf, http, time):
    put = http.put(f"{shelf.url}/things/b?why=1&why=2", json={"value": 2.5})
    assert (put.status_code, put.content) == (204, b"")
    assert http.get(f"{shelf.url}/v2/things/b").json() == {"key": "b", "value": 2.5}
    assert http.get(f"{shelf.url}/list:all").json() == ["a", "b"]
    first = shelf.requests[0]
    assert (first.method, first.path, first.status) == ("PUT", "/things/b", 204)
    assert first.query == {"why": ["1", "2"]}
    assert first.body == {"value": Decimal("2.5")}
    assert first.at == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert first.started == time.now
    assert first.headers["Content-Type"] == "application/json"


def test_connections_stay_open(shelf, http):
    ports = set()
    shelf.before(lambda request: ports.add(request.environ["REMOTE_PORT"]) or False, lambda: None)
    for _ in range(5):
        http.put(f"{shelf.url}/things/b", json={"value": "x" * 9000})
        http.get(f"{shelf.url}/things/b")
    assert len(ports) == 1


def test_what_is_not_served_is_loud(shelf, http):
    for answer in (http.delete(f"{shelf.url}/things/a"), http.get(f"{shelf.url}/elsewhere")):
        assert answer.status_code == 501
        assert "does not serve" in answer.json()["sandbox"]
    assert "GET /elsewhere" in answer.json()["sandbox"]


def test_a_refusal_by_abort_and_a_bug(shelf, http):
    assert http.get(f"{shelf.url}/things/z").json() == {"message": "no such thing"}
    assert http.get(f"{shelf.url}/bug").status_code == 500
    assert "ZeroDivisionError" in shelf.failures[0]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["status", "cut", "html", "slow"])
def test_a_fault_before_commits_nothing_and_a_fault_after_commits(shelf, http, time, when, kind):
    shelf.faults.add(Fault(match="PUT", kind=kind, when=when, status=503, seconds=7))
    try:
        answer = http.put(f"{shelf.url}/things/a", json={"value": 2})
    except requests.ConnectionError:
        assert kind == "cut"
    else:
        assert answer.status_code == {"status": 503, "html": 200, "slow": 204}[kind]
        assert ("<form" in answer.text) == (kind == "html")
    assert shelf.things["a"] == (1 if when == "before" and kind != "slow" else 2)
    assert time.waited == ([7] if kind == "slow" else [])
    assert shelf.requests[-1].fault == kind
    assert http.put(f"{shelf.url}/things/a", json={"value": 3}).status_code == 204  # once only


def test_a_status_fault_says_what_it_is_told(shelf, http):
    shelf.faults.add(Fault(status=429, body={"no": "more"}, retry_after=1.5, headers={"X-Left": "0"}))
    answer = http.get(f"{shelf.url}/things/a")
    assert (answer.status_code, answer.json()) == (429, {"no": "more"})
    assert (answer.headers["Retry-After"], answer.headers["X-Left"]) == ("1.5", "0")
    shelf.faults.add(Fault(status=502, body="<h1>Bad gateway</h1>"))
    assert http.get(f"{shelf.url}/things/a").headers["Content-Type"].startswith("text/html")


def test_half_an_answer_under_the_full_length(shelf, http):
    shelf.things["a"] = "x" * 1000
    shelf.faults.add(Fault(kind="truncate"))
    with pytest.raises(requests.RequestException):
        http.get(f"{shelf.url}/things/a")
    raw = requests.get(f"{shelf.url}/things/a", stream=True, timeout=5)
    assert json.loads(raw.content)["value"] == "x" * 1000


def test_silence_until_the_client_gives_up(shelf, http):
    shelf.faults.add(Fault(kind="timeout"))
    with pytest.raises(requests.Timeout):
        http.get(f"{shelf.url}/things/a", timeout=0.1)
    assert http.get(f"{shelf.url}/things/a").ok


def test_faults_skip_repeat_and_choose(shelf, http):
    shelf.faults.add(Fault(match="GET /things/a", skip=1, times=2))
    shelf.faults.add(Fault(match=lambda request: request.path.endswith("b"), times=None, status=500))
    codes = [http.get(f"{shelf.url}/things/a").status_code for _ in range(4)]
    assert codes == [200, 503, 503, 200]
    assert {http.get(f"{shelf.url}/things/b").status_code for _ in range(3)} == {500}
    assert shelf.faults.waiting == 1
    shelf.faults.clear()
    assert http.get(f"{shelf.url}/things/b").status_code == 404


def test_latency_waits_without_the_lock(shelf, http, time):
    shelf.latency = 0.25
    http.get(f"{shelf.url}/things/a")
    assert time.waited == [0.25]
    assert shelf.requests[0].ended - shelf.requests[0].started == 0.25


def test_a_quota_slides(shelf, http, time):
    shelf.quotas.append(Quota(2, 10, key=lambda request: request.args.get("user")))

    def code(user):
        return http.get(f"{shelf.url}/things/a", params={"user": user}).status_code

    assert [code("ann"), code("ann"), code("ann"), code("bob")] == [200, 200, 429, 200]
    time.now += 4
    answer = http.get(f"{shelf.url}/things/a?user=ann")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 6
    assert [http.get(f"{shelf.url}/things/a").status_code for _ in range(5)] == [200] * 5
    time.now += 6
    assert [code("ann"), code("ann"), code("ann")] == [200, 200, 429]


def test_an_excess_closes_the_door_for_the_penalty(shelf, http, time):
    shelf.quotas.append(Quota(1, 1, penalty=30))
    codes = []
    for step in (0, 0, 20, 9, 1.1):
        time.now += step
        codes.append(http.get(f"{shelf.url}/things/a").status_code)
    assert codes == [200, 429, 429, 429, 200]


def test_a_person_edits_between_a_read_and_a_write(shelf, http):
    shelf.after("GET /things/a", lambda: shelf.things.update(a="typed by hand"))
    seen = []
    shelf.before("PUT", lambda: seen.append(shelf.things["a"]))
    assert http.get(f"{shelf.url}/things/a").json()["value"] == 1
    http.put(f"{shelf.url}/things/a", json={"value": 2})
    http.put(f"{shelf.url}/things/a", json={"value": 3})
    assert seen == ["typed by hand"]


def test_handlers_never_overlap(shelf):
    inside, most = [], []

    def enter():
        inside.append(1)
        most.append(len(inside))
        threading.Event().wait(0.002)
        inside.pop()

    shelf.before("GET", enter, times=40)

    def read_some():
        with requests.Session() as session:
            for _ in range(5):
                session.get(f"{shelf.url}/things/a")

    threads = [threading.Thread(target=read_some) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shelf.requests) == len(most) == 40
    assert set(most) == {1}


def test_services_have_ports_of_their_own_and_give_them_back():
    one, two = Shelf(), Shelf()
    with Server(one, two):
        assert one.url != two.url
        assert requests.get(f"{one.url}/things/a", timeout=5).ok
        with pytest.raises(OSError, match="is taken"):
            Server(Shelf(port=one.port)).start()
    again = Shelf(port=one.port)
    with Server(again):
        assert requests.get(f"{again.url}/things/a", timeout=5).ok


def test_a_response_passes_as_it_is(shelf, http):
    shelf.refusal = lambda status, _request: Response("busy", status, content_type="text/plain")
    shelf.faults.add(Fault(status=503))
    assert http.get(f"{shelf.url}/things/a").text == "busy"


def test_the_clock_stands_runs_and_moves():
    moment = datetime(2026, 11, 22, 9, tzinfo=UTC)
    clock = Clock(moment)
    assert clock.now() == clock.now() == moment
    clock.advance(timedelta(days=7))
    clock.sleep(90)
    assert clock.now() == moment + timedelta(days=7, seconds=90)
    assert clock.seconds() == 7 * 86400 + 90
    clock.set(moment)
    assert clock.now() == moment
    running = Clock(moment, running=True)
    first = running.now()
    assert moment < running.now() >= first
    with pytest.raises(ValueError, match="zone"):
        Clock(datetime(2026, 11, 22))  # noqa: DTZ001 - what is refused
