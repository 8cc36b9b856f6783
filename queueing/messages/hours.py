"""Published hours as a desk knows them."""

from datetime import datetime

import msgspec

from kernel.terms import Medium


class OpenInterval(msgspec.Struct, frozen=True):
    """One stretch of published hours, half-open in UTC; `admits_until` is the last admission."""

    opens_at: datetime
    closes_at: datetime
    admits_until: datetime
    medium: Medium = Medium.TEXT
