"""The database itself refuses to change what is written once."""

from django.db import migrations

TABLES = ("recordpolicyversion", "accesslog", "purgereceipt")

REFUSE = """
CREATE FUNCTION recordings_policy_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'written once: % is not allowed on %', TG_OP, TG_TABLE_NAME; END $$
"""


def guard(table: str) -> migrations.RunSQL:
    """Refuse UPDATE and DELETE on one table."""
    name = f"recordings_policy_{table}"
    return migrations.RunSQL(
        f"CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON {name}"
        " FOR EACH ROW EXECUTE FUNCTION recordings_policy_refuse()",
        f"DROP TRIGGER written_once ON {name}",
    )


class Migration(migrations.Migration):
    """Guard the three tables."""

    dependencies = [("recordings_policy", "0001_initial")]
    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION recordings_policy_refuse()"),
        *(guard(table) for table in TABLES),
    ]
