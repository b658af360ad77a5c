from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck
from fumehood.findings import Finding, Rule, Severity


class GraphqlExplorer(Rule, CodeCheck):
    """The application serves an explorer of its GraphQL schema.

    ## What it finds

    A GraphQL view that is made with `graphiql=True`, or with `graphql_ide` set to an explorer, by a constant.

    ## Why it is bad

    It shows every type, field and mutation to whoever comes, those that no page of yours uses too.

    ## Example

    ```python
    # file: shop.py
    import graphene
    from flask import Flask
    from flask_graphql import GraphQLView

    class Query(graphene.ObjectType):
        name = graphene.String()

    app = Flask(__name__)
    schema = graphene.Schema(query=Query)
    app.add_url_rule("/graphql", view_func=GraphQLView.as_view("graphql", schema=schema, graphiql=True))
    ```

    ## Use instead

    ```python
    # file: shop.py
    import graphene
    from flask import Flask
    from flask_graphql import GraphQLView

    class Query(graphene.ObjectType):
        name = graphene.String()

    app = Flask(__name__)
    schema = graphene.Schema(query=Query)
    app.add_url_rule("/graphql", view_func=GraphQLView.as_view("graphql", schema=schema, graphiql=app.debug))
    ```

    ## References

    - [CWE-200: Exposure of Sensitive Information](https://cwe.mitre.org/data/definitions/200.html)
    - [OWASP: GraphQL Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/GraphQL_Cheat_Sheet.html)
    """

    id = "FH474"
    name = "graphql-explorer"
    severity = Severity.LOW
    cwe = 200
    asvs = ("v5.0.0-4.3.2",)
    fix = "Switch the explorer, and introspection, off where the application is not being developed."
    calls = ("*.as_view",)

    def call(self, call: Call) -> Iterator[Finding]:
        if "GraphQL" not in call.name:
            return
        if call["graphiql"].may_be(True) or call["graphql_ide"].may_be(
            "graphiql", "apollo-sandbox", "pathfinder"
        ):
            yield self.flaw(call, "Everybody may explore the GraphQL schema.")
