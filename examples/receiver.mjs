// Receives webhooks: verifies the signature, processes each message once and responds at once.
import { createServer } from 'node:http';
import { verifyWebhook, WebhookVerificationError } from '@ihf/client';

const seen = new Set(); // in production, store it: it must survive a restart

createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray());
  try {
    const message = await verifyWebhook(body, request.headers, process.env.WEBHOOK_SECRET);
    const id = request.headers['webhook-id'];
    if (!seen.has(id) && message.type === 'interaction.recorded') console.log(message.data.event_type);
    seen.add(id);
    response.writeHead(204).end();
  } catch (error) {
    response.writeHead(error instanceof WebhookVerificationError ? 400 : 500).end();
  }
}).listen(Number(process.env.PORT ?? 8080), () => console.log('listening'));
