from flask import Flask, session
from flask_admin import Admin, BaseView, expose

app = Flask(__name__)


class ForAdmins(BaseView):
    def is_accessible(self):
        return session.get("role") == "admin"


class NotesView(ForAdmins):
    @expose("/")
    def index(self):
        return "all notes"


Admin(app).add_view(NotesView(endpoint="notes"))
