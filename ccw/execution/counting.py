"""How many tokens a plan sends, and each of its files."""

from __future__ import annotations

from collections.abc import Sequence

from ccw.context.pack.assemble import GAP, PackedFile
from ccw.execution.planning import Plan
from ccw.llm.counts import cut, open_counter
from ccw.llm.messages import user_content
from ccw.llm.tokens import TokenCount


def count_plan(plan: Plan) -> TokenCount:
    """Return the tokens of all texts that are sent, without the few that frame messages."""
    with open_counter(plan.target.model, plan.counts_folder) as counter:
        return counter.count_all(_pieces(plan))


def count_files(plan: Plan, files: Sequence[PackedFile]) -> tuple[int, ...]:
    """Return the tokens of each of the packed *files*, with the empty line after it.

    So they add up, with the prompt and what stands before the files, to the whole.
    """
    if plan.packed is None:
        return ()
    content = plan.packed.content + GAP
    edges = [(file.offset, file.offset + file.bytes + len(GAP)) for file in files]
    with open_counter(plan.target.model, plan.counts_folder) as counter:
        return tuple(counter.count(content[start:end]) for start, end in edges)


def _pieces(plan: Plan) -> list[bytes]:
    """Return all texts that are sent, each file in a piece of its own."""
    files = plan.packed.copies if plan.packed else ()
    edges = [(file.offset, file.offset + file.bytes + len(GAP)) for file in files]
    user = user_content(plan.context, plan.prompt).encode()
    system = [plan.system.encode()] if plan.system else []
    return [*system, *cut(user, [place for edge in edges for place in edge])]
