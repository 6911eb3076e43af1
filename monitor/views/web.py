"""Page, metrics, health and API on one port (design 5.7)."""

import asyncio
from collections.abc import Callable
from importlib.resources import files

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from monitor.picture import Picture
from monitor.views.access import Refusal, asked, refusal
from monitor.views.board import Board, HttpSettings
from monitor.views.commands import add_routes
from monitor.views.feed import Feed
from monitor.views.page.look import Look
from monitor.views.pages import add_pages
from monitor.views.scrape import Scrape
from monitor.views.status import alerts_json, status_json
from monitor.wire.messages import body

log = structlog.get_logger(__name__)

LARGEST_BODY = 16 * 1024
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers send our own forms with the origin "null"
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "inverse-monitor",
}
ASSETS = {
    "/style.css": ("style.css", "text/css"),
    "/script.js": ("script.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
    "/favicon.ico": ("icon.svg", "image/svg+xml"),  # browsers ask for it where an answer is no page
}
CHALLENGE = {"WWW-Authenticate": 'Basic realm="inverse-monitor", charset="UTF-8"'}


def application(board: Board, settings: HttpSettings) -> web.Application:
    """Return the application over *board*."""
    app = web.Application(middlewares=[_contained, _guarded(settings)], client_max_size=LARGEST_BODY)
    app.on_response_prepare.append(_add_headers)
    views, look = _Views(board), Look(hide_sizes=settings.hide_sizes, has_token=settings.token is not None)
    add_pages(app, board, look)
    Feed(board, look).add_to(app)
    app.router.add_get("/metrics", views.metrics)
    app.router.add_get("/healthz", views.healthz)
    app.router.add_get("/readyz", views.readyz)
    app.router.add_get("/api/status", views.status)
    app.router.add_get("/api/alerts", views.alerts)
    add_routes(app, board)
    for path, (name, content_type) in ASSETS.items():
        app.router.add_get(path, _asset(name, content_type))
    return app


class _Views:
    """What is answered. Whatever grows with the number of accounts is written in a thread, so that polling goes on."""

    def __init__(self, board: Board) -> None:
        self._board, self._scrape = board, Scrape()

    async def metrics(self, request: web.Request) -> web.Response:
        text, content_type = await self._scrape.text(self._board.picture(), request.headers.get("Accept"))
        return web.Response(body=text, headers={"Content-Type": content_type})

    async def healthz(self, _: web.Request) -> web.Response:
        return _answer("alive") if self._board.is_alive() else _answer("no progress", 503)

    async def readyz(self, _: web.Request) -> web.Response:
        is_ready, sentence = self._board.is_ready()
        return _answer(sentence, 200 if is_ready else 503)

    async def status(self, _: web.Request) -> web.Response:
        return await _json(status_json, self._board.picture())

    async def alerts(self, _: web.Request) -> web.Response:
        return await _json(alerts_json, self._board.picture())


async def _json(view: Callable[[Picture], object], picture: Picture) -> web.Response:
    text = await asyncio.to_thread(lambda: body(view(picture)))
    return web.Response(body=text, content_type="application/json", charset="utf-8")


def _asset(name: str, content_type: str) -> Handler:
    content = files("monitor.views.page").joinpath(name).read_bytes()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=content, content_type=content_type, charset="utf-8")

    return answer


def _guarded(settings: HttpSettings) -> Middleware:
    told: set[Refusal] = set()

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        refused = refusal(asked(request), settings)
        if refused is None:
            return await handler(request)
        if refused not in told:  # a flood of refusals must not become a flood of lines
            told.add(refused)
            log.warning("refused a request; others like it are not logged", reason=refused.reason, remote=request.remote)
        return _answer(refused.reason, refused.status, CHALLENGE if refused.status == web.HTTPUnauthorized.status_code else {})

    return guard


@web.middleware
async def _contained(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception:
        log.exception("a request could not be answered", path=request.path)
        return _answer("This could not be answered; the log says why.", 500)


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


def _answer(sentence: str, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(text=f"{sentence}\n", status=status, headers=headers)
