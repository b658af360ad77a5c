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


def told(template, elsewhere):
    message = "Copied {}".format(template.title)
    if elsewhere:
        message += ' (<a href="/templates">back</a>)'
    return Markup(message)  # finds: FH479
