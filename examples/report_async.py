"""Report several events concurrently."""

import asyncio
import os

from ihf_client import AsyncIhfClient

URL = os.environ.get("IHF_URL", "http://127.0.0.1:3000")


async def main() -> None:
    async with AsyncIhfClient(URL, api_key=os.environ["IHF_API_KEY"]) as ihf:
        widgets = ihf.iter_widgets(key="checkout.pay")
        widget_id = [widget["id"] async for widget in widgets][0]
        reports = (ihf.create_interaction_event(widget_id=widget_id, event_type="clicked") for _ in range(5))
        events = await asyncio.gather(*reports)
        print(f"{len({event['id'] for event in events})} events")


asyncio.run(main())
