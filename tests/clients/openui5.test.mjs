// OpenUI5's sap.ui.model.odata.v2.ODataModel, under a list on a page in headless Chromium.
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { createRequire } from 'node:module';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

import { chromium } from 'playwright-core';

import { startReverseProxy } from './support/reverse_proxy.mjs';
import { startSapMock, USER } from './support/sap_mock.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const QUIET = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const LIBRARIES = ['sap.ui.core', 'sap.m', 'sap.ui.layout', 'sap.ui.unified'];
const require = createRequire(import.meta.url);
const FOLDERS = [
  ['/page/', fileURLToPath(new URL('./openui5_page/', import.meta.url))],
  ...LIBRARIES.map((library) => ['/resources/', `${dirname(require.resolve(`@openui5/${library}/package.json`))}/src/`]),
];

describe('OpenUI5 v2.ODataModel', () => {
  const sap = {};
  const proxy = {};
  let browser, page;

  before(async () => {
    for (const changesetOperations of ['one', 'many']) {
      sap[changesetOperations] = await startSapMock({ changesetOperations });
      proxy[changesetOperations] = await startReverseProxy(sap[changesetOperations].url, FOLDERS);
    }
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', ...QUIET] });
  });
  after(async () => {
    await browser?.close();
    await Promise.all([...Object.values(proxy), ...Object.values(sap)].map((running) => running.stop()));
  });
  beforeEach(async () => {
    await Promise.all(Object.values(sap).map((gateway) => gateway.empty()));
    for (const { exchanges } of Object.values(proxy)) exchanges.length = 0;
  });
  afterEach(async () => page?.context().close());

  const numbered = (count) => Array.from({ length: count }, (_, index) => ({
    ID: `INV-${String(index + 1).padStart(3, '0')}`, Status: index % 2 ? 'OPEN' : 'PAID',
    IssuedAt: '2023-10-12T00:00:00', Value: `${index + 1}.50`, Currency: 'EUR',
  }));

  /** Opens the page, in a new session, in front of a Gateway that allows so many operations in a changeset. */
  async function open(changesetOperations = 'one', query = '') {
    const context = await browser.newContext({ httpCredentials: USER });
    page = await context.newPage();
    await page.goto(`${proxy[changesetOperations].url}/page/index.html${query}`);
    await page.waitForFunction(() => window.invoices?.list.getBinding('items').isLengthFinal());
  }
  const shown = (what, list = 'invoices') => page.locator(`#${list} li .${what}`).allTextContents();
  const ids = () => shown('sapMSLITitle');
  const messages = () => shown('sapMSLITitleOnly, #messages li .sapMSLITitle', 'messages');
  /** Waits until the page shows what it should; tells what it shows instead. */
  async function shows(expected, what) {
    const until = Date.now() + 5_000;
    while (Date.now() < until && !isDeepStrictEqual(await what(), expected)) await page.waitForTimeout(20);
    assert.deepEqual(await what(), expected);
  }
  const submit = () => page.evaluate(() => new Promise((success, error) => {
    window.invoices.model.submitChanges({ success, error });
  }));
  const createEntry = (properties) => page.evaluate((given) => {
    window.invoices.model.createEntry('/Invoices', { properties: { ...given, IssuedAt: new Date(given.IssuedAt) } });
  }, properties);
  const setStatus = (id, status) => page.evaluate(([path, value]) => window.invoices.model.setProperty(path, value),
    [`/Invoices('${id}')/Status`, status]);
  /** The request lines inside the $batch requests that passed, and those of plain requests. */
  const requested = ({ exchanges }) => exchanges.flatMap(({ method, path, body }) => (
    path.includes('$batch') ? body.match(/^(GET|POST|MERGE|DELETE) .*(?= HTTP\/1.1)/gm) : `${method} ${path.split('_SRV/')[1]}`));

  test('the list shows twenty invoices, and twenty more when asked', async () => {
    await sap.one.createInvoices(numbered(45));
    await open();
    await shows(20, async () => (await ids()).length);
    await page.locator('#invoices-trigger').click();
    await shows(numbered(40).map(({ ID }) => ID), ids);
    assert.deepEqual(requested(proxy.one).filter((line) => line.startsWith('GET Invoices')),
      ['GET Invoices?$skip=0&$top=20&$inlinecount=allpages', 'GET Invoices?$skip=20&$top=20']);
    assert.equal(await page.evaluate(() => window.invoices.list.getBinding('items').getLength()), 45);
  });

  test('the token is fetched by HEAD, and every $batch is answered by 202', async () => {
    await open();
    const token = proxy.one.exchanges.find(({ method }) => method === 'HEAD');
    assert.deepEqual([token.path, token.headers['x-csrf-token'], token.status], ['/sap/opu/odata/sap/ZINVOICE_SRV/', 'Fetch', 200]);
    assert.deepEqual(proxy.one.exchanges.filter(({ path }) => path.includes('$batch')).map(({ status }) => status), [202]);
  });

  test('the list is filtered and sorted in SAP', async () => {
    await sap.one.createInvoices(numbered(15));
    await open();
    await page.evaluate(() => window.invoices.sort('Value', true));
    await shows(numbered(15).map(({ ID }) => ID).reverse(), ids);
    await page.evaluate(() => window.invoices.filter(['Status', 'EQ', 'PAID'], ['ID', 'StartsWith', 'INV-01'],
      ['Value', 'BT', '1', '14.5'], ['Link', 'NotContains', "o'clock"]));
    await shows(['INV-013', 'INV-011'], ids);
    assert.equal(decodeURIComponent(requested(proxy.one).at(-1)), 'GET Invoices?$skip=0&$top=20&$orderby=Value desc'
      + "&$filter=Status eq 'PAID' and startswith(ID,'INV-01') and (Value ge 1m and Value le 14.5m)"
      + " and not substringof('o''clock',Link)&$inlinecount=allpages");
  });

  test('an invoice is created, changed by MERGE and removed, each in a $batch', async () => {
    await open();
    await createEntry({ ID: "A/1 & 'x'", Status: 'OPEN', IssuedAt: '2023-10-12T00:00:00Z', Value: '440.00', Currency: 'USD' });
    await submit();
    await shows(["A/1 & 'x'"], ids);
    await shows(['440.000 USD'], () => shown('sapMObjStatusText'));

    const path = await page.evaluate(() => window.invoices.list.getItems()[0].getBindingContextPath());
    await page.evaluate((at) => window.invoices.model.setProperty(`${at}/Status`, 'VOID'), path);
    await submit();
    await page.evaluate(() => window.invoices.model.refresh(true));
    await shows(['VOID'], () => shown('sapMSLIDescriptionText'));

    await page.evaluate((at) => new Promise((success, error) => {
      window.invoices.model.remove(at, { success, error });
    }), path);
    await shows([], ids);
    const key = path.slice(1);
    assert.deepEqual(requested(proxy.one).filter((line) => !line.startsWith('GET') && !line.startsWith('HEAD')),
      ['POST Invoices', `MERGE ${key}`, `DELETE ${key}`]);
    assert.deepEqual(await messages(), []);
  });

  test('what SAP has against an invoice is shown as a message, and again as the exception that carried it', async () => {
    await sap.one.createInvoices(numbered(1));
    await open();
    await createEntry({ ...numbered(1)[0] });
    await submit();
    await shows(['Invoice INV-001 already exists', 'Invoice INV-001 already exists'], messages);
    assert.deepEqual(await shown('sapMSLIDescriptionText', 'messages'), ['Error', 'Error']);
    assert.deepEqual(await shown('sapMObjStatusText', 'messages'), ['ZINVOICE/001', '/IWBEP/CX_MGW_BUSI_EXCEPTION']);
  });

  test('two changes in one submitChanges are one changeset, which a service as generated refuses', async () => {
    await sap.one.createInvoices(numbered(2));
    await open();
    // By default the model reads the list again in the same $batch, and that answer takes the messages away.
    await page.evaluate(() => window.invoices.model.setRefreshAfterChange(false));
    await setStatus('INV-001', 'VOID');
    await setStatus('INV-002', 'VOID');
    await submit();
    const refusal = 'Default changeset implementation allows only one operation';
    await shows([refusal, refusal], messages);
    await page.evaluate(() => window.invoices.model.resetChanges());
    await page.evaluate(() => window.invoices.model.refresh(true));
    await shows(['PAID', 'OPEN'], () => shown('sapMSLIDescriptionText'));
  });

  test('two changes in one submitChanges are done where the service redefines CHANGESET_BEGIN', async () => {
    await sap.many.createInvoices(numbered(2));
    await open('many');
    await setStatus('INV-001', 'VOID');
    await setStatus('INV-002', 'VOID');
    await submit();
    await page.evaluate(() => window.invoices.model.refresh(true));
    await shows(['VOID', 'VOID'], () => shown('sapMSLIDescriptionText'));
    assert.deepEqual(await messages(), []);
  });

  test('two changes in one submitChanges are done by a service as generated, each in a changeset of its own', async () => {
    await sap.one.createInvoices(numbered(2));
    await open();
    await page.evaluate(() => window.invoices.model.setChangeGroups({ Invoice: { groupId: 'changes', single: true } }));
    await setStatus('INV-001', 'VOID');
    await setStatus('INV-002', 'VOID');
    await submit();
    await page.evaluate(() => window.invoices.model.refresh(true));
    await shows(['VOID', 'VOID'], () => shown('sapMSLIDescriptionText'));
    assert.deepEqual(await messages(), []);
  });

  test('without $batch, the MERGE is tunnelled through a POST', async () => {
    await sap.one.createInvoices(numbered(1));
    await open('one', '?without-batch');
    await setStatus('INV-001', 'VOID');
    await page.evaluate(() => new Promise((resolve) => { // without $batch, submitChanges tells nobody that it is done
      window.invoices.model.attachEventOnce('requestCompleted', resolve).submitChanges();
    }));
    const { headers, status } = proxy.one.exchanges.findLast(({ method }) => method === 'POST');
    assert.deepEqual([headers['x-http-method'], status], ['MERGE', 204]);
    await shows(['VOID'], () => shown('sapMSLIDescriptionText'));
  });

  test('a token that has expired is fetched anew, and the change is sent again', async () => {
    await sap.one.createInvoices(numbered(1));
    await open();
    await sap.one.fault({ fault: 'csrf_expiry', times: 1 });
    await setStatus('INV-001', 'VOID');
    await submit();
    assert.deepEqual(proxy.one.exchanges.filter(({ path }) => path.includes('$batch')).map(({ status }) => status).slice(1, 3), [403, 202]);
    assert.deepEqual(await messages(), []);
  });

  test('an order is created with its items in one go, expanded, and one more item is added through it', async () => {
    await open();
    const answers = await page.evaluate(async () => {
      const { create, read } = window.invoices.modelOf('REFERENCE_SRV');
      const item = (ItemNumber) => ({ ItemNumber, Material: `M-${ItemNumber}`, Quantity: '2.000' });
      await create('/Orders', { OrderId: '1', Total: '10.00', Currency: 'EUR', ToItems: [item(10), item(20)] });
      await create("/Orders('1')/ToItems", { OrderId: '1', ...item(30) });
      return [await read("/Orders('1')", { $expand: 'ToItems' }), await read("/OrderItems(OrderId='1',ItemNumber=30)/ToOrder")];
    });
    assert.deepEqual(answers[0].ToItems.results.map(({ ItemNumber, Material, Quantity }) => [ItemNumber, Material, Quantity]),
      [[10, 'M-10', '2.000'], [20, 'M-20', '2.000'], [30, 'M-30', '2.000']]);
    assert.equal(answers[1].Total, '10.000');
  });

  test('a value of every Edm type comes back as it was sent', async () => {
    await open();
    const [sent, received] = await page.evaluate(async () => {
      const { create, read } = window.invoices.modelOf('REFERENCE_SRV');
      const sample = {
        SampleId: '1', Text: 'Ärger & Öl – 見本', RequiredText: 'x', Flag: true, RequiredFlag: false, ByteNumber: 255, SByteNumber: -128,
        Int16Number: -32768, Int32Number: 2147483647, RequiredInt32Number: 0, Int64Number: '9223372036854775807', Amount: '-1.125',
        RequiredAmount: '0.01', DoubleNumber: '0.5', SingleNumber: '0.25', Day: new Date(Date.UTC(1969, 11, 31)),
        Moment: new Date(Date.UTC(2023, 9, 12, 1, 2, 3, 456)), RequiredDay: new Date(0), ZonedMoment: new Date(Date.UTC(2023, 9, 12)),
        TimeOfDay: { ms: 3_723_000, __edmType: 'Edm.Time' }, Identity: '00000000-0000-0000-0000-00000000000a', Bytes: 'AQID',
      };
      await create('/Samples', sample);
      const stored = await read("/Samples('1')");
      return [sample, Object.fromEntries(Object.keys(sample).map((name) => [name, stored[name]]))];
    });
    assert.deepEqual(received, sent);
  });

  test('a function import that the service does not implement is refused with 501', async () => {
    await open();
    const refused = await page.evaluate(() => window.invoices.modelOf('REFERENCE_SRV').callFunction('/LargestOrder').catch((error) => error));
    assert.equal(refused.statusCode, '501');
  });
});
