"""A store that never touches a disk, but can say that it fails, and find late what an earlier run left."""

from monitor.ports import Memory
from monitor.store.memory import MemoryStore


class FakeStore(MemoryStore):
    """`MemoryStore` with verbs."""

    def __init__(self, *channels: str, limit: int = 10_000) -> None:
        super().__init__(channels or ("mqtt",), limit=limit)
        self._said: str | None = None
        self._late: Memory | None = None

    @property
    def fault(self) -> str | None:
        return self._said

    def break_disk(self, fault: str = "state cannot be kept: the disk is full") -> None:
        self._said = fault

    def mend_disk(self) -> None:
        self._said = None

    def find(self, memory: Memory) -> None:
        self._late = memory

    def found_late(self) -> Memory | None:
        late, self._late = self._late, None
        return late
