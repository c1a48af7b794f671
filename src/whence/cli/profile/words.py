"""Options that take several values in a row, as a shell's `--base old/*.pb.gz` gives them."""

from __future__ import annotations

_SEVERAL = {"diff": ("--base", "--candidate"), "sites": ("--outside",), "merge": ("--less",)}


def spread(words: list[str]) -> list[str]:
    """Returns the words of a command line with such an option repeated before each of its values.

    Values end at the next word that begins with a dash and is more than one.
    """
    if len(words) < 2 or words[0] != "profile" or words[1] not in _SEVERAL:
        return words
    several = _SEVERAL[words[1]]
    out, option, given = words[:2], "", 0
    for word in words[2:]:
        if word.startswith("-") and word != "-":
            option, given = (word, 0) if word in several else ("", 0)
            out.append(word)
            continue
        if option and given:
            out.append(option)
        given += 1
        out.append(word)
    return out
