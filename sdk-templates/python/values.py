# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing_extensions import TypeIs


# region rendered
_Known = TypeVar("_Known", bound=str)


def is_known_value(value: str, values: Mapping[_Known, object]) -> TypeIs[_Known]:
    """Returns True if this client knows the value, and narrows its type.

    Example: `is_known_value(event["event_type"], EVENT_TYPES)`.

    Args:
        values: The values of a registry, such as `EVENT_TYPES`.
    """
    return value in values


# endregion
