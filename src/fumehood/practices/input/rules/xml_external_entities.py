from __future__ import annotations

from fumehood.engines.attack import SinkCheck
from fumehood.engines.code import FlowCheck
from fumehood.findings import Rule, Severity


class XmlExternalEntities(Rule, FlowCheck, SinkCheck):
    """A request's XML can read files and exhaust memory.

    ## What it finds

    XML of the request that is read by a parser that resolves entities: `lxml` with `resolve_entities` or `dtd_validation` or `load_dtd`, `xml.sax` with the feature for external entities
    switched on.

    ## Why it is bad

    An entity can stand for a file of the server or for an address inside the network, and the answer then shows it.

    ## Example

    ```python
    import lxml.etree
    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/order")
    def order():
        parser = lxml.etree.XMLParser(resolve_entities=True)
        return {"to": lxml.etree.fromstring(request.data, parser).findtext("to")}
    ```

    ## Use instead

    ```python
    import lxml.etree
    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/order")
    def order():
        parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True)
        return {"to": lxml.etree.fromstring(request.data, parser).findtext("to")}
    ```

    ## References

    - [CWE-611: Improper Restriction of XML External Entity Reference](https://cwe.mitre.org/data/definitions/611.html)
    - [OWASP: XML External Entity Prevention](https://cheatsheetseries.owasp.org/cheatsheets/XML_External_Entity_Prevention_Cheat_Sheet.html)
    """

    id = "FH448"
    name = "xml-external-entities"
    severity = Severity.HIGH
    cwe = 611
    asvs = ("v5.0.0-1.5.1",)
    sinks = ("xml",)
    parameters = True
    sink = ("xml",)
    probes = ('<!DOCTYPE fh [<!ENTITY fh SYSTEM "file:///etc/hostname">]><fh>&fh;</fh>',)
    message = "{source} is read as XML by {sink} with entities resolved"
    fix = "Switch entities off: resolve_entities=False, no_network=True."
