"""The page: every public name once, in Markdown that any forge shows and that Sphinx with MyST takes as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import dedent

import griffe

from tests.reference.groups import Group, grouped
from tests.reference.names import SPECIAL, Entry, at
from tests.reference.signatures import WIDTH, signature, typed

HEAD = """\
# Reference

Every public name of Coro Lab. Each is imported from `coro_lab`, `from coro_lab import record`, unless it is an error,
`from coro_lab.errors import RecordingError`, or belongs to one of the two modules `costs` and `cores`.

What is not on this page is not public and may change with any version. `help(name)` shows nearly all of it in Python.

<!-- Made from the docstrings by `make reference`: edit those. -->
"""
_CODE = re.compile(r"(`[^`\n]+`)")
_ERROR = re.compile(r"\b[A-Z]\w*Error\b")


class Page:
    """The text, and the headings that links in it lead to."""

    def __init__(self) -> None:
        self._groups = grouped()
        self._slugs: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self._part = ""  # the name before the dot of the entry that is written
        self._taken: dict[str, int] = {}
        for group, entries in self._groups:
            self._add_slug(group.title, group.title)
            for entry in entries:
                self._add_slug(entry.name, entry.name)
                for member in entry.members:
                    if has_heading(member):
                        self._add_slug(member.name, heading(member))
                    else:
                        self._slugs[member.name] = self._slugs[entry.name]
        self.makers = self._who_makes()

    def text(self) -> str:
        """The whole page."""
        parts = [HEAD, *(self._contents(*group) for group in self._groups)]
        for group, entries in self._groups:
            parts += [f"## {group.title}", self._prose(group.about), *map(self._entry, entries)]
        return "\n\n".join(part.strip() for part in parts if part) + "\n"

    def _add_slug(self, name: str, title: str) -> None:
        """Remember where a link to this name leads. Forges make the target from the words of the heading."""
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        again = self._taken[slug] = self._taken.get(slug, -1) + 1
        self._slugs[name] = f"#{slug}-{again}" if again else f"#{slug}"
        self._titles[name] = title

    def _who_makes(self) -> dict[str, list[str]]:
        """Class -> the functions, methods and properties that return it, and the fields that hold a tuple of it."""
        classes = {entry.item.path: entry.name for _, found in self._groups for entry in found if entry.item.is_class}
        makers: dict[str, list[str]] = {}
        for _, found in self._groups:
            for entry in (each for one in found for each in (one, *one.members)):
                own = entry.name.rpartition(".")[0]
                for made in {classes[path] for path in _returned(entry) if path in classes} - {own}:
                    makers.setdefault(made, []).append(entry.name)
        return makers

    # -- the parts -----------------------------------------------------------------------------------------------------

    def _contents(self, group: Group, entries: list[Entry]) -> str:
        rows = [f"- {self._link(entry.name)}: {self._prose(first_sentence(entry))}" for entry in entries]
        return "\n".join([f"**[{group.title}]({self._slugs[group.title]})**", "", *rows])

    def _entry(self, entry: Entry) -> str:
        self._part = entry.item.name if entry.item.is_module else entry.name.partition(".")[0]
        attributes = [member for member in entry.members if not has_heading(member)]
        methods = [member for member in entry.members if has_heading(member)]
        parts = [f"### `{entry.name}`", self._kind(entry), self._call(entry), self._doc(entry.text)]
        parts += ["\n".join(map(self._attribute, attributes)), *map(self._method, methods)]
        return "\n\n".join(filter(None, parts))

    def _method(self, entry: Entry) -> str:
        signature = "" if entry.item.name in SPECIAL else self._call(entry)
        return "\n\n".join(filter(None, [f"#### `{heading(entry)}`", signature, self._doc(entry.text)]))

    def _attribute(self, entry: Entry) -> str:
        return f"- `{typed(entry.item)}`{': ' if entry.text else ''}{self._prose(' '.join(entry.text.split()))}"

    def _kind(self, entry: Entry) -> str:
        """One line on where the name comes from, if the signature does not say so."""
        bases = entry.value.__mro__[1:] if isinstance(entry.value, type) else ()
        base = next(filter(None, map(self._name_of, bases)), None)
        said = [f"A {self._link(base)}."] if base else []
        if makers := self.makers.get(entry.name):
            said.append(f"You get it from {', '.join(map(self._link, makers))}.")
        if entry.also:
            said.append(f"It is also {', '.join(f'`{name}`' for name in entry.also)}.")
        return " ".join(said)

    def _name_of(self, value: type) -> str | None:
        return next((entry.name for _, found in self._groups for entry in found if entry.value is value), None)

    def _call(self, entry: Entry) -> str:
        """How it is called; nothing for an error, or a class that some function returns: a reader makes none."""
        if entry.is_error or entry.name in self.makers:
            return ""
        calls = [signature(entry.name, function) for function in entry.functions]
        if isinstance(entry.item, griffe.Attribute) and len(str(entry.item.value)) <= WIDTH:
            calls = [f"{entry.name} = {entry.item.value}"]
        return "```python\n{}\n```".format("\n".join(calls)) if calls else ""

    # -- words ---------------------------------------------------------------------------------------------------------

    def _doc(self, text: str) -> str:
        """A docstring as Markdown: its prose as it stands, its examples as code."""
        return "\n\n".join(filter(None, map(self._block, text.split("\n\n"))))

    def _block(self, block: str) -> str:
        if block.startswith(">>> "):
            return f"```pycon\n{block}\n```"
        if block.startswith("    "):
            return f"```python\n{dedent(block)}\n```"
        return self._prose(block)

    def _prose(self, text: str) -> str:
        """The text, in which names lead to their places; nothing but code spans and emphasis is markup."""
        parts = _CODE.split(text)
        parts[::2] = [_ERROR.sub(self._link_of_error, part.replace("<", "&lt;")) for part in parts[::2]]
        parts[1::2] = [self._link(part[1:-1]) for part in parts[1::2]]
        return "".join(parts)

    def _link_of_error(self, found: re.Match[str]) -> str:
        name = next((name for name in self._slugs if name.rpartition(".")[2] == found[0]), None)
        return f"[{found[0]}]({self._slugs[name]})" if name else found[0]

    def _link(self, code: str) -> str:
        name = code.removesuffix("()")
        if f"{self._part}.{name}" in self._slugs and self._part in ("costs", "cores"):
            name = f"{self._part}.{name}"
        title = self._titles[name] if name.endswith("__") and name in self._titles else code
        return f"[`{title}`]({self._slugs[name]})" if name in self._slugs else f"`{code}`"


def has_heading(entry: Entry) -> bool:
    """Whether a member is shown with a heading: all but attributes are."""
    return not entry.item.is_attribute


def heading(entry: Entry) -> str:
    """The title of a name; a special method is shown as a program writes it."""
    it = entry.name.rpartition(".")[0].rpartition(".")[2].lower()
    return SPECIAL[entry.item.name].format(it=it) if entry.item.name in SPECIAL else entry.name


def first_sentence(entry: Entry) -> str:
    """The first sentence of its docstring."""
    return re.split(r"(?<=[.:?!])\s+(?=[A-Z`])", entry.summary, maxsplit=1)[0].removesuffix(":")


def _returned(entry: Entry) -> Iterator[str]:
    """The paths of the classes that a function or a property returns, alone or inside another type."""
    found = [function.returns for function in entry.functions if function.name != "__init__"]
    if isinstance(entry.item, griffe.Attribute) and "." in entry.name:
        is_result = "property" in entry.item.labels or str(entry.item.annotation).startswith("tuple[")
        found = [entry.item.annotation] if is_result else []
    for annotation in found:
        for name in annotation.iterate(flat=True) if isinstance(annotation, griffe.Expr) else ():
            item = at(name.canonical_path) if isinstance(name, griffe.ExprName) else None
            if item is not None:
                yield item.path
