from flask import Flask

app = Flask(__name__)
app.config["DATABASE_URL"] = "mysql://notes:x81hfQ_2@localhost/notes"
