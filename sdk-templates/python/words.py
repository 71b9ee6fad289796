# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing_extensions import TypeIs


# region rendered
_Known = TypeVar("_Known", bound=str)


def is_known_word(value: str, words: Mapping[_Known, object]) -> TypeIs[_Known]:
    """Whether this file knows a word, one of a registry's: `is_known_word(event["event_type"], EVENT_TYPES)`."""
    return value in words


# endregion
