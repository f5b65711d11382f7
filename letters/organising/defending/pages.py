"""Where the pages are on which organisers defend a letter."""

from __future__ import annotations

from collections.abc import Mapping

from letters.organising.defending.batch_pages import (
    ApproveBatch,
    Batches,
    DropBatch,
    OneBatch,
    UndoBatch,
    VoidPreview,
)
from letters.organising.defending.domain_pages import Domains
from letters.organising.defending.name_pages import Names
from letters.organising.defending.signature_pages import Signatures
from letters.organising.workspace.page import WorkspacePage

_BATCH = "/workspace/letters/<slug>/batches/<int(max=999999999):number>"

ROUTES: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    "/workspace/letters/<slug>/signatures": ("signatures", Signatures),
    "/workspace/letters/<slug>/names": ("names", Names),
    "/workspace/letters/<slug>/void": ("void", VoidPreview),
    "/workspace/letters/<slug>/batches": ("batches", Batches),
    _BATCH: ("batch", OneBatch),
    f"{_BATCH}/approve": ("approve_batch", ApproveBatch),
    f"{_BATCH}/drop": ("drop_batch", DropBatch),
    f"{_BATCH}/undo": ("undo_batch", UndoBatch),
    "/workspace/letters/<slug>/domains": ("domains", Domains),
}
