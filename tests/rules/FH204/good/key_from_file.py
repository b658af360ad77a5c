import secrets
import tempfile
from pathlib import Path

from flask import Flask

app = Flask(__name__)
file = Path(tempfile.mkdtemp()) / "key"
file.write_text(secrets.token_hex(32))
app.config["SECRET_KEY"] = file.read_text()
