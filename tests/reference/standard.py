"""What the docstring of a public name must say; `make unit` holds every name to it.

1. A plain sentence: for a function, a class and a property in its docstring; for a field the comment behind it, the
   docstring below it, or a sentence of its class that names it in backticks.
2. A function names each parameter, and says what comes back.
3. A number has its unit: what it counts, or in what it is measured.
4. Every error that the function's own code raises is named, or a parent of it, and every error named exists.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import re
from collections.abc import Iterator

import griffe

from tests.reference.names import SPECIAL, Entry, at, entries

UNIT = r"\b(nanoseconds?|milliseconds?|seconds?|bytes|pages a second|times|share|a switch)\b"
COUNT = r"\b(how many|how often|numbers?|counts?|fewest|most|at least|up to|from 0|from 1|starts? at 1|steps?|index)\b"
COMES_BACK = r"\b([Rr]eturns?|[Gg]ives?|comes? back)\b"
NOUNS = r"(The|A|An|All|Both|Each|Every|Everything|This|How|What|Where|Whether|Which|Who|Why|True)\b"
_ERROR = re.compile(r"\b[A-Z]\w*(?:Error|Interrupt)\b")


def faults(entry: Entry, owner: Entry | None = None) -> list[str]:
    """What is missing at this name, in words; `owner` is the class of a member."""
    text = entry.text
    if not text and owner is not None and f"`{entry.item.name}`" in owner.text:
        text = owner.text
    if not text:
        return ["it has no sentence"]
    found = list(_of_words(text))
    if isinstance(entry.item, griffe.Attribute):
        return found + list(_of_number(str(entry.item.annotation), text))
    for function in () if entry.is_error else entry.functions:
        found += _of_call(entry, function)
    return [*dict.fromkeys(found), *_of_errors(entry)]


def _of_words(text: str) -> Iterator[str]:
    if not re.match(r"[A-Z`'\"(%0-9]", text) and not re.match(r"\w+,", text):
        yield "its text does not begin like a sentence"
    if not " ".join(text.partition("\n\n")[0].split()).endswith((".", ":", ")", "?")):
        yield "its first paragraph does not end like a sentence"
    for name in set(_ERROR.findall(text)):
        if error_named(name) is None:
            yield f"it names {name}, which does not exist"


def _of_call(entry: Entry, function: griffe.Function) -> Iterator[str]:
    known = {member.item.name for member in entry.members}
    for parameter in () if function.name in SPECIAL else function.parameters:
        if parameter.name not in {"self", "cls"} | known:
            if not re.search(rf"\b{parameter.name}\b", entry.text):
                yield f"it does not say what {parameter.name} is"
            if str(parameter.annotation) == "float" and not re.search(UNIT, entry.text):
                yield f"it does not say in what {parameter.name} is measured"
    if function.name != "__init__" and function.returns is not None:
        yield from _of_result(str(function.returns), entry.text)


def _of_errors(entry: Entry) -> Iterator[str]:
    like = set(re.findall(r"as\s+`([\w.]+)`\s+does", entry.text))
    for name in sorted(raised(entry.function, like)) if entry.function is not None and not entry.is_error else ():
        if not any(re.search(rf"\b{parent.__name__}\b", entry.text) for parent in _parents(name)):
            yield f"it raises {name} and does not say so"


def _of_result(annotation: str, text: str) -> Iterator[str]:
    nothing = annotation in ("None", "Self", "Pending[None]")
    if not nothing and not re.match(NOUNS, text) and not re.search(COMES_BACK, text):
        yield "it does not say what comes back"
    yield from _of_number(annotation, text)


def _of_number(annotation: str, text: str) -> Iterator[str]:
    if re.search(r"\bfloat\b", annotation) and not re.search(UNIT, text, re.IGNORECASE):
        yield "a measured number has no unit"
    if re.match(r"(tuple\[)?int\b", annotation) and not re.search(f"{COUNT}|{UNIT}", text, re.IGNORECASE):
        yield "a whole number does not say what it counts"


def error_named(name: str) -> type[BaseException] | None:
    """The exception of this name: a public one of Coro Lab, Python's or asyncio's."""
    found = next((entry.value for entry in entries() if entry.name.rpartition(".")[2] == name), None)
    found = found or getattr(builtins, name, None) or getattr(asyncio, name, None)
    return found if isinstance(found, type) and issubclass(found, BaseException) else None


def _parents(name: str) -> list[type]:
    error = error_named(name)
    return [parent for parent in error.__mro__ if parent not in (Exception, BaseException, object)] if error else []


def raised(function: griffe.Function, like: set[str] = frozenset()) -> set[str]:
    """The errors that leave a function: raised in its own code, or in a helper of the same module or class.

    What an `except` around it catches is left out, and so are the helpers in `like`, whose own docstring is referred
    to.
    """
    names, todo, seen = set[str](), [(function, frozenset[str]())], set[str]()
    while todo:
        item, outer = todo.pop()
        seen.add(item.path)
        for node, caught in _walk(ast.parse(_source(item)), outer) if item.lineno else ():
            if isinstance(node, ast.Raise) and node.exc is not None:
                names |= {name for name in _class_of(node.exc, item) if not _is_caught(name, caught)}
            elif isinstance(node, ast.Call) and (helper := _helper(node, item)) is not None:
                todo += [(helper, caught)] * (helper.path not in seen and helper.name not in like)
    return {name for name in names if error_named(name)}


def _walk(node: ast.AST, caught: frozenset[str]) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """Each node inside this one, with the names of the errors that are caught there."""
    yield node, caught
    inside = set(node.body) if isinstance(node, ast.Try) else set()
    handled = [handler.type for handler in node.handlers] if isinstance(node, ast.Try) else []
    more = frozenset(ast.unparse(each) for one in handled if one for each in getattr(one, "elts", [one]))
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, caught | more if child in inside else caught)


def _is_caught(name: str, caught: frozenset[str]) -> bool:
    error = error_named(name)
    return error is not None and any(parent.__name__ in caught for parent in error.__mro__)


def _source(item: griffe.Object) -> str:
    lines = item.source.splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[indent:] for line in lines)


def _class_of(raised: ast.expr, item: griffe.Function) -> set[str]:
    """The class that is raised, alone or called, or that a helper promises to return."""
    helper = _helper(raised, item) if isinstance(raised, ast.Call) else None
    called = raised.func if isinstance(raised, ast.Call) else raised
    return {str(helper.returns)} if helper is not None else {ast.unparse(called)}


def _helper(call: ast.Call, item: griffe.Function) -> griffe.Function | None:
    """The function of the same module, or the method of the same class, that is called here."""
    name = ast.unparse(call.func)
    if name.startswith("self._") and item.parent is not None:
        found = at(f"{item.parent.path}.{name.removeprefix('self.')}")
    else:
        found = at(f"{item.module.path}.{name}") if name.isidentifier() else None
    return found if isinstance(found, griffe.Function) and found.module is item.module else None
