// The playground in a real browser, against a real server.
import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { startGuanxi } from './server.mjs';

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const patience = 30_000; // ms

let guanxi, browser, page, pictures;
const requested = []; // every URL that the page asked for
const blocked = []; // what the page's security policy had to stop

before(async () => {
  guanxi = await startGuanxi();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: quiet });
  const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1400, height: 860 } });
  context.setDefaultTimeout(patience);
  context.on('request', (request) => requested.push(request.url()));
  page = await context.newPage();
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) blocked.push(message.text());
  });
  pictures = await mkdtemp(join(tmpdir(), 'guanxi-playground-'));
  await page.goto(`${guanxi.url}/playground`);
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
});

after(async () => {
  await browser?.close();
  await guanxi?.stop();
});

const getJSON = async (path) => (await fetch(guanxi.url + path)).json();
const alert = () => page.locator('.notice-error[role=alert]');
const answer = async () => (await page.locator('.graphiql-response').innerText()).replaceAll('\u00a0', ' ');

async function picture(name) {
  const path = join(pictures, `${name}.png`);
  await page.screenshot({ path });
  console.log(`screenshot: ${path}`);
}

async function chooseAdmin() {
  await page.getByLabel('Sample people').selectOption('admin');
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** Types a request into a tab of its own and runs it. */
async function run(query) {
  await page.getByRole('button', { name: 'New tab' }).click();
  await page.locator('.graphiql-query-editor .monaco-editor').click();
  await page.keyboard.type(query);
  await page.keyboard.press('Escape'); // closes the suggestions
  await page.locator('.graphiql-execute-button').click();
}

async function answerWith(text) {
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    if ((await answer()).includes(text)) return;
    await page.waitForTimeout(100);
  }
  assert.fail(`the result pane does not show ${text}; it shows:\n${await answer()}`);
}

test('each example is a tab of its own', async () => {
  const examples = await getJSON('/playground/examples.json');
  assert.ok(examples.length > 0, 'the server offers examples');
  const tabs = await page.locator('.graphiql-tab').allInnerTexts();
  assert.equal(tabs.length, examples.length);
  for (const [i, { query }] of examples.entries()) {
    const named = /^\s*(?:query|mutation)\s+(\w+)/m.exec(query)?.[1];
    if (named) assert.match(query, new RegExp(`\\b${tabs[i].trim()}\\b`), `tab ${i} is named after its request`);
  }
});

test('nobody is signed in at first, and the page says so', async () => {
  await page.getByText('Nobody is signed in').waitFor();
  await picture('nobody');
});

test('the bar speaks Chinese and English', async () => {
  await page.getByRole('button', { name: '中文' }).click();
  await page.getByRole('button', { name: '登录' }).waitFor();
  await picture('chinese');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
});

test('a wrong password is refused in plain words', async () => {
  await page.getByLabel('Login').fill('admin');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await alert().waitFor();
  assert.ok((await alert().innerText()).length > 10, 'the refusal is a sentence');
  assert.equal(await page.getByRole('button', { name: 'Sign out' }).count(), 0);
  await picture('refused');
});

test('a sample person signs in, runs a request and sees the answer', async () => {
  const schema = page.waitForResponse(async (response) => {
    const isSchema = response.url() === `${guanxi.url}/graphql` && /__schema/.test(response.request().postData() ?? '');
    return isSchema && (await response.text()).includes('"queryType"');
  });
  await chooseAdmin();
  await schema;
  assert.equal(await alert().count(), 0);

  const { user } = await page.evaluate(async () => (await fetch('/session')).json());
  assert.ok(user.name, 'the session names the person');
  await page.getByLabel('Signed in as').getByText(user.name, { exact: true }).waitFor();
  await run('{ viewer { user { name } } }');
  await answerWith(`"name": "${user.name}"`);
  await picture('answer');
});

test('an example runs from its tab', async () => {
  await page.locator('.graphiql-tab-button').first().click();
  await page.locator('.graphiql-execute-button').click();
  await answerWith('"data"');
  assert.doesNotMatch(await answer(), /"errors"/);
  await picture('example');
});

test('signing out leaves no answer behind', async () => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('Nobody is signed in').waitFor();
  await page.locator('.graphiql-execute-button').waitFor();
  assert.doesNotMatch(await answer(), /"data"/);
  const { user } = await page.evaluate(async () => (await fetch('/session')).json());
  assert.equal(user, null);
});

test('nothing was asked of any other host', () => {
  const elsewhere = requested.filter((url) => !/^(data|blob):/.test(url) && new URL(url).origin !== guanxi.url);
  assert.ok(requested.length > 10, 'requests were recorded');
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(blocked, [], 'the security policy had nothing to stop');
});
