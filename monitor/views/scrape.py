"""The metrics of the newest picture, rendered off the event loop, once per picture and format."""

import asyncio
from dataclasses import dataclass

from monitor.picture import Picture
from monitor.views.metrics import encoder, render


@dataclass(frozen=True, slots=True)
class _Rendered:
    picture: Picture
    content_type: str
    text: bytes


class Scrape:
    """Ten thousand series take a good part of a second to write: a thread does it, and who asks meanwhile waits for it."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._last: _Rendered | None = None

    async def text(self, picture: Picture, accept: str | None) -> tuple[bytes, str]:
        """Return what `render` does."""
        async with self._lock:
            wanted = encoder(accept)[1]
            last = self._last
            if last is None or last.picture is not picture or last.content_type != wanted:
                text, content_type = await asyncio.to_thread(render, picture, accept)
                self._last = last = _Rendered(picture, content_type, text)
            return last.text, last.content_type
