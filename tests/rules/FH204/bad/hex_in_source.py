from flask import Flask

app = Flask(__name__)
app.config["SECRET_KEY"] = "8f42a73054b1749f8f58848be5e6502c4d1e77a3"  # finds: FH204
