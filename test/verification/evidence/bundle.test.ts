import fc from 'fast-check';
import { canonicalJson, sha256 } from '../../../src/canonical.js';
import { evidenceDigest, openBundle, writeBundle } from '../../../src/verification/evidence/bundle.js';
import { deterministicDigest } from '../../../src/verification/evidence/deterministic.js';
import { verifyBundle } from '../../../src/verification/evidence/verify-evidence.js';
import { decideVerdict, gateOrder } from '../../../src/verification/policy.js';
import type { Evidence, GateResult, Verdict } from '../../../src/verification/types.js';

const workload = Buffer.from('export const entry = "src/index.ts";\n');

function sample(answer: GateResult = 'pass'): Evidence {
  const gates = gateOrder.map((gate): Verdict => ({
    gate,
    verdict: gate === 'tests' ? answer : 'pass',
    reason: `${gate} – “fine” after 12 ms`,
    numbers: { inputs: 12, samples: [1.25, -0.5], nested: { wallMs: 3 } },
    elapsedMs: 5,
  }));
  const facts = { claimsGain: true, changesCode: true };
  const fixed = {
    base: 'b'.repeat(40),
    patch: { digest: 'd'.repeat(64), diff: '--- a/a.ts\n+++ b/a.ts\n', files: [] },
    seed: 7,
    lockHash: 'e'.repeat(64),
    gates,
    ...facts,
  };
  const environment = {
    ratchet: '0.1.0',
    node: 'v20.20.2',
    platform: 'linux',
    cpu: 'x',
    cores: 2,
    memoryBytes: 1,
    sandbox: 's',
    gates: { tests: 1 },
    harness: 'f'.repeat(64),
  };
  return {
    schemaVersion: 1,
    repositoryId: 'r',
    proposalId: 'p',
    ...decideVerdict(gates, facts),
    baseline: { tests: 1, flaky: [], red: [] },
    plan: { runner: 'jest', command: 'jest', directory: '', origin: 'test' },
    attachments: { 'workload.mjs': sha256(workload) },
    environment,
    complexity: null,
    limits: {
      wallMs: 1,
      cpuSeconds: 1,
      memoryBytes: 1,
      processes: 1,
      outputBytes: 1,
      fileBytes: 1,
      scratchBytes: 1,
    },
    deterministicDigest: deterministicDigest({
      ...fixed,
      harness: environment.harness,
      gateVersions: environment.gates,
    }),
    finishedAt: '2026-01-01T00:00:00.000Z',
    ...fixed,
  };
}

const attachments = new Map([['workload.mjs', workload]]);

describe('an evidence bundle', () => {
  it('is deterministic, opens again, and keeps the evidence’s digest', () => {
    const evidence = sample();
    const bytes = writeBundle(evidence, attachments);
    expect(Buffer.from(writeBundle(sample(), attachments)).equals(bytes)).toBe(true);
    const opened = openBundle(bytes);
    expect(opened.evidence).toEqual(evidence);
    expect(opened.attachments.get('workload.mjs')?.toString()).toBe(workload.toString());
    expect(verifyBundle(bytes, evidenceDigest(evidence))).toMatchObject({ intact: true, flaws: [] });
  });

  it('names a flaw for every single flipped byte', () => {
    const evidence = sample();
    const digest = evidenceDigest(evidence);
    const bytes = writeBundle(evidence, attachments);
    const missed: number[] = [];
    for (let index = 0; index < bytes.length; index += 1) {
      const flipped = Buffer.from(bytes);
      flipped[index] = (flipped[index] ?? 0) ^ (1 << (index % 8));
      const { intact, flaws } = verifyBundle(flipped, digest);
      if (intact || flaws.length === 0) missed.push(index);
    }
    expect(missed).toEqual([]);
  });

  it('says which section a flipped byte is in', () => {
    const bytes = Buffer.from(writeBundle(sample(), attachments));
    const at = bytes.indexOf('“fine”', bytes.indexOf('gates/3/'));
    bytes[at + 3] = 'F'.charCodeAt(0);
    const { flaws } = verifyBundle(bytes, null);
    expect(flaws[0]?.where).toContain('(gates/3/tests)');
    expect(flaws[0]?.reason).toBe('does not hash to its sha256');
  });

  it('finds truncated, doubled, reordered and foreign content, and never throws', () => {
    const bytes = Buffer.from(writeBundle(sample(), attachments));
    const lines = bytes.toString().split('\n');
    const damaged = [
      bytes.subarray(0, bytes.length - 1),
      bytes.subarray(0, 1000),
      Buffer.concat([bytes, bytes]),
      Buffer.from([lines[0], lines[2], lines[1], ...lines.slice(3)].join('\n')),
      Buffer.from([...lines.slice(0, 3), '{"x":1}', ...lines.slice(3)].join('\n')),
      Buffer.alloc(0),
      Buffer.from('{"format":"ratchet-evidence","version":1}\n{}\n{}\n'),
    ];
    for (const one of damaged) expect(verifyBundle(one, null).intact).toBe(false);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => !verifyBundle(noise, null).intact),
      {
        numRuns: 200,
      },
    );
  });

  it('finds a consistent forgery: gates that do not give the verdict, and another digest than was approved', () => {
    const honest = sample('inconclusive');
    const forged: Evidence = { ...honest, verdict: 'accepted' };
    const bytes = writeBundle(forged, attachments);
    expect(verifyBundle(bytes, null).flaws).toEqual([
      { where: 'verdict', reason: "says accepted; the gates' answers give inconclusive" },
    ]);
    const passed = writeBundle(sample('pass'), attachments);
    expect(verifyBundle(passed, evidenceDigest(honest)).flaws[0]?.where).toBe('digest');
  });

  it('refuses to be written with another attachment than was measured', () => {
    expect(() => writeBundle(sample(), new Map())).toThrow('workload.mjs');
    expect(() => writeBundle(sample(), new Map([['workload.mjs', Buffer.from('x')]]))).toThrow(
      'workload.mjs',
    );
  });
});

describe('canonical JSON', () => {
  it('is one text per value, whatever the order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy: unknown = JSON.parse(JSON.stringify(value));
        const text = canonicalJson(copy);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
    expect(canonicalJson({ b: [1, undefined], a: { d: 1, c: undefined } })).toBe(
      '{"a":{"d":1},"b":[1,null]}',
    );
    expect(() => canonicalJson({ a: [Number.NaN] })).toThrow(TypeError);
  });
});
