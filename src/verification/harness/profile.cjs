/** CPU profile of this process (or thread) with the source maps that its scripts carry, written when it ends. */
'use strict';
const fs = require('node:fs');
const inspector = require('node:inspector');
const { threadId } = require('node:worker_threads');

const mapBytesMax = 40_000_000;

function start() {
  const session = new inspector.Session();
  session.connect();
  const maps = {};
  let bytes = 0;
  session.on('Debugger.scriptParsed', ({ params }) => {
    const { url, sourceMapURL } = params;
    if (!sourceMapURL || !url || url.includes('/node_modules/') || !url.includes('/work/')) return;
    bytes += sourceMapURL.length;
    if (bytes < mapBytesMax) maps[url] = sourceMapURL;
  });
  session.post('Debugger.enable', { maxScriptsCacheSize: 0 });
  session.post('Debugger.setSkipAllPauses', { skip: true });
  session.post('Profiler.enable');
  session.post('Profiler.start');
  process.once('exit', () => {
    session.post('Profiler.stop', (error, answer) => {
      if (error || !answer) return;
      fs.mkdirSync('/out/profiles', { recursive: true });
      const name = `/out/profiles/${process.pid}-${threadId}`;
      fs.writeFileSync(`${name}.maps.json`, JSON.stringify(maps));
      fs.writeFileSync(`${name}.cpuprofile`, JSON.stringify(answer.profile));
    });
  });
}

module.exports = { start };
