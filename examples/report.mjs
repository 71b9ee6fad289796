// Registers a widget, reports events on it and reads them back.
import { AlreadyExistsError, IhfClient } from '@ihf/client';

const ihf = new IhfClient({ baseUrl: process.env.IHF_URL, apiKey: process.env.IHF_API_KEY });

const widget = await ihf
  .createWidget({ key: 'checkout.pay', widget_type: 'button', name: 'Pay now' })
  .catch(async (error) => {
    if (!(error instanceof AlreadyExistsError)) throw error;
    return (await ihf.listWidgets({ key: 'checkout.pay' })).data[0];
  });

const events = Array.from({ length: 3 }, () => ({ widget_id: widget.id, event_type: 'clicked' }));
const { accepted, rejected } = await ihf.sendInteractionEvents(events);
console.log(`${accepted} accepted, ${rejected} rejected`);

for await (const event of ihf.iterateInteractionEvents({ widget_id: widget.id, limit: 2 })) {
  console.log(event.recorded_at, event.event_type);
}
