# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from contract import ValueInfo

if TYPE_CHECKING:
    from typing_extensions import TypeIs


# region rendered
_Known = TypeVar("_Known", bound=str)
_Usable = TypeVar("_Usable", bound=str)


class RegistryValues(Mapping[_Known, ValueInfo], Generic[_Known, _Usable]):
    """The values of a registry, as of `CONTRACT_REVISION`, by name. It is immutable."""

    def __init__(self, values: Mapping[_Known, ValueInfo]) -> None:
        self._values = values

    def __getitem__(self, name: _Known) -> ValueInfo:
        return self._values[name]

    def __iter__(self) -> Iterator[_Known]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"RegistryValues({self._values!r})"


def is_known_value(value: str, values: Mapping[_Known, object]) -> TypeIs[_Known]:
    """Returns True if this client knows the value, and narrows its type.

    Example: `is_known_value(event["event_type"], EVENT_TYPES)`.

    Args:
        values: The values of a registry, such as `EVENT_TYPES`.
    """
    return value in values


def is_usable_value(value: str, values: RegistryValues[_Known, _Usable]) -> TypeIs[_Usable]:
    """Returns True if requests accept the value, as of `CONTRACT_REVISION`: it is active or deprecated. Narrows its type,
    so that code guarded by it still passes type checks after a value is retired.

    Example: `is_usable_value(event["event_type"], EVENT_TYPES)`.

    Args:
        values: The values of a registry, such as `EVENT_TYPES`.
    """
    info = values.get(cast(_Known, value))
    return info is not None and info.status != "retired"


# endregion
