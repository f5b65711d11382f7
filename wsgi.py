"""What a web server loads: `granian --interface wsgi wsgi:app`; also `flask --app wsgi …`."""

from letters.app import app_from_environment
from letters.cli import add_commands

app = app_from_environment()
add_commands(app)
