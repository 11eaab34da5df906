/** What shadow calls leave behind for the host: lines of findings, and what is running right now. */
'use strict';

const fs = require('node:fs');

const { writeSync, readdirSync, readFileSync } = fs;
/** Another process's spending is looked up at most this often. */
const lookMs = 250;

/** @param directory inside the sandbox; made at the first line */
function createLog(directory) {
  let files = null;
  function output() {
    if (files !== null) return files;
    fs.mkdirSync(directory, { recursive: true });
    const name = `${directory}/${process.pid}-${Math.floor(performance.timeOrigin * 1e3)}`;
    files = {
      log: fs.openSync(`${name}.jsonl`, 'a'),
      at: fs.openSync(`${name}.at`, 'w'),
      spent: fs.openSync(`${name}.spent`, 'w'),
      own: `${name.slice(directory.length + 1)}.spent`,
    };
    return files;
  }

  /** Written before each run, so that a process that is killed from outside says what it was doing. */
  function heartbeat(text) {
    writeSync(output().at, text.slice(0, 200).padEnd(200), 0);
  }

  function report(line) {
    writeSync(output().log, `${JSON.stringify(line)}\n`);
  }

  let others = 0;
  let lookedAt = -lookMs;

  /** Tells the suite's other processes what this one has spent; returns what they have, milliseconds. */
  function share(ownMs, now) {
    const { spent, own } = output();
    writeSync(spent, String(Math.round(ownMs)).padEnd(12), 0);
    if (now - lookedAt < lookMs) return others;
    lookedAt = now;
    others = 0;
    for (const name of readdirSync(directory)) {
      if (name.endsWith('.spent') && name !== own)
        others += Number(readFileSync(`${directory}/${name}`, 'utf8')) || 0;
    }
    return others;
  }
  return { heartbeat, report, share };
}

module.exports = { createLog };
