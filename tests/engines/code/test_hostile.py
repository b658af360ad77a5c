"""Whatever a file holds, reading it ends soon, and what was left out is said."""

from __future__ import annotations

import time

import pytest

from engines.code.reading import project, read

HOSTILE = {
    "deep parentheses": "x = " + "(" * 5000 + "1" + ")" * 5000,
    "deep lists": "x = " + "[" * 180 + "]" * 180,
    "long sum": "x = " + " + ".join(["'a'"] * 20_000),
    "long line": "x = '" + "a" * 1_500_000 + "'",
    "huge number": "x = 10 ** 10 ** 8\ny = 'a' * 10 ** 12\nz = 1 << 10 ** 10",
    "many functions": "\n".join(f"def f{i}(x):\n    return f{(i + 1) % 3000}(x)" for i in range(3000)),
    "branches": "def f(a):\n" + "\n".join(f"    if a[{i}]:\n        x{i} = a" for i in range(2000)),
    "nested loops": "def f(a):\n" + "\n".join("    " * (i + 1) + f"for i{i} in a:" for i in range(15)) + "\n" + "    " * 16 + "a += a",
    "recursion": "def f(x):\n    return f(f(f(x + 'a')))\nf('b')",
    "null byte": "x = 1\0",
    "no Python": "<?php echo 1; ?>",
    "empty": "",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_ends(name, tmp_path):
    (tmp_path / "hostile.py").write_text(HOSTILE[name])
    began = time.perf_counter()
    read(tmp_path)
    assert time.perf_counter() - began < 30


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe\x00x",
        b"# -*- coding: no-such -*-\nx = 1",
        b"x = '\xff'",
        b"\xef\xbb\xbfx = 1",
        "x = 'ä'".encode("latin-1"),
    ],
)
def test_odd_encodings(data, tmp_path):
    (tmp_path / "odd.py").write_bytes(data)
    read(tmp_path)


def test_latin_1_that_says_so_is_read(tmp_path):
    (tmp_path / "old.py").write_bytes("# coding: latin-1\nx = 'ä'\n".encode("latin-1"))
    assert read(tmp_path).not_covered == ()


def test_links_that_loop(tmp_path):
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "a.py").symlink_to(tmp_path / "b.py")
    (tmp_path / "b.py").symlink_to(tmp_path / "a.py")
    (tmp_path / "app.py").write_text("x = 1\n")
    assert read(tmp_path).not_covered == ()


def test_what_cannot_be_parsed_is_said_and_counts(tmp_path):
    (tmp_path / "old.py").write_text("print 'hello'\n")
    (item,) = read(tmp_path).not_covered
    assert (item.what, item.where, item.fatal) == ("file", "old.py", True)
    assert "Python 2" in item.why


def test_too_large_a_file_is_said(tmp_path):
    (tmp_path / "large.py").write_text("x = 1\n" * 400_000)
    (item,) = read(tmp_path).not_covered
    assert item.fatal
    assert "larger" in item.why


def test_f_strings_of_newer_pythons_are_read(tmp_path):
    text = "x = {'a': 'b'}\ny = f'{x['a']} {', '.join(x)} {x.get('\\n')}'\n"
    assert read(project(tmp_path, {"new.py": text})).not_covered == ()


def test_tests_and_environments_are_left_out(tmp_path):
    bad = "print 'not read'\n"
    read_files = {
        "tests/a.py": bad,
        "test_b.py": bad,
        "env/pyvenv.cfg": "",
        "env/c.py": bad,
        "node_modules/d.py": bad,
    }
    assert read(project(tmp_path, read_files)).not_covered == ()
    assert len(read(tmp_path, include_tests=True).not_covered) == 2
