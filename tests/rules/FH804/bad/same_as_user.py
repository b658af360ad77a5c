from flask import Flask

app = Flask(__name__)
app.config.update(
    SQLALCHEMY_DATABASE_URI="mysql+pymysql://notes:notes@localhost/notes",  # finds: FH804
)
