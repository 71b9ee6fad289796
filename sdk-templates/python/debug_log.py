# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import logging
import os
from typing import Final


# region rendered
_LOG: Final = logging.getLogger("ihf_client")
"""Logs each attempt and each retry at level DEBUG, without headers and bodies. `IHF_LOG=debug` prints them."""

if os.environ.get("IHF_LOG", "").lower() == "debug":
    _LOG.setLevel(logging.DEBUG)
    if not _LOG.hasHandlers():
        _LOG.addHandler(logging.StreamHandler())


# endregion
