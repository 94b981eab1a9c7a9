// PostGraphile over the tables of Guanxi, to be measured beside it. It knows its viewers from the beginning, as the limit does: who
// asks is set for each request in settings that the policies read. Without a role nothing is asked of anybody's rights.
import { createServer } from "node:http";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import pg from "pg";

const { DATABASE_URL, PEER_ROLE } = process.env;

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 16 });
const { rows } = await pool.query("select login, settings from peer.viewers");
const viewers = new Map(rows.map(({ login, settings }) => [`Bearer ${login}`, { ...settings, ...(PEER_ROLE ? { role: PEER_ROLE } : {}) }]));

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ pool, schemas: ["public", "peer"], pubsub: false })],
  grafast: {
    explain: false,
    context: ({ node }) => ({ pgSettings: PEER_ROLE ? viewers.get(node?.req.headers.authorization) : {} }),
  },
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false, maxRequestLength: 1_000_000 },
});

const server = createServer();
const serving = instance.createServ(grafserv);
await serving.addTo(server);
await serving.ready();
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
process.on("SIGTERM", () => process.exit(0));
