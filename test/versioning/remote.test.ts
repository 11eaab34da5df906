/** A source behind a URL: fetched and pushed over HTTP from a real git server in this process's child. */
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import {
  cleanUp,
  edit,
  git,
  registered,
  repositoryWith,
  requestFor,
  scratch,
  versioningIn,
} from './scratch.js';

let server: Server;
let url = '';
let bare = '';

/** git's own CGI program behind node's HTTP server. */
function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      HTTP_GIT_PROTOCOL: [request.headers['git-protocol']].flat()[0] ?? '',
      REMOTE_USER: 'tester',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    for (const line of all.subarray(0, end).toString('utf8').split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.end(all.subarray(end + 4));
  });
}

beforeAll(async () => {
  const root = scratch();
  const source = repositoryWith({ 'src/a.ts': 'a\n', 'src/b.ts': 'b\n', 'package.json': '{}\n' });
  bare = join(root, 'sample.git');
  git(source, 'clone', '--quiet', '--bare', source, bare);
  git(bare, 'config', 'http.receivepack', 'true');
  server = createServer((request, response) => serve(root, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/sample.git`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  cleanUp();
});

it('lands, repeats, notices a moved target, and rolls back over a URL', async () => {
  const versioning = versioningIn(scratch());
  const repository = registered(url);
  const state = await versioning.refresh(repository);
  expect(state).toMatchObject({ base: git(bare, 'rev-parse', 'main'), branch: 'main' });
  const request = requestFor(repository, state.base, edit('src/a.ts', 'a\n', 'A\n'));
  const landed = await versioning.land(request);
  if (landed.kind !== 'landed') throw new Error(JSON.stringify(landed));
  expect(git(bare, 'show', 'ratchet/improvements:src/a.ts')).toBe('A');
  expect(await versioning.land(request)).toEqual(landed);
  expect(await versioning.verifyLanded(repository, landed.change)).toEqual({ kind: 'intact' });

  const late = requestFor(repository, state.base, edit('src/b.ts', 'b\n', 'B\n'), { changeId: 'late' });
  expect(await versioning.land(late)).toEqual({ kind: 'moved', tip: landed.change.commit });

  const undone = await versioning.rollback(repository, 'change-1', 'ada', 'no');
  expect(undone).toMatchObject({ kind: 'rolledBack', by: 'reset' });
  expect(git(bare, 'rev-parse', 'ratchet/improvements')).toBe(state.base);
  expect(await versioning.changes(repository)).toMatchObject([{ id: 'change-1', state: 'rolledBack' }]);
});
