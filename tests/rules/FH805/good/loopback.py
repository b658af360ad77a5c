from flask import Flask

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql://notes:x81hfQ_2@127.0.0.1:5432/notes"
app.config["DATABASE_URL"] = "postgresql://notes:x81hfQ_2@db.notes.example/notes?sslmode=verify-full"
