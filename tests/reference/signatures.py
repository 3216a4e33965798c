"""How a name is called, and what type it has, in one line of Python or in a few."""

from __future__ import annotations

import re

import griffe

from tests.reference.names import at

WIDTH = 100  # of a signature; a longer one has a line for each parameter
TRAITS = {"Unicode": "str", "Enum": "str", "Int": "int", "Bool": "bool", "List": "list", "Dict": "dict"}
"""Trait of a widget -> the type of its values; for another trait it is the class that the trait is given."""


def signature(name: str, function: griffe.Function) -> str:
    """How a function is called, with types; on one line if there is room."""
    line = function.signature(name=name, return_type=function.name != "__init__")
    line = re.sub(r"\((self|cls)(, )?", "(", line, count=1)
    if any(decorator.callable_path == "contextlib.contextmanager" for decorator in function.decorators):
        line = line.replace("-> Iterator[", "-> AbstractContextManager[")
    for parameter in function.parameters:
        line = line.replace(f" = {parameter.default}", f" = {_value(parameter.default)}")
    if len(line) <= WIDTH:
        return line
    end = line.rindex(")")
    inside = _at_commas(line[len(name) + 1 : end])
    return "{}(\n{}{}".format(name, "".join(f"    {part},\n" for part in inside), line[end:])


def _at_commas(text: str) -> list[str]:
    """The text in the parts that its commas part; those in brackets part nothing."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "[(") - (character in ")]")
        parts[-1] += character
        if character == "," and not depth:
            parts.append("")
    return [part.strip(" ,") for part in parts]


def _value(default: str | griffe.Expr | None) -> object:
    """A default as its value, also if the source gives it a name."""
    found = at(default.canonical_path) if isinstance(default, griffe.ExprName) else None
    return found.value if isinstance(found, griffe.Attribute) else default


def typed(item: griffe.Object) -> str:
    """An attribute with its type, or the member of an enumeration with its value."""
    assert isinstance(item, griffe.Attribute)
    trait = re.match(r"traitlets\.(\w+)(?:\((\w+))?", str(item.value))
    if trait:
        return f"{item.name}: {TRAITS.get(trait[1], trait[2])}"
    if item.annotation is not None:
        return f"{item.name}: {item.annotation}"
    return f"{item.name} = {item.value}" if item.name.isupper() else item.name
