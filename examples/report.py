"""Register a widget, report events on it and read them back."""

import os

from ihf_client import AlreadyExistsError, IhfClient

URL = os.environ.get("IHF_URL", "http://127.0.0.1:3000")

with IhfClient(URL, api_key=os.environ["IHF_API_KEY"]) as ihf:
    try:
        widget = ihf.create_widget(key="checkout.pay", widget_type="button", name="Pay now")
    except AlreadyExistsError:
        widget = ihf.list_widgets(key="checkout.pay")["data"][0]

    total = ihf.send_interaction_events({"widget_id": widget["id"], "event_type": "clicked"} for _ in range(3))
    print(f"{total['accepted']} accepted, {total['rejected']} rejected")

    for event in ihf.iter_interaction_events(widget_id=widget["id"], limit=2):
        print(event["recorded_at"], event["event_type"])
