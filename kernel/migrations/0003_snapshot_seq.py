"""The seq a snapshot is as of: it may lie behind the log from now on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Every snapshot there is was written with its last event."""

    dependencies = [
        ("kernel", "0002_period_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="aggregate",
            name="state_seq",
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.RunSQL("UPDATE kernel_aggregate SET state_seq = seq", migrations.RunSQL.noop),
    ]
