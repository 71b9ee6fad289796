// Receives webhooks: checks the signature, takes each message once, and answers at once.
import { createServer } from 'node:http';
import { verifyWebhook, WebhookVerificationError } from 'ihf-client';

const seen = new Set(); // keep it where a restart finds it

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
