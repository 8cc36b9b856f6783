"""manage.py simulate."""
