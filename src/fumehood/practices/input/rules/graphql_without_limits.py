from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground


class GraphqlWithoutLimits(Rule, AttackCheck):
    """One GraphQL request may ask for any amount of work.

    ## What it finds

    By attack: an endpoint that answers a query that goes round a circle of types 24 levels deep, 120 queries in one request, or 120 times the same field under other names; and,
    as information, one that tells its schema to everybody.

    ## Why it is bad

    Each level multiplies what is fetched: one small request keeps the database busy for minutes. A hundred logins in one request pass a limit on requests.

    ## Example

    ```python
    from flask import Flask, jsonify, request
    from graphql import build_schema, graphql_sync

    app = Flask(__name__)
    schema = build_schema("type Query { me: Person } type Person { name: String friend: Person }")
    ANN = {"name": "ann"}
    ANN["friend"] = ANN

    @app.post("/graphql")
    def answer():
        asked = request.get_json()["query"]
        return jsonify(graphql_sync(schema, asked, {"me": ANN}).formatted)
    ```

    ## Use instead

    ```python
    from flask import Flask, jsonify, request
    from graphql import build_schema, graphql_sync

    app = Flask(__name__)
    schema = build_schema("type Query { me: Person } type Person { name: String friend: Person }")
    ANN = {"name": "ann"}
    ANN["friend"] = ANN

    @app.post("/graphql")
    def answer():
        asked = request.get_json()["query"]
        if asked.count("{") > 8 or asked.count(":") > 20 or "__schema" in asked:
            return jsonify(errors=[{"message": "too much for one request"}]), 400
        return jsonify(graphql_sync(schema, asked, {"me": ANN}).formatted)
    ```

    ## References

    - [CWE-770: Allocation of Resources Without Limits or Throttling](https://cwe.mitre.org/data/definitions/770.html)
    - [OWASP GraphQL Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/GraphQL_Cheat_Sheet.html)
    """

    id = "FH475"
    name = "graphql-without-limits"
    severity = Severity.MEDIUM
    cwe = 770
    asvs = ("v5.0.0-4.3.1", "v5.0.0-4.3.2")
    together = "questions"

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.graphs import graphs
        from fumehood.engines.attack.proof import prove

        severities = {
            "schema": Severity.INFO,
            "depth": Severity.MEDIUM,
            "batch": Severity.MEDIUM,
            "aliases": Severity.LOW,
        }
        for graph in graphs(ground):
            if graph.asked:
                yield self.finding(
                    f"{graph.entry.rule} answers GraphQL without limits: "
                    + "; ".join(item.shown for item in graph.asked)
                    + ".",
                    severity=max(severities[item.what] for item in graph.asked),
                    certainty=Certainty.CONFIRMED,
                    location=ground.location(graph.entry),
                    route=str(graph.entry),
                    evidence=tuple(
                        piece
                        for item in graph.asked
                        for piece in prove(item.answer, item.shown, assertion="")
                    ),
                    fix="Bound depth, aliases, batches and cost before a query is run; switch introspection off where it is not needed.",
                )
