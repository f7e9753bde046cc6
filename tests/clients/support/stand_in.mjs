// A stand-in of a test's own, whichever of the two: on a free port, stopped by the test that started it.
import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const READY = / ready at (\S+)$/;
const NOT_STARTED_AFTER = 30_000;

/** Starts `program serve` on a free port; gives its `url` up to the port, and `stop()`. */
export async function startStandIn(program, parameters) {
  const standIn = spawn(
    `${ROOT}.venv/bin/${program}`,
    ['serve', '--port', '0', ...parameters],
    { cwd: ROOT, env: withoutSettings(process.env), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const stopWithUs = () => standIn.kill('SIGTERM'); // SIGKILL would leave its workers behind
  process.once('exit', stopWithUs);
  process.once('SIGTERM', () => process.exit(143)); // how the test runner ends a file that takes too long
  const ended = new Promise((resolve) => standIn.once('close', resolve));
  return {
    url: await addressOf(standIn, program),
    async stop() {
      standIn.kill('SIGTERM');
      await ended;
      process.off('exit', stopWithUs);
    },
  };
}

/** Runs `program` to its end; rejects, with what it said, where its exit code is not 0. */
export const command = (program, parameters) => (
  promisify(execFile)(`${ROOT}.venv/bin/${program}`, parameters, { cwd: ROOT, env: withoutSettings(process.env) }));

function withoutSettings(environment) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('SAP_MOCK_')));
}

function addressOf(standIn, program) {
  const said = [];
  standIn.stderr.on('data', (chunk) => said.push(chunk));
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`${program} did not get ready: ${said.join('') || 'it said nothing'}`));
    const alarm = setTimeout(fail, NOT_STARTED_AFTER);
    standIn.once('error', reject);
    standIn.once('close', fail);
    createInterface({ input: standIn.stdout }).on('line', (line) => {
      const [, address] = READY.exec(line) ?? [];
      if (!address) return said.push(`${line}\n`);
      clearTimeout(alarm);
      return resolve(address);
    });
  });
}
