// newman as a function: every request of a collection sent, with what it asserted.
import assert from 'node:assert/strict';
import { once } from 'node:events';

import newman from 'newman';

/** Runs a collection (a file or an object); gives the run's `executions` and its `environment` as it is afterwards. */
export async function run(options, variables = {}) {
  const envVar = Object.entries(variables).map(([key, value]) => ({ key, value }));
  const [error, { run: { executions }, environment }] = await once(newman.run({ ...options, envVar }), 'done');
  if (error) throw error;
  return { executions, environment };
}

/** One subtest per request: it was answered, it asserted something, and all of that held. */
export async function everyRequestHolds(t, executions) {
  for (const { item, requestError, assertions = [] } of executions) {
    await t.test(`${item.parent().name}: ${item.name} ${assertions.map(({ assertion }) => assertion).join('; ')}`, () => {
      assert.ifError(requestError);
      assert.notEqual(assertions.length, 0, 'it asserts nothing');
      for (const { error } of assertions) assert.ifError(error);
    });
  }
}
