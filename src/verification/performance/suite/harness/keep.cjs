/**
 * What the run made before the call: compiled tests, caches of transformers. Written out so that the next process of
 * the same side need not make it again. Bounded; when it is too much, nothing is kept.
 */
'use strict';

const bytesMaximum = 64 << 20;
const filesMaximum = 4_000;
const visitedMaximum = 60_000;
/** Of installed packages only what tools write beside them. */
const caches = new Set(['.cache', '.vite', '.vitest']);

/** Regular files below /work that are newer than the start of the run: `[path, size]`. */
function newFiles(fs, startMs, except) {
  const found = [];
  let visited = 0;
  const visit = (directory) => {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      visited += 1;
      if (visited > visitedMaximum || found.length > filesMaximum) return;
      const path = `${directory}/${entry.name}`;
      if (entry.isDirectory()) {
        const inPackages = directory.endsWith('/node_modules') && !caches.has(entry.name);
        if (entry.name !== '.git' && !inPackages) visit(path);
      } else if (entry.isFile() && !except.has(path)) {
        const { mtimeMs, size } = fs.statSync(path);
        if (mtimeMs >= startMs && !entry.name.startsWith('.ratchet-')) found.push([path, size]);
      }
    }
  };
  visit('/work');
  return visited > visitedMaximum ? [] : found;
}

function keepMade(fs, except) {
  const start = process.env.RATCHET_STARTED;
  if (start === undefined) return;
  const files = newFiles(fs, fs.statSync(start).mtimeMs, new Set(except.map((file) => `/work/${file}`)));
  const bytes = files.reduce((sum, [, size]) => sum + size, 0);
  if (files.length === 0 || files.length > filesMaximum || bytes > bytesMaximum) return;
  fs.mkdirSync('/out/made', { recursive: true });
  for (const [path] of files) {
    const line = JSON.stringify([path.slice('/work/'.length), fs.readFileSync(path).toString('base64')]);
    fs.appendFileSync('/out/made/files.jsonl', `${line}\n`);
  }
  fs.writeFileSync('/out/made/complete', '1');
}

module.exports = { keepMade };
