"""Commands over HTTP (design 5.7): JSON in and out, or a form of the page, which is led back to it."""

import json
from http import HTTPStatus

from aiohttp import web

from monitor.command import BadCommand, Kind, Reply
from monitor.views.access import user
from monitor.views.board import Board
from monitor.views.page import answer_page
from monitor.wire.commands import read_command, reply_json
from monitor.wire.messages import body

FORM = "application/x-www-form-urlencoded"
REFUSED = HTTPStatus.UNPROCESSABLE_ENTITY


def add_routes(app: web.Application, board: Board) -> None:
    """Let every kind of command be posted to ``/api/<kind>``."""
    for kind in Kind:
        app.router.add_post(f"/api/{kind.value}", _Post(board, kind).answer)


class _Post:
    """One kind of command. Who may send it has been decided before."""

    def __init__(self, board: Board, kind: Kind) -> None:
        self._board, self._kind = board, kind

    async def answer(self, request: web.Request) -> web.Response:
        is_form = request.content_type == FORM
        try:
            given = json.dumps(await _form(request)) if is_form else await request.read()
            command, _ = read_command(self._kind, given, f"http {request.remote or 'somewhere'}")
        except BadCommand as bad:
            return _answered(Reply(is_done=False, text=str(bad)), None, is_form=is_form)
        return _answered(await self._board.command(command), command.request, is_form=is_form)


async def _form(request: web.Request) -> dict[str, str]:
    """Return the texts of a form, without fields that were left empty and without files; its author is who gave the token."""
    texts = {key: value for key, value in (await request.post()).items() if isinstance(value, str) and value}
    name = user(request.headers.get("Authorization", ""))
    return {"author": name} | texts if name else texts


def _answered(reply: Reply, request: str | None, *, is_form: bool) -> web.Response:
    if not is_form:
        return _told(reply, request)
    return _back() if reply.is_done else web.Response(text=answer_page(reply.text), status=REFUSED, content_type="text/html")


def _told(reply: Reply, request: str | None) -> web.Response:
    status = HTTPStatus.OK if reply.is_done else REFUSED
    return web.Response(body=body(reply_json(reply, request)), status=status, content_type="application/json", charset="utf-8")


def _back() -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/"})
