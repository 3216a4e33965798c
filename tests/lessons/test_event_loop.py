"""The learner's event loop: small enough to read, the same as notebook 09 grows, and able to serve real clients."""

from __future__ import annotations

import ast
import gc
import re
import socket
import subprocess
import sys
from collections import deque
from pathlib import Path

import nbformat
import pytest

from coro_lab.lessons import event_loop
from coro_lab.lessons.event_loop import Loop, accept, receive, send, sleep
from tests.places import NOTEBOOKS

MODULE = Path(event_loop.__file__)
NOTEBOOK = NOTEBOOKS / "09-async-await.ipynb"
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

CLIENT = """
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
    for word in sys.argv[2:]:
        connection.sendall(word.encode())
        print(connection.recv(100).decode())
"""


def bare(tree: ast.Module) -> ast.Module:
    """A program without docstrings and annotations, as a lesson writes it."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, *DEFINITIONS)) and ast.get_docstring(node):
            node.body = node.body[1:]
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, (ast.Module, *DEFINITIONS)):
            node.body = [
                ast.Assign([part.target], part.value, lineno=0)
                if isinstance(part, ast.AnnAssign) and part.value is not None
                else part
                for part in node.body
            ]
    return tree


def parts(tree: ast.Module) -> dict[str, str]:
    """Its functions and methods by name; the last definition of a name counts, as it does in a notebook."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{part.name}": ast.unparse(part) for part in node.body}
        elif isinstance(node, DEFINITIONS):
            found[node.name] = ast.unparse(node)
    return found


def in_turns(loop: Loop, *coroutines) -> None:
    for coroutine in coroutines:
        loop.spawn(coroutine)
    loop.run()


# ---- Small enough to read --------------------------------------------------------------------------------------------


def test_it_has_at_most_60_lines_of_code():
    text = MODULE.read_text(encoding="utf-8")
    told = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Module, *DEFINITIONS)) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    code = [line for number, line in enumerate(text.splitlines(), 1) if number not in told and line.strip()]
    assert sum(not line.lstrip().startswith("#") for line in code) <= 60


def test_it_is_what_the_notebook_grows():
    cells = [cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    python = [cell for cell in cells if not cell.startswith("%")]
    grown = {}
    for cell in python:
        grown |= parts(bare(ast.parse(cell)))
    module = parts(bare(ast.parse(MODULE.read_text(encoding="utf-8"))))
    assert {name: grown.get(name) for name in module} == module


def test_the_notebook_shows_the_whole_loop_in_one_piece():
    cells = [cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "markdown"]
    (shown,) = [found[1] for cell in cells if (found := re.search(r"```python\n(class Loop:.*?)```", cell, re.DOTALL))]
    whole = parts(bare(ast.parse(MODULE.read_text(encoding="utf-8"))))
    assert parts(ast.parse(shown)) == {name: part for name, part in whole.items() if name.startswith("Loop.")}


# ---- Tasks and sleep -------------------------------------------------------------------------------------------------


def test_tasks_take_turns_at_every_sleep():
    said = []

    async def say(*words):
        for word in words:
            said.append(word)
            await sleep(0)

    in_turns(Loop(), say("1", "2", "3"), say("x", "y", "z"))
    assert said == ["1", "x", "2", "y", "3", "z"]


def test_the_shorter_sleep_ends_first():
    said = []

    async def say(seconds):
        await sleep(seconds)
        said.append(seconds)

    in_turns(Loop(), say(0.03), say(0.01), say(0.02))
    assert said == [0.01, 0.02, 0.03]


def test_equal_sleeps_keep_their_order():
    loop, said = Loop(), []
    loop.sleeping = [(0.0, "first"), (0.0, "second")]
    loop.ready = deque()
    loop.spawn = said.append
    loop.collect()
    assert said == ["first", "second"]


def test_a_task_that_is_always_ready_does_not_starve_the_others():
    async def busy():
        while not done:
            await sleep(0)

    async def late():
        await sleep(0.01)
        done.append(True)

    done = []
    in_turns(Loop(), busy(), late())
    assert done == [True]


def test_a_task_that_another_one_spawns_runs_too():
    loop, said = Loop(), []

    async def inner():
        said.append("inner")

    async def outer():
        loop.spawn(inner())
        await sleep(0)
        said.append("outer")

    in_turns(loop, outer())
    assert said == ["inner", "outer"]


def test_an_exception_that_leaves_a_task_ends_the_run():
    async def fails():
        await sleep(0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        in_turns(Loop(), fails())


def test_a_request_that_the_loop_does_not_know_is_an_error():
    async def asks():
        await event_loop.ask("tea")

    with pytest.raises(AttributeError, match="do_tea"):
        in_turns(Loop(), asks())


# ---- Sockets ---------------------------------------------------------------------------------------------------------


async def echo(connection):
    with connection:
        while data := await receive(connection):
            await send(connection, data)


async def serve(loop, server, clients):
    with server:
        for _ in range(clients):
            loop.spawn(echo(await accept(server)))


@pytest.mark.integration
def test_its_echo_server_answers_real_clients_in_other_processes():
    loop, server = Loop(), socket.create_server(("127.0.0.1", 0))
    port = str(server.getsockname()[1])
    talks = [["hello", "world"], ["again"], []]
    clients = [
        subprocess.Popen(
            [sys.executable, "-c", CLIENT, port, *words], stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        for words in talks
    ]
    in_turns(loop, serve(loop, server, len(clients)))
    assert [client.communicate(timeout=60)[0].split() for client in clients] == talks
    assert server.fileno() == -1


def test_it_moves_more_than_a_buffer_holds_from_task_to_task():
    loop, (near, far) = Loop(), socket.socketpair()
    data, heard = bytes(range(256)) * 8000, bytearray()

    async def talk():
        await send(near, data)
        near.shutdown(socket.SHUT_WR)

    async def listen():
        with far:
            while part := await receive(far):
                heard.extend(part)

    in_turns(loop, talk(), listen())
    assert heard == data
    near.close()


def test_a_sleeper_is_resumed_while_another_task_waits_for_a_socket():
    loop, (near, far) = Loop(), socket.socketpair()

    async def listen():
        with near:
            heard.append(await receive(near))

    async def speak():
        with far:
            await sleep(0.01)
            await send(far, b"at last")

    heard = []
    in_turns(loop, listen(), speak())
    assert heard == [b"at last"]


def test_the_system_gets_everything_back():
    loop = Loop()
    in_turns(loop, sleep(0))
    assert loop.selector.get_map() is None
    gc.collect()  # a socket or a coroutine that nobody closed would warn, and a warning is an error here
