"""The page's own files: one HTML frame, one style sheet, ES modules found by name through an import map, no build step.

From the server the map leads to ``/assets``; in a static folder, where a browser loads no module from a file, it holds the modules
themselves as data URLs.
"""

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files

_ROOM = "kling_post.review.page"
_MODULE_PREFIX = "review/"


@cache
def module_names() -> tuple[str, ...]:
    """The page's modules, without their ending."""
    found = (entry.name for entry in files(_ROOM).iterdir())
    return tuple(sorted(name.removesuffix(".js") for name in found if name.endswith(".js")))


def asset(name: str) -> tuple[str, str] | None:
    """Text and media type of one of the page's files; None where it is none of them."""
    if name == "review.css":
        return _text(name), "text/css; charset=utf-8"
    if name.endswith(".js") and name.removesuffix(".js") in module_names():
        return _text(name), "text/javascript; charset=utf-8"
    return None


def server_page() -> str:
    """The page as the server gives it."""
    return _page(import_map=_server_map(), style='<link rel="stylesheet" href="/assets/review.css">', policy="", data="null")


def script_hash() -> str:
    """CSP source of the one inline script: the import map."""
    return _source(_server_map())


def static_page(data: object) -> str:
    """The page as one file with everything but the media in it; ``data`` is what the server would answer for a session."""
    modules = {f"{_MODULE_PREFIX}{name}": "data:text/javascript;base64," + _base64(_text(f"{name}.js")) for name in module_names()}
    import_map = json.dumps({"imports": modules}, separators=(",", ":"))
    style = _text("review.css")
    policy = (
        f"default-src 'none'; script-src data: '{_source(import_map)}' '{_source(_ENTRY)}'; style-src '{_source(style)}';"
        " img-src 'self' file: blob: data:; media-src 'self' file: blob:; base-uri 'none'; form-action 'none'"
    )
    return _page(
        import_map=import_map,
        style=f"<style>{style}</style>",
        policy=f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
    )


_ENTRY = 'import "review/main";'


def _page(*, import_map: str, style: str, policy: str, data: str) -> str:
    parts = {"POLICY": policy, "STYLE": style, "IMPORT_MAP": import_map, "ENTRY": _entry(policy), "DATA": data}
    page = _text("index.html")
    for name, text in parts.items():
        before, mark, after = page.partition(f"<!--{name}-->")
        assert mark, name
        page = before + text + after
    return page


def _entry(policy: str) -> str:
    return f'<script type="module">{_ENTRY}</script>' if policy else '<script type="module" src="/assets/main.js"></script>'


@cache
def _server_map() -> str:
    imports = {f"{_MODULE_PREFIX}{name}": f"/assets/{name}.js" for name in module_names()}
    return json.dumps({"imports": imports}, separators=(",", ":"))


def _source(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _text(name: str) -> str:
    return files(_ROOM).joinpath(name).read_text(encoding="utf-8")
