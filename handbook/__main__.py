"""``python -m handbook [FOLDER]``: build the site, strictly: a dead link or a page outside the menu stops it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from handbook.gather import gather

ROOT = Path(__file__).parent.parent
WORK = ROOT / "build/handbook"


def main(work: Path = WORK) -> int:
    """Gather the pages in a folder of their own and let Zensical make the site beside them."""
    gather(ROOT, work)
    made = subprocess.run(  # noqa: S603 - our own words and a path
        [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", str(work / "mkdocs.yml")],
        cwd=work,
        check=False,
    )
    if made.returncode == 0:
        print(f"Open {work / 'site/index.html'}")  # noqa: T201 - it is what the command says
    return made.returncode


if __name__ == "__main__":
    sys.exit(main(*(Path(each).resolve() for each in sys.argv[1:2])))
