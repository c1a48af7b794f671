"""go.mod and go.work are read as Go reads them, and only the lines that must change do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whence.golang.build.module import Replace, edit, parse

MOD = """// A comment
module example.com/app // the module

go 1.21

toolchain go1.22.3

require (
	example.com/one v1.0.0 // indirect
	"example.com/two" v2.0.0
)

require example.com/three v0.1.0

replace (
	example.com/one => ../one
	example.com/two v2.0.0 => example.com/fork v2.0.1
)
replace example.com/three => "../with blank"
exclude example.com/four v1.0.0
"""


def test_what_a_build_must_know_is_read():
    mod = parse(MOD)
    assert (mod.module, mod.go) == ("example.com/app", "1.21")
    assert mod.requires == {"example.com/one": "v1.0.0", "example.com/two": "v2.0.0", "example.com/three": "v0.1.0"}
    assert mod.replaces == (
        Replace(old="example.com/one", old_version=None, new="../one", new_version=None),
        Replace(old="example.com/two", old_version="v2.0.0", new="example.com/fork", new_version="v2.0.1"),
        Replace(old="example.com/three", old_version=None, new="../with blank", new_version=None),
    )


def test_a_go_work_is_read():
    assert parse("go 1.22\nuse ./a\nuse (\n\t./b // two\n\t`./c d`\n)\n").uses == ("./a", "./b", "./c d")


def test_only_the_lines_that_must_change_do():
    text = edit(
        parse(MOD),
        go="1.20",
        drop_verbs=["toolchain"],
        drop_replaces=["example.com/two"],
        place=lambda written: f"/abs/{written.removeprefix('../')}",
    )
    before, after = MOD.splitlines(), text.splitlines()
    assert [line for line in after if line not in before] == [
        "go 1.20",
        "\texample.com/one => /abs/one",
        'replace example.com/three => "/abs/with blank"',
    ]
    assert len(after) == len(before) - 2


def test_a_missing_go_line_is_added():
    assert parse(edit(parse("module m\n"), go="1.20")).go == "1.20"


WORD = st.from_regex(r"[a-z][a-z0-9./_-]{0,12}", fullmatch=True).filter(lambda w: "//" not in w)
VERSION = st.from_regex(r"v[0-9]\.[0-9]\.[0-9]", fullmatch=True)


@given(st.dictionaries(WORD, VERSION, max_size=6), st.booleans(), st.booleans())
def test_requirements_are_read_in_every_form(requires, in_block, commented):
    tail = " // indirect" if commented else ""
    lines = [f"{path} {version}{tail}" for path, version in requires.items()]
    if in_block:
        text = "module m\nrequire (\n" + "".join(f"\t{line}\n" for line in lines) + ")\n"
    else:
        text = "module m\n" + "".join(f"require {line}\n" for line in lines)
    mod = parse(text)
    assert mod.requires == requires
    assert edit(mod) == text


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    parse(text)
