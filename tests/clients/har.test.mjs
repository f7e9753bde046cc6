// The journal's HTTP Archive, read by Chromium: as what answers a page when there is no server, and in its own DevTools.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { chromium } from 'playwright-core';

import { startSapMock, USER } from './support/sap_mock.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ROOT = '/sap/opu/odata/sap/ZINVOICE_SRV/';
const LIST = `${ROOT}Invoices?$format=json&$filter=Currency%20eq%20%27EUR%27`;
const KEY = `Invoices('${encodeURIComponent("A/1 & ''x''")}')`;
const INVOICE = JSON.stringify({ ID: "A/1 & 'x'", Value: '440.00', Currency: 'EUR', Status: 'bezahlt – 支払済' });
const BATCH = [
  '--b', 'Content-Type: application/http', '', 'GET Invoices HTTP/1.1', 'Accept: application/json', '', '',
  '--b', 'Content-Type: multipart/mixed; boundary=c', '',
  '--c', 'Content-Type: application/http', 'Content-ID: 1', '',
  'POST Invoices HTTP/1.1', 'Accept: application/json', 'Content-Type: application/json', '', '{"ID":"2","Currency":"EUR"}',
  '--c--', '--b--', '',
].join('\r\n');
const JSON_TYPES = { accept: 'application/json', 'content-type': 'application/json' };
/** What a page asks: [name, address, method, header fields, body], each at most once, since an archive has no order. */
const ASKED = [
  ['a created invoice', `${ROOT}Invoices`, 'POST', JSON_TYPES, INVOICE],
  ['a refused invoice', `${ROOT}Invoices`, 'POST', JSON_TYPES, '{"ID":"3","Value":"1.00"}'],
  ['one invoice', `${ROOT}${KEY}`, 'GET', { accept: 'application/json' }],
  ['what is not there', `${ROOT}Invoices('4')`, 'GET', {}],
  ['a batch', `${ROOT}$batch`, 'POST', { 'content-type': 'multipart/mixed; boundary=b' }, BATCH],
  ['a deleted invoice', `${ROOT}${KEY}`, 'DELETE', {}],
];
/** The fields of the connection, which no engine decides, and the masked ones. */
const NOT_KEPT = new Set(['content-length', 'content-encoding', 'date', 'server', 'x-csrf-token']);

describe('the journal as an HTTP Archive, in Chromium', () => {
  let sap, browser, folder, archive, said, replayed;

  before(async () => {
    sap = await startSapMock();
    folder = await mkdtemp(join(tmpdir(), 'har-'));
    archive = join(folder, 'talk.har');
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
    const authorization = `Basic ${btoa(`${USER.username}:${USER.password}`)}`;
    const live = await opened({ extraHTTPHeaders: { authorization } });
    const token = (await ask(live, ROOT, 'GET', { 'x-csrf-token': 'Fetch' })).headers['x-csrf-token'];
    said = await everything(live, { 'x-csrf-token': token });
    await sap.exportJournal('har', archive);
    await sap.stop();
    replayed = await opened({}, archive);
  });
  after(async () => {
    await browser?.close();
    await sap?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A page at the list of invoices: of the server, or, where an archive is given, of nothing but that. */
  async function opened(options, har) {
    const page = await (await browser.newContext(options)).newPage();
    if (har) await page.routeFromHAR(har, { notFound: 'abort' });
    await page.goto(`${sap.url}${LIST}`);
    return page;
  }
  const ask = (page, ...request) => page.evaluate(async ([address, method, headers, body]) => {
    const answer = await fetch(address, { method, headers, body });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  }, request);
  async function everything(page, session) {
    const answers = {};
    for (const [name, address, method, headers, body] of ASKED) {
      const { headers: given, ...rest } = await ask(page, address, method, { ...headers, ...session }, body);
      const kept = Object.entries(given).filter(([field]) => !NOT_KEPT.has(field));
      answers[name] = { ...rest, headers: Object.fromEntries(kept) };
    }
    return answers;
  }
  /** Chromium's own DevTools with the archive in the Network panel, and the rows of its list. */
  async function imported() {
    const devTools = await (await browser.newContext()).newPage();
    await devTools.goto('devtools://devtools/bundled/devtools_app.html');
    await devTools.getByRole('tab', { name: 'Network' }).click();
    const [chooser] = await Promise.all([
      devTools.waitForEvent('filechooser'), devTools.getByRole('button', { name: /Import HAR/ }).click(),
    ]);
    await chooser.setFiles(archive);
    const rows = devTools.locator('.network-log-grid tbody tr.data-grid-data-grid-node');
    await rows.nth(ASKED.length + 1).waitFor(); // the page itself and its token come on top
    return { devTools, rows };
  }

  test('what was said is worth keeping: done, refused, not found, several at once', () => {
    assert.deepEqual(Object.values(said).map(({ status }) => status), [201, 400, 200, 404, 202, 204]);
  });

  test('with the server gone, a page gets status, header fields and body of each answer from the archive', async () => {
    assert.deepEqual(await everything(replayed, {}), said);
  });

  test('with the server gone, a page gets nothing that was not asked before', async () => {
    await assert.rejects(ask(replayed, `${ROOT}Invoices('5')`, 'GET', {}), /Failed to fetch/);
    await assert.rejects(ask(replayed, `${ROOT}Invoices`, 'POST', JSON_TYPES, '{"ID":"5"}'), /Failed to fetch/);
  });

  test('DevTools import it and list each exchange with name, status and type', async () => {
    const { rows } = await imported();
    const shown = await rows.evaluateAll((all) => all.map((row) => (
      ['name', 'status', 'type'].map((column) => row.querySelector(`.${column}-column`).innerText.trim()))));
    assert.deepEqual(shown, [
      [LIST.split('/').at(-1), '200', 'fetch'], ['ZINVOICE_SRV/', '200', 'fetch'], ['Invoices', '201', 'fetch'], ['Invoices', '400', 'fetch'],
      [KEY, '200', 'fetch'], ["Invoices('4')", '404', 'fetch'], ['$batch', '202', 'fetch'], [KEY, '204', 'fetch'],
    ]);
  });

  test('DevTools show the reason of a refusal as its response', async () => {
    const { devTools, rows } = await imported();
    await rows.nth(3).locator('.name-column').click();
    await devTools.getByRole('tab', { name: 'Response' }).click();
    await devTools.getByText('Enter the currency of invoice 3').first().waitFor();
  });
});
