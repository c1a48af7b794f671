"""Lines that the compilers of several releases really wrote."""

from __future__ import annotations

from whence.golang.code import Decision, newly_on_heap, on_heap, slices_made

GO_1_24 = """# example.org/app
./main.go:11:6: moved to heap: block
main.go:17:16: make([]byte, n) escapes to heap
main.go:38:21: func literal escapes to heap:
main.go:55:11: leaking param: p
inner/inner.go:4:11: b does not escape
"""
GO_1_25 = """# example.org/app
./main.go:11:6: moved to heap: block
main.go:17:16: make([]byte, n) does not escape
main.go:25:15: append does not escape
main.go:38:21: func literal escapes to heap
main.go:38:15: append escapes to heap
main.go:46:6: loop variable i now per-iteration, heap-allocated
main.go:49:6: loop variable j now per-iteration, stack-allocated
"""


def test_only_what_goes_to_the_heap_is_taken() -> None:
    assert on_heap(GO_1_24) == {
        Decision("main.go", 11, "moved to heap: block"),
        Decision("main.go", 17, "make([]byte, n) escapes to heap"),
        Decision("main.go", 38, "func literal escapes to heap"),
    }


def test_an_append_that_an_older_compiler_does_not_speak_of_is_not_new() -> None:
    loop = Decision("main.go", 46, "loop variable i now per-iteration, heap-allocated")
    assert newly_on_heap(GO_1_24, GO_1_25) == (loop,)


def test_an_append_is_new_where_both_compilers_speak_of_it() -> None:
    before = GO_1_25.replace("append escapes to heap", "append does not escape")
    assert newly_on_heap(before, GO_1_25) == (Decision("main.go", 38, "append escapes to heap"),)


def test_what_left_the_heap_is_new_the_other_way_round() -> None:
    assert newly_on_heap(GO_1_25, GO_1_24) == (Decision("main.go", 17, "make([]byte, n) escapes to heap"),)


def test_slices_are_told_from_other_values() -> None:
    assert [d.line for d in slices_made(GO_1_25)] == [17, 25, 38]
