# engine: code
"""Flask calls open_session with each request."""

import os
import pickle

from flask.sessions import SessionInterface


class FileSessions(SessionInterface):
    def __init__(self, folder):
        self.folder = folder

    def open_session(self, app, request):
        key = request.cookies.get("session")
        with open(os.path.join(self.folder, key), "rb") as file:  # finds: FH442
            return pickle.load(file)
