"""What the tutorial chat stores."""

from django.db import models


class Message(models.Model):
    """One message of one room."""

    room = models.CharField(max_length=80, db_index=True)
    author = models.CharField(max_length=80)
    text = models.TextField()

    class Meta:
        """A table of its own, made by the bench without migrations."""

        app_label = "tutorial"

    def __str__(self) -> str:
        """Name the row."""
        return f"{self.room} {self.pk}"
