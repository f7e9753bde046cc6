// One origin for a page and for SAP, as in front of every Fiori app: files by prefix, the rest to the Gateway.
// It changes nothing on the way (the Host header, cookies and bodies included) and remembers what passed.
import { createReadStream, statSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.json': 'application/json', '.css': 'text/css' };

/**
 * Listens on a free port of 127.0.0.1. `folders`: rows of [path prefix, folder]; the first folder that has the file gives it.
 * Gives `url`, `exchanges` ({method, path, headers, body, status}, in the order of their answers) and `stop()`.
 */
export async function startReverseProxy(target, folders = []) {
  const exchanges = [];
  const server = createServer((incoming, outgoing) => {
    const path = decodeURIComponent(new URL(incoming.url, 'http://any').pathname);
    if (path.startsWith('/sap/')) return forward(target, incoming, outgoing, exchanges);
    return serve(fileOf(path, folders), outgoing);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    exchanges,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(target, incoming, outgoing, exchanges) {
  const { method, url: path, headers } = incoming;
  const body = [];
  const onward = request(`${target}${path}`, { method, headers }, (answer) => {
    exchanges.push({ method, path, headers, body: Buffer.concat(body).toString(), status: answer.statusCode });
    outgoing.writeHead(answer.statusCode, answer.rawHeaders);
    answer.pipe(outgoing);
  });
  onward.on('error', (error) => outgoing.destroy(error));
  incoming.on('data', (chunk) => body.push(chunk));
  incoming.pipe(onward);
}

function fileOf(path, folders) {
  return folders
    .filter(([prefix]) => path.startsWith(prefix))
    .map(([prefix, folder]) => join(folder, normalize(`/${path.slice(prefix.length)}`)))
    .find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

function serve(file, outgoing) {
  if (!file) return outgoing.writeHead(404).end();
  outgoing.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' });
  return createReadStream(file).pipe(outgoing);
}
