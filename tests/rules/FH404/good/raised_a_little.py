from flask import Flask

app = Flask(__name__)
app.config.update(MAX_FORM_MEMORY_SIZE=2_000_000, MAX_FORM_PARTS=5_000)
