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

from coro_lab import errors
from tests.reference.names import Entry, at

UNIT = r"\b(nanoseconds?|milliseconds?|seconds?|bytes|pages a second|times|share|a switch)\b"
COUNT = r"\b(how many|how often|numbers?|counts?|fewest|most|at least|up to|from 0|from 1|starts? at 1|steps?|index)\b"
COMES_BACK = r"\b(returns?|gives?|comes? back|makes?)\b"
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
    for function in entry.functions:
        found += _of_call(entry, function)
    return found


def _of_words(text: str) -> Iterator[str]:
    if not re.match(r"[A-Z`'\"(%0-9]", text) and not re.match(r"\w+,", text):
        yield "its text does not begin like a sentence"
    if not " ".join(text.partition("\n\n")[0].split()).endswith((".", ":", ")", "?")):
        yield "its first paragraph does not end like a sentence"
    for name in set(_ERROR.findall(text)):
        if error_named(name) is None:
            yield f"it names {name}, which does not exist"


def _of_call(entry: Entry, function: griffe.Function) -> Iterator[str]:
    known = {member.item.name for member in entry.members if member.text}
    for parameter in function.parameters:
        if parameter.name not in {"self", "cls"} | known:
            if not re.search(rf"\b{parameter.name}\b", entry.text):
                yield f"it does not say what {parameter.name} is"
            if str(parameter.annotation) == "float" and not re.search(UNIT, entry.text):
                yield f"it does not say in what {parameter.name} is measured"
    if function.name != "__init__" and function.returns is not None:
        yield from _of_result(str(function.returns), entry.text)
    for name in sorted(raised(function)):
        if not any(re.search(rf"\b{parent.__name__}\b", entry.text) for parent in _parents(name)):
            yield f"it raises {name} and does not say so"


def _of_result(annotation: str, text: str) -> Iterator[str]:
    if annotation not in ("None", "Self", "Pending[None]") and not re.match(NOUNS, text):
        if not re.search(COMES_BACK, text):
            yield "it does not say what comes back"
        yield from _of_number(annotation, text)


def _of_number(annotation: str, text: str) -> Iterator[str]:
    if re.search(r"\bfloat\b", annotation) and not re.search(UNIT, text, re.IGNORECASE):
        yield "a measured number has no unit"
    if re.match(r"(tuple\[)?int\b", annotation) and not re.search(f"{COUNT}|{UNIT}", text, re.IGNORECASE):
        yield "a whole number does not say what it counts"


def error_named(name: str) -> type[BaseException] | None:
    """The exception of this name: Coro Lab's, Python's or asyncio's."""
    found = getattr(errors, name, None) or getattr(builtins, name, None) or getattr(asyncio, name, None)
    return found if isinstance(found, type) and issubclass(found, BaseException) else None


def _parents(name: str) -> list[type]:
    error = error_named(name)
    return [parent for parent in error.__mro__ if parent not in (Exception, BaseException, object)] if error else []


def raised(function: griffe.Function) -> set[str]:
    """The errors that a function raises in its own code, or in a helper of the same module or class that it calls."""
    names, todo, seen = set[str](), [function], set[str]()
    while todo:
        item = todo.pop()
        if item.path in seen or not item.lineno:
            continue
        seen.add(item.path)
        for node in ast.walk(ast.parse(_source(item))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                names |= _class_of(node.exc, item)
            elif isinstance(node, ast.Call) and (helper := _helper(node, item)) is not None:
                todo.append(helper)
    return {name for name in names if error_named(name)}


def _source(item: griffe.Object) -> str:
    lines = item.source.splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[indent:] for line in lines)


def _class_of(call: ast.Call, item: griffe.Function) -> set[str]:
    """The class that is called, or that a helper promises to return."""
    helper = _helper(call, item)
    return {str(helper.returns)} if helper is not None else {ast.unparse(call.func)}


def _helper(call: ast.Call, item: griffe.Function) -> griffe.Function | None:
    """The function of the same module, or the method of the same class, that is called here."""
    name = ast.unparse(call.func)
    if name.startswith("self._") and item.parent is not None:
        found = at(f"{item.parent.path}.{name.removeprefix('self.')}")
    else:
        found = at(f"{item.module.path}.{name}") if name.isidentifier() else None
    return found if isinstance(found, griffe.Function) and found.module is item.module else None
