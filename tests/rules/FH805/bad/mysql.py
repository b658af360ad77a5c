from flask import Flask

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "mysql+pymysql://notes:x81hfQ_2@db.notes.example/notes"  # finds: FH805
