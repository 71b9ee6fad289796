# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from contract import CONTRACT_REVISION
from debug_log import _LOG


# region rendered
NewerContractHook: TypeAlias = Callable[[int], None]
"""Called once when the contract of the server is newer than this client."""


class NewerContractWarning(UserWarning):
    """The contract of the server is newer than this client."""


_warned_of_revision = 0
"""The newest revision that this process has warned of."""


def _warn_of_newer_contract(revision: int) -> None:
    global _warned_of_revision
    if revision <= _warned_of_revision:
        return
    _warned_of_revision = revision
    text = (
        f"The server has contract revision {revision}; this ihf-client was generated for {CONTRACT_REVISION}. "
        "Existing calls keep working; regenerate the client to use new values."
    )
    try:
        warnings.warn(text, NewerContractWarning, stacklevel=2)
    except NewerContractWarning:
        # With `-W error` warnings are raised, but the call has succeeded.
        _LOG.warning("%s", text)


class _RevisionWatch:
    """Checks the responses of a client until one has a newer revision."""

    def __init__(self, on_newer: NewerContractHook | Literal[False] | None) -> None:
        self._on_newer: NewerContractHook | Literal[False] = _warn_of_newer_contract if on_newer is None else on_newer

    def see(self, headers: Mapping[str, str]) -> None:
        on_newer = self._on_newer
        if on_newer is False:
            return
        revision = headers.get("ihf-contract-revision", "")
        if revision.isdecimal() and int(revision) > CONTRACT_REVISION:
            self._on_newer = False
            on_newer(int(revision))


# endregion
