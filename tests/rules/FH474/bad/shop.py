# engine: code
import strawberry
from flask import Flask
from strawberry.flask.views import GraphQLView

schema = strawberry.Schema(query=None)
app = Flask(__name__)
app.add_url_rule("/graphql", view_func=GraphQLView.as_view("graphql", schema=schema, graphql_ide="graphiql"))  # finds: FH474
