// newman with the collection for people, docs/postman: every request of it asserts something, and all of it holds.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import newman from 'newman';

import { startSapMock, USER } from './support/sap_mock.mjs';

const file = (what) => fileURLToPath(new URL(`../../docs/postman/sap-mock.postman_${what}.json`, import.meta.url));

describe('newman', () => {
  let sap, executions;

  before(async () => {
    sap = await startSapMock();
    const run = newman.run({
      collection: file('collection'),
      environment: file('environment'),
      envVar: [{ key: 'baseUrl', value: sap.url }, { key: 'password', value: USER.password }],
    });
    const [error, summary] = await once(run, 'done');
    if (error) throw error;
    ({ executions } = summary.run);
  });
  after(() => sap?.stop());

  test('every request of the collection is answered as it asserts', async (t) => {
    assert.ok(executions.length > 30);
    for (const { item, requestError, assertions = [] } of executions) {
      await t.test(`${item.parent().name}: ${item.name} ${assertions.map(({ assertion }) => assertion).join('; ')}`, () => {
        assert.ifError(requestError);
        assert.notEqual(assertions.length, 0, 'it asserts nothing');
        for (const { error } of assertions) assert.ifError(error);
      });
    }
  });

  test('the environment holds no password', async () => {
    const { values } = JSON.parse(await readFile(file('environment'), 'utf8'));
    assert.equal(values.find(({ key }) => key === 'password').value, '');
  });
});
