# engine: code
import litellm
from flask import Flask, jsonify, request
from openai import OpenAI

app = Flask(__name__)


@app.get("/models")
def models():
    return jsonify(litellm.get_valid_models(custom_llm_provider="openai", api_base=request.args["base"]))  # finds: FH445


@app.post("/ask")
def ask():
    client = OpenAI(api_key="x", base_url=request.form["base"])  # finds: FH445
    return jsonify(client.models.list())
