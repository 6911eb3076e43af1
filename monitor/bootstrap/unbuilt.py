"""What the configuration knows and this version does not do yet: told at every start, for silence would be mistaken for calm."""

from collections.abc import Callable, Iterator

from monitor.config.settings import Config

SECTIONS: tuple[tuple[str, Callable[[Config], bool], str], ...] = (
    ("push", lambda c: bool(c.push), "sends nothing to phones yet; alerts go out over MQTT"),
)
"""A key, whether a configuration asks for it, and what happens instead."""


def unbuilt(config: Config) -> Iterator[str]:
    """Yield a sentence for everything that *config* asks for and nothing answers."""
    for key, is_asked, instead in SECTIONS:
        if is_asked(config):
            yield f"{key}: this version {instead}"
