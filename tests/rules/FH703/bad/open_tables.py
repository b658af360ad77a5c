# finds: FH703
from flask import Flask
from flask_admin import Admin, BaseView, expose

app = Flask(__name__)


class NotesView(BaseView):
    @expose("/")
    def index(self):
        return "all notes"


Admin(app, url="/backstage").add_view(NotesView(endpoint="notes"))
