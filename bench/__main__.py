"""``python -m bench``: what is promised about speed, measured on this machine."""

from __future__ import annotations

from bench.demo import measure_demo, render_demo
from bench.gather_1k import measure_night, render_night
from bench.mappings_2k import measure_mappings, render_mappings
from bench.plan_10k import measure, render_cost
from bench.sandbox_jira import main as measure_sandbox
from bench.scale import measure_scale, render_scale
from bench.start import measure_start, render_start
from bench.stream_1m import measure_streams, render_streams
from bench.suite import measure_suite, render_suite


def main() -> None:
    """Measure and print."""
    print(render_cost(measure()))
    print(render_start(measure_start()))
    print(render_mappings(measure_mappings()))
    print(render_demo(measure_demo()))
    print(render_night(measure_night()))
    print(render_streams(measure_streams()))
    print(measure_sandbox())
    print(render_scale(measure_scale()))
    print(render_suite(measure_suite()))


if __name__ == "__main__":
    main()
