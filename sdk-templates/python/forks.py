# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from typing import Any, Final


# region rendered
_FORK_RESETS: Final[set[weakref.WeakMethod[Any]]] = set()


def _reset_after_fork(reset: Callable[[], None]) -> None:
    """Calls the method in every child process after a fork, as long as its object exists. Two processes must not share
    a connection: each could read the response to a request of the other."""
    _FORK_RESETS.add(weakref.WeakMethod(reset, _FORK_RESETS.discard))


def _reset_all() -> None:
    for method in tuple(_FORK_RESETS):
        reset = method()
        if reset is not None:
            reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all)


# endregion
