"""``python -m bench``: what is promised about speed, measured on this machine."""

from __future__ import annotations

from bench.plan_10k import measure, render_cost
from bench.start import measure_start, render_start


def main() -> None:
    """Measure and print."""
    print(render_cost(measure()))
    print(render_start(measure_start()))


if __name__ == "__main__":
    main()
