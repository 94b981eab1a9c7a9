// GraphQL over HTTP, judged by the audits of npm graphql-http.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { startGuanxi } from './server.mjs';

let guanxi, token;

before(async () => {
  guanxi = await startGuanxi();
  token = await guanxi.token();
});

after(() => guanxi?.stop());

const signedIn = (url, init = {}) =>
  fetch(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } });

test('the token is good, so that the audits judge more than a refusal', async () => {
  const body = JSON.stringify({ query: '{ viewer { user { name } } }' });
  const answer = await signedIn(`${guanxi.url}/graphql`, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/json' },
  });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined);
  assert.ok(data.viewer.user.name);
});

const audits = serverAudits({ url: () => `${guanxi.url}/graphql`, fetchFn: signedIn });

test('there are audits to pass', () => assert.ok(audits.length >= 60, `${audits.length} audits`));

for (const { id, name, fn } of audits) {
  test(`${id}: ${name}`, async () => {
    const result = await fn();
    assert.equal(result.status, 'ok', await why(result));
  });
}

async function why({ status, reason, response }) {
  if (status === 'ok') return undefined;
  const body = await response.text().catch(() => '(body already read)');
  return `${status}: ${reason}; the server answered ${response.status} ${response.headers.get('content-type')} ${body}`;
}
