"""Every image read by every analyzer that the operator named: after a crawl, or as a back-fill.

What was read before by the same analyzer is not read again, so a back-fill after a new analyzer, version or
model reads just what that one has not seen, and a second back-fill does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from manifests.filter import And
from node.analysis.choose import images_of_filter
from node.analysis.installed import usable_analyzer
from node.analysis.plan import make_plan
from node.analysis.run import Analysed, Told, analyse
from node.compose import Node


def analyse_standing(
    node: Node, telling: Callable[[str], AbstractContextManager[Told]]
) -> Iterator[tuple[str, Analysed]]:
    """Run the analyzers that node.toml names, with their default parameters, over all images.

    Args:
        node: The node.
        telling: For an analyzer's name, who is told how its run goes.

    Yields:
        Each analyzer's name, and what its run came to.

    Raises:
        AnalyzerError: one is not installed; nothing is run then.
    """
    names = node.config.analysis.analyzers
    for name in names:
        usable_analyzer(node, name)
    for name in names:
        with node.index() as index:
            members = images_of_filter(node, index, And(()))
        with telling(name) as told:
            done = analyse(node, make_plan(node, name, {}), members, told)
        yield name, done
