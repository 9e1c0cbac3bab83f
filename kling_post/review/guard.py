"""Who may talk to the review server: the browser that was given the link, from this machine, and nobody else.

A page on the network can make a browser send requests to the loopback interface, and a name that resolves to 127.0.0.1 makes them
look like one's own. So every request must name our own host, come from our own page where it says where it comes from, and carry
the token of this start, as a cookie that other sites' requests do not bring.
"""

import hmac
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; script-src 'self' '{script_hash}'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def new_token() -> str:
    """A token nobody can guess: 256 bits."""
    return secrets.token_urlsafe(32)


def cookie_name(port: int) -> str:
    """Cookies do not know ports, so that the name must."""
    return f"kling_post_review_{port}"


class Guard:
    """Stands before the application and lets nothing through that is not the reviewer's own page."""

    def __init__(self, app: ASGIApp, *, token: str, port: int, script_hash: str) -> None:
        self._app = app
        self._token = token
        self._port = port
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._headers = (
            (b"content-security-policy", _POLICY.format(script_hash=script_hash).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope["method"], headers)
        if refusal is not None:
            await _answer(send, 403, refusal)
        elif self._is_invitation(scope):
            await self._let_in(send)
        elif not self._carries_token(headers):
            await _answer(send, 401, "Open the link that kling-post review printed: it carries this start's token.")
        else:
            await self._app(scope, receive, self._hardened(send))

    def _refusal(self, method: str, headers: Mapping[str, str]) -> str | None:
        if headers.get("host") not in self._hosts:
            return "This server answers under 127.0.0.1 and localhost only."
        origin = headers.get("origin")
        if origin is not None and origin.removeprefix("http://") not in self._hosts:
            return "This request comes from another page."
        if headers.get("sec-fetch-site") == "cross-site" and method not in {"GET", "HEAD"}:
            return "This request comes from another site."
        if method not in {"GET", "HEAD"} and origin is None:
            return "A request that changes something must say where it comes from."
        return None

    def _is_invitation(self, scope: Scope) -> bool:
        """Whether this is the link with the token in it."""
        if scope["path"] != "/" or scope["method"] != "GET":
            return False
        shown = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        return hmac.compare_digest(shown.encode(), self._token.encode())

    def _carries_token(self, headers: Mapping[str, str]) -> bool:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(cookie_name(self._port))
        except CookieError:
            return False
        return cookie is not None and hmac.compare_digest(cookie.value.encode(), self._token.encode())

    async def _let_in(self, send: Send) -> None:
        """Put the token into a cookie, and take it out of the address and the browser's history."""
        cookie = f"{cookie_name(self._port)}={self._token}; Path=/; HttpOnly; SameSite=Strict"
        headers = [
            (b"location", b"/"),
            (b"set-cookie", cookie.encode()),
            (b"cache-control", b"no-store"),
            (b"referrer-policy", b"no-referrer"),
        ]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _hardened(self, send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *self._headers]}
            await send(message)

        return with_headers


async def _answer(send: Send, status: int, words: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words.encode()})
