from __future__ import annotations

from fumehood.engines.code import FlowCheck
from fumehood.findings import Rule, Severity


class XmlBomb(Rule, FlowCheck):
    """XML of a request is read by a parser that lets entities grow.

    ## What it finds

    XML of the request that `xml.etree`, `xml.dom.minidom`, `xml.sax` or `lxml` with `huge_tree` reads. `defusedxml` is not reported.

    ## Why it is bad

    Entities that are made of entities fill the memory with a message of one kilobyte; only recent versions of Expat stop them.

    ## Example

    ```python
    import xml.etree.ElementTree as ElementTree

    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/orders")
    def orders():
        return {"root": ElementTree.fromstring(request.data).tag}
    ```

    ## Use instead

    ```python
    import defusedxml.ElementTree as ElementTree

    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/orders")
    def orders():
        return {"root": ElementTree.fromstring(request.data).tag}
    ```

    ## References

    - [CWE-776: Improper Restriction of Recursive Entity References in DTDs](https://cwe.mitre.org/data/definitions/776.html)
    - [Python: XML vulnerabilities](https://docs.python.org/3/library/xml.html#xml-vulnerabilities)
    """

    id = "FH473"
    name = "xml-bomb"
    severity = Severity.LOW
    cwe = 776
    asvs = ("v5.0.0-1.5.1",)
    sinks = ("xml-bomb",)
    message = "{source} is read as XML by {sink}, which lets its entities grow"
    fix = "Use defusedxml's parser of the same name."
