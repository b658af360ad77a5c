from flask import Flask

app = Flask(__name__)
app.config.update(MAX_FORM_MEMORY_SIZE=None)  # finds: FH404
