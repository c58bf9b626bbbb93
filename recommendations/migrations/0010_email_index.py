from django.db import migrations


class Migration(migrations.Migration):
    """Index the e-mail addresses of accounts, by which shoppers sign in and ask for a new password."""

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("recommendations", "0009_remove_email_placement"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX auth_user_email_lower ON auth_user (LOWER(email))",
            "DROP INDEX auth_user_email_lower",
        ),
    ]
