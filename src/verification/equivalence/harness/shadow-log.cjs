/** What shadow calls leave behind for the host: lines of findings, and what is running right now. */
'use strict';

const fs = require('node:fs');

const writeSync = fs.writeSync;

/** @param directory inside the sandbox; made at the first line */
function createLog(directory) {
  let files = null;
  function output() {
    if (files !== null) return files;
    fs.mkdirSync(directory, { recursive: true });
    const name = `${directory}/${process.pid}-${Math.floor(performance.timeOrigin * 1e3)}`;
    files = { log: fs.openSync(`${name}.jsonl`, 'a'), at: fs.openSync(`${name}.at`, 'w') };
    return files;
  }

  /** Written before each run, so that a process that is killed from outside says what it was doing. */
  function heartbeat(text) {
    writeSync(output().at, text.slice(0, 200).padEnd(200), 0);
  }

  function report(line) {
    writeSync(output().log, `${JSON.stringify(line)}\n`);
  }
  return { heartbeat, report };
}

module.exports = { createLog };
