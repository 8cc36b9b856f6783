"""The truth: aggregates with their snapshot and timer, the append-only log, handled ids, contact keys, leases."""

from django.db import models


class Aggregate(models.Model):
    """One moving thing: where its log stands, when it wants to be woken, its snapshot as of `state_seq`.

    Most kinds write the snapshot with each event; of a big one the events after `state_seq` are folded onto it.
    """

    feed = models.CharField(max_length=80, primary_key=True)
    kind = models.CharField(max_length=16)
    contact = models.CharField(max_length=40, blank=True, default="")
    seq = models.BigIntegerField()
    state = models.BinaryField()
    state_seq = models.BigIntegerField(db_default=0)
    due_at = models.DateTimeField(null=True)

    class Meta:
        """Found by feed, by due time, and by contact."""

        indexes = (
            models.Index(fields=["due_at"], name="aggregate_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["contact"], name="aggregate_contact"),
        )

    def __str__(self) -> str:
        """Name the feed and where it stands."""
        return f"{self.feed}#{self.seq}"


class LogRow(models.Model):
    """One event, written once and never changed; `seq` is gapless per feed."""

    feed = models.CharField(max_length=80)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=48)
    author_role = models.CharField(max_length=24)
    author_id = models.CharField(max_length=80)
    payload = models.BinaryField()
    client_id = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        """One row per feed and seq."""

        constraints = (models.UniqueConstraint(fields=["feed", "seq"], name="log_feed_seq"),)
        indexes = (models.Index(fields=["kind", "at"], name="log_kind_at"),)

    def __str__(self) -> str:
        """Name the event, never its words."""
        return f"{self.feed}#{self.seq} {self.kind}"


class Handled(models.Model):
    """A command id that was carried out, also where nothing happened, with the seq that was answered."""

    feed = models.CharField(max_length=80)
    client_id = models.CharField(max_length=80)
    seq = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        """An id counts once per feed."""

        constraints = (models.UniqueConstraint(fields=["feed", "client_id"], name="handled_feed_client"),)

    def __str__(self) -> str:
        """Name the command id."""
        return f"{self.feed} {self.client_id}"


class Unreacted(models.Model):
    """An event whose reactions have not all been given yet; the sweep heals what a crash left here."""

    feed = models.CharField(max_length=80)
    seq = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        """Once per event."""

        constraints = (models.UniqueConstraint(fields=["feed", "seq"], name="unreacted_feed_seq"),)

    def __str__(self) -> str:
        """Name the event."""
        return f"{self.feed}#{self.seq}"


class DataKey(models.Model):
    """A contact's data key, wrapped by a master key and a period; without it nothing sealed under it opens."""

    contact = models.CharField(max_length=40, primary_key=True)
    master = models.IntegerField()
    period = models.IntegerField(default=0, db_default=0, db_index=True)
    wrapped = models.BinaryField()

    def __str__(self) -> str:
        """Name the contact only."""
        return self.contact


class Lease(models.Model):
    """Who is on a socket, and in which process; renewed every few seconds, so a dead process shows."""

    subject = models.CharField(max_length=120)
    process = models.CharField(max_length=16)
    seen_at = models.DateTimeField()

    class Meta:
        """One lease per subject and process."""

        constraints = (models.UniqueConstraint(fields=["subject", "process"], name="lease_subject_process"),)
        indexes = (models.Index(fields=["seen_at"], name="lease_seen"),)

    def __str__(self) -> str:
        """Name subject and process."""
        return f"{self.subject}@{self.process}"
