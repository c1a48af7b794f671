"""What every report page shares: its template environment, its assets, and data that stands inside it safely."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from whence.show.report import payload

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> Environment:
    """Returns the templates; whatever a subject, a variant or a message holds is text in them, never markup."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("whence.show.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_inert,
    )
    made.filters["together"] = _together
    return made


def json_script(value: object) -> object:
    """Returns a value as JSON that may stand inside a script element."""
    from markupsafe import Markup

    return Markup(payload.script_json(value))


@cache
def asset(name: str) -> object:
    """Returns the text of a style or script as markup."""
    from markupsafe import Markup

    return Markup((files("whence.show.report") / "assets" / name).read_text(encoding="utf-8"))


def script_hash(script: object) -> object:
    """Returns the source expression that lets exactly this script run."""
    from markupsafe import Markup

    digest = hashlib.sha256(str(script).encode("utf-8")).digest()
    return Markup(f"sha256-{base64.b64encode(digest).decode('ascii')}")


def _together(text: str) -> str:
    """Returns `text` with numbers kept on one line with the sign behind them."""
    return text.replace(" × as ", "\u00a0×\u00a0as\u00a0").replace(" ×", "\u00a0×").replace(" %", "\u00a0%")


def _inert(value: object) -> object:
    """Escapes a text one step further than HTML asks for: `=` and `@` too, so that none of it ever reads as a link."""
    from markupsafe import Markup, escape

    if hasattr(value, "__html__") or not isinstance(value, str):
        return value
    return Markup(str(escape(value)).replace("=", "&#61;").replace("@", "&#64;"))
