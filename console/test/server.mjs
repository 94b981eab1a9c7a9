// A running Guanxi with the sample company, for the tests that meet it from outside.
import { execFile, spawn } from 'node:child_process';
import { access, chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const binary = fileURLToPath(new URL('../../bin/guanxi', import.meta.url));
const startLimit = 180_000; // ms: a new cluster, its migrations and the sample company, on a busy machine
const stopLimit = 30_000; // ms

/**
 * The server at GUANXI_TEST_URL or, without that, a new one of bin/guanxi with a data folder of its own.
 * `token()` answers a bearer token of the administrator: GUANXI_TEST_TOKEN, or one made by `guanxi token`.
 */
export async function startGuanxi() {
  const running = process.env.GUANXI_TEST_URL?.replace(/\/+$/, '');
  if (running) return { url: running, token: () => tokenOf('admin', process.env), stop: async () => {} };

  await access(binary).catch(() => {
    throw new Error(`${binary} is missing: build it (make build) or set GUANXI_TEST_URL to a running server`);
  });
  const home = await mkdtemp(join(tmpdir(), 'guanxi-console-'));
  await chmod(home, 0o755); // PostgreSQL runs as another user when we are root
  const listen = `127.0.0.1:${await freePort()}`;
  const env = { ...process.env, GUANXI_HOME: home, GUANXI_LISTEN: listen };
  delete env.GUANXI_DATABASE_URL;
  const server = spawn(binary, ['serve', '--sandbox', 'small'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => stopServer(server, home);
  try {
    await ready(server, `http://${listen}`);
  } catch (failure) {
    await stop();
    throw failure;
  }
  return { url: `http://${listen}`, token: () => tokenOf('admin', env), stop };
}

async function tokenOf(login, env) {
  if (env.GUANXI_TEST_TOKEN) return env.GUANXI_TEST_TOKEN;
  const { stdout } = await promisify(execFile)(binary, ['token', '--user', login], { env });
  return stdout.trim();
}

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function ready(server, url) {
  let said = '';
  const hear = (chunk) => (said = (said + chunk).slice(-8_000));
  server.stdout.on('data', hear);
  server.stderr.on('data', hear);
  server.on('error', (failure) => hear(failure.message));
  const deadline = Date.now() + startLimit;
  while (Date.now() < deadline) {
    if (ended(server)) throw new Error(`guanxi serve ended before it was ready:\n${said}`);
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.status === 200) return;
    await sleep(200);
  }
  throw new Error(`guanxi serve was not ready after ${startLimit / 1000} s:\n${said}`);
}

const ended = (server) => server.exitCode !== null || server.signalCode !== null;

/** Stops as Ctrl-C does. @throws when the server does not end in time; it is killed then. */
async function stopServer(server, home) {
  const late = ended(server) ? false : await interrupt(server);
  await rm(home, { recursive: true, force: true });
  if (late) throw new Error(`guanxi serve did not stop within ${stopLimit / 1000} s of SIGINT`);
}

async function interrupt(server) {
  const exit = new Promise((resolve) => server.once('exit', () => resolve(false)));
  server.kill('SIGINT');
  const late = await Promise.race([exit, sleep(stopLimit, true, { ref: false })]);
  if (late) server.kill('SIGKILL');
  return late;
}
