# engine: code
import json

from markupsafe import Markup


def shown(item):
    return Markup(f"<b>{item.title}</b>")  # finds: FH479


def added(item):
    return Markup("<i>" + item["name"] + "</i>")  # finds: FH479


class View:
    formatters = dict(
        json=lambda view, context, model, name: Markup("<pre>{0}</pre>".format(json.dumps(model.json))),  # finds: FH479
    )
