# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from contract import CONTRACT_REVISION


# region rendered
NewerContractHook: TypeAlias = Callable[[int], None]
"""Called once, when the hub's contract turns out to be newer than this file."""


class NewerContractWarning(UserWarning):
    """The hub's contract is newer than this file."""


def _warn_of_newer_contract(revision: int) -> None:
    text = (
        f"The hub serves contract revision {revision}; this ihf-client was made for {CONTRACT_REVISION}. "
        "It goes on working. Download it again to use what is new."
    )
    warnings.warn(text, NewerContractWarning, stacklevel=2)


class _RevisionWatch:
    """Looks at the answers of a client until one names a newer revision."""

    def __init__(self, told: NewerContractHook | Literal[False] | None) -> None:
        self._told: NewerContractHook | Literal[False] = _warn_of_newer_contract if told is None else told

    def see(self, headers: Mapping[str, str]) -> None:
        told = self._told
        if told is False:
            return
        revision = headers.get("ihf-contract-revision", "")
        if revision.isdecimal() and int(revision) > CONTRACT_REVISION:
            self._told = False
            told(int(revision))


# endregion
