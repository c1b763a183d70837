"""Many sheets and whoever watches them: nobody's numbers, pings or time are another's."""

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from sandbox.wire import Fault
from sync.cli.output import FAILED, FINE, PARTIAL
from tests.support.company import Company, make_company
from tests.support.receiver import Receiver, receiving
from tests.support.teams import add_to_config, call

NAMES = ("acme", "desk", "shop")
SUCCESS, LAST = "okr_sync_last_run_success", "okr_sync_last_success_timestamp_seconds"


@pytest.fixture
def monitor() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def watch(teams: Company, text: str) -> None:
    """The same watchers in every config."""
    acme = teams.folder / "teams" / "acme" / "config.yaml"
    acme.write_text(acme.read_text().replace("run: {source_budget: 2s}\n", ""))
    for name in NAMES:
        add_to_config(teams, name, text)


def share_acmes_sheet(teams: Company) -> None:
    """Two configs keep one Google sheet, each its own rows."""
    acme = teams.folder / "teams" / "acme"
    text = (acme / "config.yaml").read_text()
    for name, rows in (("web", "'*WEB*', C-*"), ("growth", "GRO-*")):
        folder = teams.folder / "teams" / name
        folder.mkdir()
        (folder / "config.yaml").write_text(
            f"name: {name}\n" + text.replace("credentials:", f"rows: [{rows}], credentials:")
        )
        for file in ("mappings.yaml", "key.json"):
            (folder / file).write_bytes((acme / file).read_bytes())
    (acme / "config.yaml").unlink()


def series(text: str, metric: str) -> dict[str, float]:
    """A metric's values by their labels."""
    return {found[1]: float(found[2]) for found in re.finditer(rf"^{metric}\{{(.*)\}} (\S+)$", text, re.MULTILINE)}


def gateway(monitor: Receiver) -> dict[str, dict[str, float]]:
    """What a Pushgateway would show of each group: PUT replaces it, POST the metrics that are named."""
    groups: dict[str, dict[str, float]] = {}
    for method, path, body in monitor.got:
        if "/metrics/job/" in path:
            group = groups.setdefault(path, {})
            if method == "PUT":
                group.clear()
            group |= {metric: value for metric in (SUCCESS, LAST) for value in series(body, metric).values()}
    return groups


def labels_of(path: str) -> dict[str, str]:
    """A group's labels, as a Pushgateway reads them out of its path."""
    words = unquote(path).partition("/job/okr_sync/")[2].split("/")
    return {
        name.removesuffix("@base64"): base64.urlsafe_b64decode(value).decode()
        for name, value in zip(words[::2], words[1::2], strict=True)
    }


def test_one_metrics_file_holds_all_sheets_though_workbooks_are_called_the_same(teams: Company) -> None:
    watch(teams, "run: {source_budget: 2s, metrics: ../../okr.prom}\n")
    for _ in range(2):
        assert call(teams, "run").code == FINE
    text = (teams.folder / "okr.prom").read_text()
    books = [str((teams.folder / "teams" / name / "okrs.xlsx").resolve()) for name in ("desk", "shop")]
    assert series(text, SUCCESS) == {f'sheet="{sheet}"': 1.0 for sheet in (teams.document.id, *books)}
    assert text.count(f"# TYPE {SUCCESS} gauge") == 1
    names = [line.partition("{")[0] for line in text.splitlines() if not line.startswith("#")]
    assert len([name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]) == len(set(names))


def test_two_configs_of_one_sheet_have_numbers_of_their_own(teams: Company, monitor: Receiver) -> None:
    watch(teams, "run: {source_budget: 2s, metrics: ../../okr.prom, push: 'env:PUSH'}\n")
    share_acmes_sheet(teams)
    said = call(teams, "run", PUSH=monitor.url)
    assert said.code in (FINE, PARTIAL), said.text
    sheet = f'sheet="{teams.document.id}"'
    found = series((teams.folder / "okr.prom").read_text(), "okr_sync_last_run_moved")
    assert {label: value for label, value in found.items() if sheet in label}.keys() == {
        f'{sheet},config="growth"',
        f'{sheet},config="web"',
    }
    assert found[f'{sheet},config="growth"'] != found[f'{sheet},config="web"']
    groups = [labels_of(path) for path in gateway(monitor)]
    assert len(groups) == 4
    assert {"sheet": teams.document.id, "config": "web"} in groups


def test_a_gateway_keeps_when_a_sheet_that_fails_last_did_well(teams: Company, monitor: Receiver) -> None:
    watch(teams, "run: {source_budget: 2s, push: 'env:PUSH'}\n")
    assert call(teams, "run", PUSH=monitor.url).code == FINE
    before = gateway(monitor)
    assert len(before) == 3
    (teams.folder / "teams" / "shop" / "okrs.xlsx").unlink()
    assert call(teams, "run", PUSH=monitor.url).code == FAILED
    after = gateway(monitor)
    [shop] = [path for path in after if labels_of(path)["sheet"].endswith("shop/okrs.xlsx")]
    assert after[shop] == {SUCCESS: 0.0, LAST: before[shop][LAST]}
    assert {path: found for path, found in after.items() if path != shop} == {
        path: found for path, found in before.items() if path != shop
    }


def pings(monitor: Receiver) -> list[str]:
    return [path for _, path, _ in monitor.got]


def test_a_failure_stays_the_last_word_at_an_address_that_sheets_share(teams: Company, monitor: Receiver) -> None:
    watch(teams, "alerts: {ping: 'env:PING'}\n")
    assert call(teams, "run", PING=f"{monitor.url}/all").code == FINE
    assert pings(monitor) == ["/all/start", "/all"] * 3
    monitor.got.clear()
    (teams.folder / "teams" / "desk" / "okrs.xlsx").unlink()
    assert call(teams, "run", PING=f"{monitor.url}/all").code == FAILED
    assert pings(monitor) == ["/all/start", "/all", "/all/start", "/all/fail"]
    monitor.got.clear()
    (teams.folder / "teams" / "shop" / "okrs.xlsx").unlink()
    call(teams, "run", PING=f"{monitor.url}/all")
    assert pings(monitor) == ["/all/start", "/all", "/all/start", "/all/fail", "/all/fail"]
    assert re.search(r"exit code 1\. .*shop/okrs\.xlsx", monitor.got[-1][2].replace("\n", " "))


def test_addresses_of_their_own_say_how_each_one_is(teams: Company, monitor: Receiver) -> None:
    for name in NAMES:
        add_to_config(teams, name, f"alerts: {{ping: 'env:{name.upper()}'}}\n")
    (teams.folder / "teams" / "desk" / "okrs.xlsx").unlink()
    call(teams, "run", **{name.upper(): f"{monitor.url}/{name}" for name in NAMES})
    assert pings(monitor) == ["/acme/start", "/acme", "/desk/start", "/desk/fail", "/shop/start", "/shop"]


@pytest.fixture
def double(teams: Company) -> Company:
    """A second Google sheet with the same sources and the same key: what the teams' configs ask after Acme's."""
    folder = teams.folder / "teams" / "zeta"
    folder.mkdir()
    zeta = make_company(teams.services, folder)
    zeta.fill()
    return zeta


def test_a_sheet_that_uses_up_its_time_takes_nobody_else_s(teams: Company, double: Company) -> None:
    """Jira is down while Acme's sheet is done: all of its two seconds are gone. The next one's are its own."""
    google, jira = teams.services.google, teams.services.jira
    jira.faults.add(Fault(status=503, times=None))
    google.before(lambda request: double.document.id in request.path, jira.faults.clear)
    said = call(teams, "run", "--json")
    codes = {each["name"]: each["code"] for each in said.json["sheets"]}
    assert codes == {"acme": PARTIAL, "desk": FINE, "shop": FINE, "zeta": FINE}, said.err
    acme, *_, zeta = said.json["sheets"]
    assert "WEB-1.1" in json.dumps(acme["gaps"])
    assert zeta["gaps"] == []
    assert double.shows("WEB-1.1", "Current") == "52.5%"


def test_the_whole_time_of_a_run_is_each_sheet_s_own(teams: Company, double: Company) -> None:
    for folder in (teams.folder / "teams" / "acme", double.folder):
        path = folder / "config.yaml"
        path.write_text(path.read_text().replace("{source_budget: 2s}", "{budget: 2s, source_budget: 2s}"))
    jira = teams.services.jira
    jira.faults.add(Fault(status=503, times=None))
    teams.services.google.before(lambda request: double.document.id in request.path, jira.faults.clear)
    sheets = call(teams, "run", "--json").json["sheets"]
    assert [each["code"] for each in sheets] == [PARTIAL, FINE, FINE, FINE]


def test_a_sheet_that_hangs_is_given_up_and_the_others_are_done(
    teams: Company, double: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.google._TIMEOUT", (1, 0.1))
    teams.services.google.faults.add(Fault(match=f"/v4/spreadsheets/{teams.document.id}", kind="timeout", times=None))
    said = call(teams, "run", "--json")
    codes = {each["name"]: each["code"] for each in said.json["sheets"]}
    assert codes == {"acme": FAILED, "desk": FINE, "shop": FINE, "zeta": FINE}, said.err
    assert "no answer in time" in said.json["sheets"][0]["error"]
    assert double.shows("WEB-1.1", "Current") == "52.5%"
