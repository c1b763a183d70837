"""The sample plug-in installed beside okr-sync: found by its entry point, checked with a place, asked by a config."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from connectors.registry import GROUP
from tests.docs.pages import blocks, read

HERE = Path(__file__).parent
PAGE = read("docs/writing-a-connector.md")
CONFIG = """\
sheet: {workbook: okrs.xlsx}
sources:
  orders: {kind: shop, url: https://shop.example, token: env:SHOP_TOKEN}
mappings: mappings.yaml
"""
LOADS = """
import sys
from pathlib import Path
from connectors.registry import kinds
from sync.load import load_project
assert "shop" in kinds()
project = load_project(Path(sys.argv[1]))
for problem in project.problems:
    print(problem.place.line, problem.message)
print(*project.mappings.key_results)
assert "requests" not in sys.modules, "the vendor's library is loaded when it is asked for"
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder as pip fills it: the package, and beside it what the package tells of itself."""
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    shutil.copytree(HERE / "okr_sync_shop", tmp_path / "okr_sync_shop")
    told = tmp_path / f"okr_sync_shop-{project['version']}.dist-info"
    told.mkdir()
    told.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 1.0.0\n")
    points = "".join(f"{name} = {where}\n" for name, where in project["entry-points"][GROUP].items())
    told.joinpath("entry_points.txt").write_text(f"[{GROUP}]\n{points}")
    return tmp_path


def run(installed: Path, mappings: str) -> str:
    (installed / "config.yaml").write_text(CONFIG)
    (installed / "mappings.yaml").write_text(mappings)
    root = Path(__file__).resolve().parents[2]
    code = [sys.executable, "-c", LOADS, str(installed / "config.yaml")]
    done = subprocess.run(
        code, env={"PYTHONPATH": f"{installed}:{root}"}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_config_may_use_its_kind(installed: Path) -> None:
    [mapping] = [block for block in blocks(PAGE, "yaml") if "key_results:" in block]
    assert run(installed, mapping).split() == ["SHOP-1", "SHOP-2"]


def test_mistakes_in_its_queries_have_their_place(installed: Path) -> None:
    said = run(installed, "key_results:\n  SHOP-1: {orders: paid, measure: percent_done}\n")
    assert "2 The shop doesn't know what done means" in said


@pytest.mark.parametrize("name", ["okr_sync_shop/forms.py", "okr_sync_shop/connector.py", "test_shop.py"])
def test_the_page_shows_the_sample_as_it_is(name: str) -> None:
    text = (HERE / name).read_text(encoding="utf-8")
    shown = [block for block in blocks(PAGE, "python") if block.startswith(f"# {name}\n")]
    assert shown
    for block in shown:
        for piece in block.removeprefix(f"# {name}\n").split("# …\n"):
            assert piece.strip("\n") in text


def test_the_page_shows_the_package_as_it_is() -> None:
    [shown] = blocks(PAGE, "toml")
    assert shown == (HERE / "pyproject.toml").read_text()
