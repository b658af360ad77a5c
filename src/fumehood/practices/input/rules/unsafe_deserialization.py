from __future__ import annotations

from fumehood.engines.attack import SinkCheck
from fumehood.engines.code import FlowCheck
from fumehood.findings import Rule, Severity


class UnsafeDeserialization(Rule, FlowCheck, SinkCheck):
    """A request can make objects of its own choice.

    ## What it finds

    A value of the request that reaches `pickle`, `dill`, `marshal`, `jsonpickle`, `shelve`, or `yaml.load` with a loader that makes any object.

    ## Why it is bad

    What is loaded says which functions are called while loading. That is the same as running a program of the sender's.

    ## Example

    ```python
    import pickle
    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/restore")
    def restore():
        return {"count": len(pickle.loads(request.data))}
    ```

    ## Use instead

    ```python
    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/restore")
    def restore():
        return {"count": len(request.get_json())}
    ```

    ## References

    - [CWE-502: Deserialization of Untrusted Data](https://cwe.mitre.org/data/definitions/502.html)
    - [OWASP: Deserialization](https://cheatsheetseries.owasp.org/cheatsheets/Deserialization_Cheat_Sheet.html)
    """

    id = "FH447"
    name = "unsafe-deserialization"
    severity = Severity.CRITICAL
    cwe = 502
    asvs = ("v5.0.0-1.5.2",)
    sinks = ("deserialise",)
    parameters = True
    sink = ("object",)
    probes = (
        "!!python/name:os.getcwd",
        # The same where neither case nor punctuation is kept, as in a header's name.
        "!!%70%79%74%68%6F%6E%2F%6E%61%6D%65%3A%6F%73%2E%67%65%74%63%77%64",
        "gASVFwAAAAAAAACMBXBvc2l4lIwGZ2V0Y3dklJOUKVKULg====",
    )
    sources = ("request", "file")
    message = "{source} is deserialised by {sink}"
    fix = "Use JSON, and check what came."
