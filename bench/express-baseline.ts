// The baseline of post-event.ts: Express, its body parser and one INSERT through pg, without validation.
import express from 'express';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const { rows } = await pool.query('select id, hub_id from widgets limit 1');
const app = express();
app.use(express.json());
app.post('/api/v2/interaction-events', async (request, response) => {
  const { event_type, occurred_at, actor_id, session_id, properties } = request.body;
  const inserted = await pool.query(
    `insert into interaction_events (hub_id, widget_id, event_type, occurred_at, actor_id, session_id, properties)
     values ($1, $2, $3, $4, $5, $6, $7) returning id`,
    [rows[0].hub_id, rows[0].id, event_type, occurred_at, actor_id, session_id, properties],
  );
  response.status(201).json(inserted.rows[0]);
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address() as { port: number };
  console.log(`http://127.0.0.1:${address.port}`);
});
