# engine: code
import os

from flask import Flask, request
from flask_admin import Admin, BaseView, expose
from flask_login import current_user, login_required

app = Flask(__name__)


class Guarded(BaseView):
    def is_accessible(self):
        return current_user.is_authenticated


class Tools(Guarded):
    @expose("/", methods=["POST"])
    def index(self):
        os.system(request.form["command"])
        return self.render("tools.html")


Admin(app).add_view(Tools())


@app.get("/notes")
@login_required
def notes():
    return "notes"
