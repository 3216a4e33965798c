"""A text as the fragment of an address, and back: what stands behind the `#`, which a browser sends to no server.

The text is compressed by zlib and written in base64url, whose letters need no escaping in an address. `player/link.js`
does the same in a browser, and `tests/views/test_links.py` compares the two.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib

LONGEST = 32 * 1024
"""The characters of the longest address that Chrome still shows, and so lets a reader copy: its kMaxURLDisplayChars
(docs/security/url_display_guidelines in Chromium). Firefox and Safari take more."""
LARGEST = 4_000_000
"""The bytes of the longest text that is unpacked: a fragment can unpack to a thousand times its size."""


def pack(text: str) -> str:
    """This text as letters, digits, `-` and `_`."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpack(packed: str) -> str:
    """The text that `pack` was given. Raises ValueError, with a sentence, for any other text."""
    if not re.fullmatch(r"[\w-]+", packed, re.ASCII):
        raise ValueError("It has characters that no packed text has.")
    if len(packed) > LONGEST:
        raise ValueError(f"It has {len(packed):,} characters; the longest link has {LONGEST:,}.")
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), LARGEST + 1)
        if len(content) > LARGEST:
            raise ValueError(f"It unpacks to more than {LARGEST:,} bytes.")
        if not unpacking.eof or unpacking.unused_data:
            raise ValueError("A part of it is missing, or too much.")
        return content.decode()
    except (binascii.Error, zlib.error, UnicodeDecodeError) as error:
        raise ValueError(f"It cannot be unpacked ({error}).") from None
