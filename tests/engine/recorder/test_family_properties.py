"""Laws of families, tried on generated programs: who belongs where, who failed, who was cancelled for it, what is lost.

Each program runs alone and recorded. It notes in a ledger what happens, and what the Trace tells must be what the
ledger says.
"""

import asyncio
import re
from collections import Counter

from hypothesis import HealthCheck, given, settings

from coro_lab import Kind, families, record
from tests.engine.recorder.generated_families import programs, run


def recorded(main, *, lines):
    trace = record(main, lines=lines)
    if trace.error is not None:
        raise trace.error
    return trace


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(programs())
def test_families_are_what_the_ledger_says(tree):
    (log, lost), noted = run(lambda main: asyncio.run(main()), tree, "Noted")
    trace, _ = run(lambda main: recorded(main, lines=tree.choice > 3), tree, "Numbered")
    assert trace.result == (log, lost)
    assert trace == type(trace).from_json(trace.to_json())
    told = Told(trace)
    assert {name: told.members(family) for name, family in told.families.items()} == joined(log)
    assert_ends(told, log)
    assert_gathers(told, log)
    assert_cancelled(told, log, noted["noted"])
    assert_trees(told, log)
    assert told.lost() == Counter(lost)


class Told:
    """What a Trace tells; families and tasks go by the names of their nodes."""

    def __init__(self, trace):
        self.trace = trace
        self.nodes = {lane.name: lane.task for lane in trace.lanes}
        self.families = {}
        counted = Counter()
        for family in trace.families:
            owner = self.nodes[family.owner.name]
            counted[owner] += 1
            if owner.startswith("n"):
                self.families[owner if counted[owner] == 1 else f"{owner} {counted[owner]}"] = family

    def members(self, family):
        return sorted(self.node(each) for each in family.members)

    def node(self, member):
        return member.name.split()[0] if member.lane is None else self.nodes[member.lane.name]

    def cancelled(self):
        """Who was cancelled for whom, as the text tells: the family, the node, and the reason."""
        found, name = [], ""
        for line in repr(families(self.trace)).replace("\n│   ", " ").splitlines():
            if head := re.match(r"(\w+(?: \d+)?) of (\w+(?: \d+)?) at", line):
                name = head[1]
            elif said := re.match(r"├ (node(?: \d+)?)\S*.* was cancelled in step \d+, as (.*?) (?:raised|got)", line):
                found.append((name, self.nodes[said[1]], self.nodes.get(said[2], said[2])))
        return found

    def lost(self):
        end = next(e for e in reversed(self.trace) if e.lane.name.endswith("main") and e.kind is Kind.RETURN)
        return Counter(
            re.sub(r" of (gather|Future|failing)$", "", event.value)
            for event in self.trace.of(kind=Kind.LOST)
            if self.trace.events.index(event) < self.trace.events.index(end)
        )


def joined(log):
    found = {}
    for name, verb, what in log:
        if verb == "opens":
            found[name] = []
        elif verb == "has" and name:
            found[name].append(what)
    return {name: sorted(each) for name, each in found.items()}


def assert_ends(told, log):
    """Each member ended as its node says; only `wait` may not hear of it."""
    ends = {
        name: f"returned {what!r}" if verb == "returned" else f"raised {what[0][1]}"
        for name, verb, what in log
        if verb in ("returned", "raised")
    }
    for family in told.families.values():
        for member in family.members:
            its = ends.get(told.node(member), "was cancelled").replace("raised CancelledError()", "was cancelled")
            if member.lane is not None and member.outcome is not None and "ExceptionGroup" not in its:
                assert member.outcome.removesuffix(", after gather had raised") == its
            assert member.outcome is not None or family.name.startswith("wait")


def assert_gathers(told, log):
    """What `gather` raises is the error of the member that failed first."""
    order = [name for name, verb, _ in log if verb == "raised"]
    for family in told.families.values():
        members = {told.node(each): each.outcome for each in family.members if each.lane is not None}
        failed = [node for node in order if node in members]
        if family.name.startswith("gather") and (family.outcome or "").startswith("raised") and failed:
            first = members[failed[0]].removesuffix(", after gather had raised")
            assert first in (family.outcome, "was cancelled") or family.outcome == "raised CancelledError()"


def assert_cancelled(told, log, noted):
    names = {family.name: owner for owner, family in told.families.items()}
    found = told.cancelled()
    assert {(names[name].split()[0], node) for name, node, _ in found} == set(noted)
    for name, _, reason in found:
        members = told.members(told.families[names[name]])
        assert reason in ("its owner", next((node for node in failed(log) if node in members), "its owner"))


def failed(log):
    """The nodes that failed, in order."""
    return [name for name, verb, what in log if verb == "raised" and what[0][1] != "CancelledError()"]


def assert_trees(told, log):
    raised = [what for _, verb, what in log if verb == "raised"]
    for family in told.families.values():
        if family.errors:
            assert any(family.errors == what or set(family.errors) <= {(d - 1, t) for d, t in what} for what in raised)
