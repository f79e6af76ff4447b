"""How does a document come in as a file? The Channel Adapter for drop folders.

<drop>/<organisation>/<partner>/<message-version>/<name>                 written by the sender
<drop>/<organisation>/<partner>/<message-version>/<name>.accepted.json   or .refused.json, written by us
<drop>/<organisation>/<partner>/<message-version>/<name>.records.json    what became of each record, likewise
<drop>/.taking/<organisation>/<partner>/<message-version>/<id>~<name>    ours alone, while a file is being taken
"""

from collections.abc import Callable
from pathlib import Path

from gateway.adapters.files.claims import DroppedFile
from gateway.adapters.files.local_shelf import LocalShelf
from gateway.adapters.files.walk import Place
from gateway.adapters.files.watch import FolderPatience, Watch
from gateway.flows.envelope import Accepted
from gateway.flows.ports import Clock, Ids

__all__ = ["FolderPatience", "WatchedFolder"]


class WatchedFolder(Watch):
    """One drop folder on a disk of ours; it is made if it is not there."""

    def __init__(
        self,
        drop: Path,
        *,
        admit: Callable[[Place], None],
        take: Callable[[DroppedFile], Accepted],
        clock: Clock,
        ids: Ids,
        patience: FolderPatience,
    ) -> None:
        super().__init__(LocalShelf(drop), admit=admit, take=take, clock=clock, ids=ids, patience=patience)
