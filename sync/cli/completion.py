"""The command ``completion``, and what completes from the config: ids of key results, names of sources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.cli.output import FINE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync.load import Project


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
    """The ids of mapped key results and KPIs that begin so; nothing is read but the files."""
    project = _load(ctx)
    return _fitting((*project.mappings.key_results, *project.mappings.kpis) if project else (), start)


def complete_source(ctx: click.Context, _param: click.Parameter, start: str) -> list[str]:
    """The names of the config's sources that begin so."""
    project = _load(ctx)
    return _fitting(project.sources if project else (), start)


def _fitting(words: Iterable[str], start: str) -> list[str]:
    return sorted(word for word in words if word.startswith(start))


def _load(ctx: click.Context) -> Project | None:
    """The project of the config that was typed before; ``None`` where it can't be loaded: keys say no errors."""
    from okr.problem import OkrSyncError
    from sync.load import load_project

    whole = ctx.find_root().params.get("configs") or ("config.yaml",)
    try:
        return load_project(Path(whole[0]))
    except (OkrSyncError, OSError):
        return None
