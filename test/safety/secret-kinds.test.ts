/** Secrets of many issuers, made by chance here: none is real, and no file holds one whole. */
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { analyse } from 'scslre';
import { createHoldBack } from '../../src/conversation/hold-back.js';
import { redactSecrets, unsettledLength } from '../../src/safety/index.js';
import { secretRules } from '../../src/safety/redact-secrets.js';

let seed = 20_261_124;
const random = (): number => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
};
const alphabets = {
  a: 'abcdefghijklmnopqrstuvwxyz0123456789',
  A: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  d: '0123456789',
  h: '0123456789abcdef',
  U: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
} as const;
/** `ghp {A36}` without its space: so many characters of an alphabet for each brace. */
const made = (template: string): string =>
  template.replaceAll(' ', '').replaceAll(/\{([aAdhU])(\d+)\}/g, (_, name: keyof typeof alphabets, count) =>
    Array.from({ length: Number(count) }, () => {
      const alphabet = alphabets[name];
      return alphabet[Math.floor(random() * alphabet.length)] ?? '';
    }).join(''),
  );

/** As their issuers write them, with a space in each so that no scanner takes this file for a leak. */
const templates: readonly (readonly [id: string, template: string])[] = [
  ['github-token', 'gh p_{A36}'],
  ['github-token', 'gh s_{A36}'],
  ['github-token', 'github _pat_{A22}_{A59}'],
  ['gitlab-token', 'glp at-{A20}'],
  ['gitlab-token', 'gld t-{A20}'],
  ['aws-key-id', 'AK IA{U16}'],
  ['google-key', 'AI za{A35}'],
  ['google-oauth', 'GOC SPX-{A28}'],
  ['slack-token', 'xo xb-{d12}-{d12}-{A24}'],
  ['slack-token', 'xap p-1-A{d10}-{d13}-{h64}'],
  ['webhook', 'https://hooks.slack .com/services/T{U8}/B{U8}/{A24}'],
  ['webhook', 'https://discord .com/api/webhooks/{d18}/{A68}'],
  ['stripe-key', 'sk _live_{A24}'],
  ['stripe-key', 'rk _live_{A99}'],
  ['stripe-key', 'whs ec_{A32}'],
  ['square-token', 'sq0 atp-{A22}'],
  ['shopify-token', 'shp at_{h32}'],
  ['npm-token', 'np m_{A36}'],
  ['pypi-token', 'pyp i-AgEIcHlwaS5vcmc{A80}'],
  ['rubygems-key', 'ruby gems_{h48}'],
  ['nuget-key', 'oy 2{a43}'],
  ['docker-token', 'dck r_pat_{A27}'],
  ['digitalocean-token', 'do p_v1_{h64}'],
  ['databricks-token', 'da pi{h32}'],
  ['doppler-token', 'd p.pt.{A43}'],
  ['vault-token', 'hv s.{A95}'],
  ['heroku-key', 'HR KU-AA{A58}'],
  ['fly-token', 'fo 1_{A43}'],
  ['netlify-token', 'nf p_{A40}'],
  ['planetscale-token', 'pscale _tkn_{A43}'],
  ['supabase-key', 'sb p_{h40}'],
  ['tailscale-key', 'tsk ey-auth-{A17}-{A32}'],
  ['atlassian-token', 'ATA TT3{A180}'],
  ['linear-key', 'lin _api_{A40}'],
  ['notion-token', 'nt n_{d11}{A35}'],
  ['figma-token', 'fi gd_{A40}'],
  ['contentful-token', 'CFP AT-{A43}'],
  ['sourcegraph-token', 'sg p_{h16}_{h40}'],
  ['sendgrid-key', 'S G.{A22}.{A43}'],
  ['brevo-key', 'xkey sib-{h64}-{a16}'],
  ['mailgun-key', 'ke y-{h32}'],
  ['mailchimp-key', '{h32}-us 12'],
  ['twilio-key', 'S K{h32}'],
  ['telegram-token', '{d9}:A A{A33}'],
  ['mapbox-token', 's k.eyJ{A80}.{A22}'],
  ['sentry-token', 'sntr yu_{h64}'],
  ['grafana-token', 'gls a_{A32}_{h8}'],
  ['newrelic-key', 'NRA K-{U27}'],
  ['dynatrace-token', 'dt0 c01.{U24}.{U64}'],
  ['postman-key', 'PMA K-{h24}-{h34}'],
  ['pulumi-token', 'pu l-{h40}'],
  ['terraform-token', '{A14}.atlas v1.{A67}'],
  ['azure-secret', '{A3}8 Q~{A34}'],
  ['onepassword-token', 'op s_eyJ{A250}'],
  ['age-key', 'AGE-SECRET-KEY- 1{U58}'],
  ['model-key', 's k-{A48}'],
  ['model-key', 's k-proj-{A80}'],
  ['model-key', 's k-ant-api03-{A93}AA'],
  ['model-key', 's k-lm-{A40}'],
  ['model-key', 'gs k_{A52}'],
  ['model-key', 'h f_{A34}'],
  ['jwt', 'ey J{A30}.ey J{A60}.{A43}'],
];
const samples = templates.map(([id, template]) => [id, made(template)] as const);

it('more than 40 kinds are told apart', () => {
  expect(new Set(templates.map(([id]) => id)).size).toBeGreaterThan(40);
});

it.each(samples.map(([id, secret], at) => [id, templates[at]?.[1] ?? '', secret] as const))(
  '%s (%s) is taken out of prose, of code and of settings',
  (id, _, secret) => {
    for (const [before, after] of [
      ['It is ', ' for now.'],
      ["use('", "');"],
      ['VALUE=', '\nNEXT=1'],
      ['(', ')'],
    ] as const)
      expect(redactSecrets(`${before}${secret}${after}`)).toMatch(
        new RegExp(`^[^\\[]*\\[secret:(?:${id}|url-password):[0-9a-f]{4}\\][^\\[]*$`),
      );
  },
);

it.each(['DATADOG_APP: {h32}', 'cloudflare_id = "{h37}"', "algolia: '{h32}'"])(
  'a key that is known by its name alone: %s',
  (template) => {
    const [name = '', value = ''] = template.split('{');
    const key = made(`{${value}`).replace(/["']/g, '');
    expect(redactSecrets(`${name}${key}`)).not.toContain(key);
  },
);

it('secretlint finds nothing in what is left', async () => {
  const find = async (content: string) =>
    (
      await lintSource({
        source: { filePath: '/a.txt', content, ext: '.txt', contentType: 'text' },
        options: { config: { rules: [{ id: 'recommended', rule: creator }] } },
      })
    ).messages;
  const text = samples.map(([, secret]) => `it is ${secret} now`).join('\n');
  // It does find some, so that finding none says something.
  expect((await find(text)).length).toBeGreaterThan(10);
  expect((await find(redactSecrets(text))).map(({ message }) => message)).toEqual([]);
});

it('no rule takes more than linear time', () => {
  const scslre = createRequire(import.meta.url)('scslre') as { analyse: typeof analyse };
  const slow = secretRules.flatMap(({ id, pattern: { source, flags } }) =>
    scslre.analyse({ source, flags }).reports.map(({ type }) => `${id}: ${type}`),
  );
  expect(slow).toEqual([]);
});

function* filesOf(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* filesOf(path);
    else if (/\.(?:[cm]?[jt]s|json)$/.test(entry.name) && statSync(path).size < 500_000) yield path;
  }
}

it('real source text is left as it is', () => {
  const root = join(import.meta.dirname, '../..');
  let bytes = 0;
  const taken: string[] = [];
  for (const place of [
    'examples',
    'node_modules/openai',
    'node_modules/stemmer',
    'node_modules/ioredis/built',
  ])
    for (const path of filesOf(join(root, place))) {
      const text = readFileSync(path, 'utf8');
      bytes += text.length;
      if (redactSecrets(text) !== text) taken.push(path.slice(root.length + 1));
    }
  expect(bytes).toBeGreaterThan(3_000_000);
  expect(taken).toEqual([]);
});

describe('an answer that is still being written', () => {
  it.each([1, 2, 5, 23])('shows no secret when it comes %d characters at a time', (size) => {
    const whole = samples.map(([, secret], at) => `Number ${at} is ${secret}, so they say`).join('. ');
    const hold = createHoldBack(redactSecrets, unsettledLength);
    let shown = '';
    for (let at = 0; at < whole.length; at += size) shown += hold.push(whole.slice(at, at + size));
    shown += hold.end();
    for (const [, secret] of samples) {
      expect(shown).not.toContain(secret);
      // Nor a part of it that helps anybody.
      expect(shown).not.toContain(secret.slice(-12));
    }
    expect(shown.match(/Number \d+ is/g)).toHaveLength(samples.length);
  });

  it('ordinary words are shown at once, words that may begin a secret when they end', () => {
    const hold = createHoldBack(redactSecrets, unsettledLength);
    expect(['The', ' function', ' par', 'ses', ' head', 'ers.'].map((piece) => hold.push(piece))).toEqual([
      ...['The', ' function', ' par', 'ses', ' head', 'ers.'],
    ]);
    expect([' s', 'ome', ' x1', ' a', 'nd'].map((piece) => hold.push(piece))).toEqual([
      ...[' ', 'some', ' ', 'x1 ', 'and'],
    ]);
  });
});
