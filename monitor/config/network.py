"""Where things are: addresses to listen on, ports, files."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from monitor.config.mistakes import Mistake
from monitor.config.words import text


def port(given: object) -> int:
    """Read a TCP port."""
    number = int(given) if isinstance(given, str) and re.fullmatch(r"\d{1,5}", given, re.ASCII) else given
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= 65535:
        raise Mistake("must be a port: a whole number from 1 to 65535")
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen. ``host`` without the brackets of IPv6."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it. A name other than localhost can be anything."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def host(given: object) -> str:
    """Read the name or address of another machine; nothing that could hold a password."""
    if given == "":
        raise Mistake("is empty")
    text = given if isinstance(given, str) else ""
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,253}|[0-9A-Fa-f:.]{2,45}", text, re.ASCII):
        raise Mistake("must be a name or an address alone, such as localhost, without mqtt://, user, password or port")
    return text


def address(given: object) -> Address:
    """Read ``127.0.0.1:9643``, ``[::1]:9643`` or ``name:9643``."""
    if isinstance(given, Address):
        return given
    wanted = Mistake("must be HOST:PORT, such as 127.0.0.1:9643 or [::1]:9643")
    found = (
        re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+)):(\d{1,5})", given, re.ASCII) if isinstance(given, str) else None
    )
    if not found:
        raise wanted
    if found[1]:
        try:
            ipaddress.IPv6Address(found[1])
        except ValueError:
            raise wanted from None
    return Address(host=found[1] or found[2], port=port(found[3]))


Host = Annotated[str, BeforeValidator(host), WithJsonSchema({"type": "string"})]
Port = Annotated[int, BeforeValidator(port), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 65535})]
File = Annotated[Path, BeforeValidator(text), PlainSerializer(str, return_type=str), WithJsonSchema({"type": "string"})]
Listen = Annotated[Address, BeforeValidator(address), PlainSerializer(str, return_type=str), WithJsonSchema({"type": "string"})]
