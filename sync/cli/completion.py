"""The command ``completion``, and what completes from the config: ids of key results, names of sources.

A key that is pressed waits for no network and hears of no error: the files' keys are read, and nothing is checked. So a
config that is wrong elsewhere still completes, and one that can't be read completes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.cli.output import FINE

if TYPE_CHECKING:
    from mappings.node import Node


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(*, shell: str) -> int:
    """Print what makes a shell complete commands, options, ids of key results and names of sources.

    \b
    Examples:
      eval "$(okr-sync completion bash)"                                    # in ~/.bashrc
      eval "$(okr-sync completion zsh)"                                     # in ~/.zshrc
      okr-sync completion fish > ~/.config/fish/completions/okr-sync.fish
    """
    from click.shell_completion import get_completion_class

    from sync.cli.main import cli

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(cli, {}, "okr-sync", "_OKR_SYNC_COMPLETE").source())
    return FINE


def complete_id(ctx: click.Context, _param: click.Parameter, start: str) -> list[str]:
    """The ids of mapped key results and KPIs that begin so."""
    return _fitting(_find_ids(ctx), start)


def complete_ids(ctx: click.Context, _param: click.Parameter, start: str) -> list[str]:
    """The same for a list with commas: its last id, after those that stand there already."""
    before, comma, last = start.rpartition(",")
    taken = before.split(",")
    return [f"{before}{comma}{word}" for word in _fitting(_find_ids(ctx), last) if word not in taken]


def complete_source(ctx: click.Context, _param: click.Parameter, start: str) -> list[str]:
    """The names of the config's sources that begin so."""
    _, config = _read_config(ctx)
    return _fitting(_keys(config, "sources"), start)


def _fitting(words: Iterable[str], start: str) -> list[str]:
    return sorted(word for word in set(words) if word.startswith(start))


def _find_ids(ctx: click.Context) -> Iterator[str]:
    folder, config = _read_config(ctx)
    written = config.value("mappings") if config else None
    path = folder / written.text if written and written.text else None
    files = path.rglob("*.y*ml") if path and path.is_dir() else (path,) if path else ()
    for file in files:
        mapping = _read_yaml(file)
        yield from (*_keys(mapping, "key_results"), *_keys(mapping, "kpis"))


def _read_config(ctx: click.Context) -> tuple[Path, Node | None]:
    """The config that was typed before, or the usual one, and its folder."""
    path = Path((ctx.find_root().params.get("configs") or ("config.yaml",))[0])
    return path.parent, _read_yaml(path)


def _read_yaml(path: Path) -> Node | None:
    from mappings.yaml_text import parse_yaml

    try:
        tree = parse_yaml(path.read_text(encoding="utf-8-sig"), path.name)
    except (OSError, ValueError):
        return None
    return None if isinstance(tree, tuple) else tree.root


def _keys(node: Node | None, name: str) -> Iterable[str]:
    found = node.value(name) if node else None
    return found.entries if found else ()
