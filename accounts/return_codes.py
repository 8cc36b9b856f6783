"""Return codes: given to the visitor once, kept as keyed digests, found by what somebody types."""

import hashlib
import hmac
from datetime import datetime

from django.conf import settings

from accounts.domain.return_code import CODE_BYTES, read, spell
from accounts.models import ReturnCode
from kernel import ids

PER_CONTACT = 5


def issue(contact: str, now: datetime) -> str:
    """Mint a code for a contact; the oldest ends when there are more than five."""
    code = spell(ids.random_bytes(CODE_BYTES))
    ReturnCode.objects.create(digest=_digest(code), contact=contact, created_at=now)
    kept = ReturnCode.objects.filter(contact=contact).order_by("-created_at", "digest")[:PER_CONTACT]
    ReturnCode.objects.filter(contact=contact).exclude(pk__in=[row.pk for row in kept]).delete()
    return code


def contact_of(text: str) -> str | None:
    """Find whose code this is. Whatever cannot be a code is looked up too, so that no answer comes sooner."""
    rows = ReturnCode.objects.filter(digest=_digest(read(text) or "?"))
    return rows.values_list("contact", flat=True).first()


def _digest(code: str) -> bytes:
    """Hash 80 bits under the house's secret, so that a stolen table cannot be searched."""
    key = hashlib.sha256(b"return-code|" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, code.replace("-", "").encode(), hashlib.sha256).digest()
