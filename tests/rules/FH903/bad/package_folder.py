from flask import Flask

app = Flask(__name__)
app.config["UPLOAD_FOLDER"] = app.root_path  # finds: FH903
