"""What the three layouts are worth to a provider's prefix cache, on the history of a repository.

    python benchmarks/prefix_replay.py [REPO] [--commits 150] [--glob 'src/**/*.py'] [--json]

Replays the last commits of REPO (a git repository, bare or not, which is only read) that touch the
files of the pattern, and asks one question about these files after each, by the executor, of two
loopback servers: one credits the longest common prefix as OpenAI does, the other marked prefixes
as Anthropic does. The five repositories of `prefix_goals` have goals, told by the name of a remote
or of the folder; the clock is simulated, so that a goal that is missed is no accident: exit 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from git_history import History, remotes
from harness import ROOT, print_machine
from prefix_goals import COMMITS, Goal, Shares, goals_of, name_of

sys.path.insert(0, str(ROOT))

from ccw import LiteLLMExecutionOptions, execute_litellm_endpoint
from ccw.llm.usage import Usage
from tests.servers.loopback import Server, serving
from tests.servers.prefix_cache import MarkedPrefixes, anthropic_cache, openai_cache

LAYOUTS = ("path", "stable", "overlay")
OPENAI, ANTHROPIC = "openai", "anthropic"
MODELS = {OPENAI: "gpt-5", ANTHROPIC: "claude-sonnet-4-5"}
PRICES = {"input": 1.0, "cache_read": 0.1, "cache_write_5m": 1.25, "cache_write_1h": 2.0}
INTERVAL = 60.0  # seconds from request to request
CLOCK = "requests one minute apart, entries living 5 minutes from their last use"
WINDOW = 100_000_000  # tokens; what is measured is the prefix, not the model


@dataclass(frozen=True)
class Lane:
    """One layout at one provider, with caches that no other lane sees."""

    layout: str
    provider: str
    server: Server
    home: Path
    totals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PRICES, 0))

    @property
    def name(self) -> str:
        return f"{self.provider}-{self.layout}"

    @property
    def sent(self) -> int:
        """All input tokens."""
        return sum(self.totals.values())

    @property
    def cached_share(self) -> float:
        """Which part of the input was read from the provider's cache."""
        return self.totals["cache_read"] / self.sent

    @property
    def billed(self) -> float:
        """The input in tokens of fresh input that cost the same."""
        return sum(PRICES[kind] * tokens for kind, tokens in self.totals.items())

    def config(self) -> dict[str, Any]:
        """Return the lane's provider and endpoint, as the config file has them."""
        model = MODELS[self.provider]
        provider = {
            "id": self.name,
            "name": self.name,
            "type": self.provider,
            "apiKey": "sk-loopback",
            "apiBase": self.server.base if self.provider == OPENAI else self.server.root,
            "models": [{"id": model, "contextWindow": WINDOW}],
        }
        strategy = {"layout": self.layout, "maxSizeKB": WINDOW}
        endpoint = {"id": self.name, "name": self.name, "providerId": self.name, "model": model}
        return {"provider": provider, "endpoint": {**endpoint, "cacheStrategy": strategy}}

    def ask(self, prompt: str, project: Path, now: float) -> None:
        """Send one request and add what it used."""
        result = execute_litellm_endpoint(
            LiteLLMExecutionOptions(prompt, self.name, project),
            environ={"HOME": str(self.home), "CCW_HOME": str(self.home / ".ccw")},
            clock=lambda: now,
        )
        self.server.requests.clear()  # megabytes each
        if not result.success or result.usage is None:
            sys.exit(f"{self.name}: {result.error or 'the answer has no usage'}")
        self._add(result.usage)

    def _add(self, usage: Usage) -> None:
        for kind in self.totals:
            self.totals[kind] += getattr(usage, kind)


@dataclass
class Clock:
    """A time that only the replay moves, in seconds since 1970."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def main(arguments: Sequence[str] | None = None) -> None:
    """Replay, and print the table or JSON."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        lanes, commits = replay(options, Path(folder).resolve())
    goals = _goals(options, lanes)
    if options.json:
        print(json.dumps([_row(lane) for lane in lanes], indent=1))
    else:
        print_machine()
        print(f"{options.repo}, {options.glob}, {commits} commits; {CLOCK}")
        print("\n".join([table(lanes), *map(str, goals)]))
    if missed := [goal for goal in goals if not goal.met]:
        sys.exit("; ".join(map(str, missed)))


def replay(options: argparse.Namespace, folder: Path) -> tuple[list[Lane], int]:
    """Ask about each commit in each lane; return the lanes and the number of commits."""
    clock, project = Clock(), folder / "project"
    project.mkdir()
    history = History(options.repo, project, folder / "index", options.glob)
    commits = history.commits(options.commits)
    if not commits:
        sys.exit(f"no commit of {options.repo} touches {options.glob}; name other files by --glob")
    with lanes_at(folder, clock, options) as lanes:
        write_config(project, lanes)
        for number, commit in enumerate(commits, 1):
            history.show(commit)
            for lane in lanes:
                lane.ask(f"@{options.glob} What changed? ({number})", project, clock.now)
            clock.now += INTERVAL
    return lanes, len(commits)


@contextmanager
def lanes_at(folder: Path, clock: Clock, options: argparse.Namespace) -> Iterator[list[Lane]]:
    """Run a server for each layout and provider."""
    with ExitStack() as stack:
        lanes = []
        for layout in LAYOUTS:
            marked = MarkedPrefixes(
                clock, whole_blocks=options.whole_blocks, inside=not options.none_inside
            )
            caches = {OPENAI: openai_cache(clock), ANTHROPIC: anthropic_cache(marked)}
            for provider, behaviour in caches.items():
                server = stack.enter_context(serving(behaviour))
                home = folder / f"home-{provider}-{layout}"
                lanes.append(Lane(layout, provider, server, home))
        yield lanes


def write_config(project: Path, lanes: Sequence[Lane]) -> None:
    """Configure the endpoint of each lane."""
    made = [lane.config() for lane in lanes]
    config = {
        "providers": [one["provider"] for one in made],
        "endpoints": [one["endpoint"] for one in made],
        "globalCacheSettings": {"maxTotalSizeMB": 1000},
    }
    path = project / ".ccw/storage/config/litellm-api-config.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(config))


def table(lanes: Sequence[Lane]) -> str:
    """Return the figures as lines; billed input also as a share of the files without any cache."""
    by_name = {lane.name: lane for lane in lanes}
    files = by_name[f"{OPENAI}-path"].sent
    lines = [
        "input in millions of tokens  longest common prefix    marked prefixes        marked /",
        "layout               sent    cached  billed          cached  billed          longest",
    ]
    for layout in LAYOUTS:
        longest, marked = by_name[f"{OPENAI}-{layout}"], by_name[f"{ANTHROPIC}-{layout}"]
        cells = f"{_cells(longest, files)}  {_cells(marked, files)}"
        ratio = Shares(longest.cached_share, marked.cached_share).ratio
        lines.append(f"{layout:15}{longest.sent / 1e6:10.2f}  {cells}  {ratio:9.2f}")
    return "\n".join(lines)


def _goals(options: argparse.Namespace, lanes: Sequence[Lane]) -> list[Goal]:
    """Return what there is to reach; few commits tell nothing."""
    name = name_of([*remotes(options.repo), str(options.repo.absolute())])
    if name is None or options.commits < COMMITS:
        return []
    by_name = {lane.name: lane.cached_share for lane in lanes}
    shares = {
        layout: Shares(by_name[f"{OPENAI}-{layout}"], by_name[f"{ANTHROPIC}-{layout}"])
        for layout in LAYOUTS
    }
    return list(goals_of(name, shares))


def _cells(lane: Lane, files: int) -> str:
    return f"{lane.cached_share:8.1%}{lane.billed / 1e6:8.2f} {lane.billed / files:6.1%}"


def _row(lane: Lane) -> dict[str, Any]:
    figures = {"sent": lane.sent, "billed": round(lane.billed), "cached": lane.cached_share}
    return {"layout": lane.layout, "provider": lane.provider, **lane.totals, **figures}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repo", type=Path, nargs="?", default=ROOT)
    parser.add_argument("--commits", type=int, default=COMMITS)
    parser.add_argument("--glob", default="ccw/**/*.py", help="from the repository's root")
    parser.add_argument("--whole-blocks", action="store_true", help="blocks are part of the key")
    parser.add_argument("--none-inside", action="store_true", help="no entry within what is read")
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    main()
