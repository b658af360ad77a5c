from flask import Flask, jsonify, request
from graphql import build_schema, graphql_sync

app = Flask(__name__)
schema = build_schema(
    "type Query { posts: [Post] } type Post { title: String author: Author } type Author { name: String posts: [Post] }"
)
ANN = {"name": "ann", "posts": []}
ANN["posts"].append({"title": "first", "author": ANN})


def run(asked):
    return graphql_sync(schema, asked["query"], {"posts": ANN["posts"]}, variable_values=asked.get("variables")).formatted


@app.route("/api/graphql", methods=["POST"])  # finds: FH475
def api():
    asked = request.get_json()
    if isinstance(asked, list):
        return jsonify([run(one) for one in asked])
    return jsonify(run(asked))
