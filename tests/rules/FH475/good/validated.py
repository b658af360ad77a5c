from flask import Flask, jsonify, request
from graphql import GraphQLError, NoSchemaIntrospectionCustomRule, ValidationRule, build_schema, execute, parse, specified_rules, validate

app = Flask(__name__)
schema = build_schema("type Query { me: Person } type Person { name: String friend: Person }")


class Bounded(ValidationRule):
    deepest, most = 6, 30

    def __init__(self, context):
        super().__init__(context)
        self.fields = 0

    def enter_field(self, node, key, parent, path, ancestors):
        self.fields += 1
        if len(path) > self.deepest * 4 or self.fields > self.most:
            self.report_error(GraphQLError("too much for one request", node))


@app.post("/graphql")
def answer():
    asked = request.get_json()
    if not isinstance(asked, dict):
        return jsonify(errors=["one query a request"]), 400
    document = parse(asked["query"])
    errors = validate(schema, document, [*specified_rules, NoSchemaIntrospectionCustomRule, Bounded])
    if errors:
        return jsonify(errors=[error.message for error in errors]), 400
    return jsonify(execute(schema, document, {"me": {"name": "ann"}}).formatted)
