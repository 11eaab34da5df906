/**
 * Secrets that are known by how they begin, as their issuers document them: data, one row a kind. `starts` are literals
 * (they are looked for first, all at once), `body` is what follows. Every quantifier is bounded, and no two that follow
 * each other share a character without a separator, so that the work is linear (a test checks it).
 */

export interface SecretKind {
  readonly id: string;
  readonly starts: readonly string[];
  readonly body: string;
}

const row = (id: string, starts: string, body: string): SecretKind => ({
  id,
  starts: starts.split(' '),
  body,
});

const word = '[A-Za-z0-9]';
const wide = '[A-Za-z0-9_-]';
/** For starts that a plain word could have: nothing may follow. */
const end = '(?![A-Za-z0-9_-])';

/** In the order in which they are tried: of two that begin alike, the longer start first. */
export const secretKinds: readonly SecretKind[] = [
  row('model-key', 'sk-', `(?:lm-|ant-|proj-|or-)?${wide}{20,250}`),
  row('model-key', 'xai-', `${word}{60,120}`),
  row('model-key', 'gsk_', `${word}{40,80}`),
  row('model-key', 'pplx-', `${word}{40,80}`),
  row('model-key', 'nvapi-', `${wide}{50,90}`),
  row('model-key', 'r8_', `${word}{37}${end}`),
  row('model-key', 'hf_ api_org_', `[A-Za-z0-9]{34}${end}`),
  row('model-key', 'pcsk_', '[A-Za-z0-9_]{40,90}'),
  row('model-key', 'tvly-', `${wide}{20,60}`),
  row('model-key', 'lsv2_pt_ lsv2_sk_', '[a-f0-9]{32}_[a-f0-9]{10}'),
  row('ratchet-token', 'rt_', `${wide}{24,64}`),
  row('github-token', 'ghp_ gho_ ghu_ ghs_ ghr_', `${word}{30,255}`),
  row('github-token', 'github_pat_', '[A-Za-z0-9_]{40,255}'),
  row(
    'gitlab-token',
    'glpat- glptt- gldt- glrt- glcbt- glsoat- glft- glimt- glagent- gloas- glffct- GR1348941',
    '[A-Za-z0-9_.=-]{20,120}',
  ),
  row('aws-key-id', 'AKIA ASIA ABIA ACCA', '[A-Z0-9]{16}(?![A-Za-z0-9])'),
  row('aws-bedrock-key', 'ABSK', '[A-Za-z0-9+/]{100,270}={0,2}'),
  row('alibaba-key', 'LTAI', `${word}{20}${end}`),
  row('google-key', 'AIza', `${wide}{35}`),
  row('google-oauth', 'GOCSPX-', `${wide}{20,60}`),
  row('google-oauth', 'ya29.', `${wide}{20,1000}`),
  row('google-oauth', '1//0', `${wide}{30,200}`),
  row('firebase-key', 'AAAA', `${wide}{7}:${wide}{140}`),
  row('slack-token', 'xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs-', '[A-Za-z0-9-]{10,250}'),
  row('slack-token', 'xoxe.xoxb- xoxe.xoxp-', '[A-Za-z0-9-]{20,250}'),
  row('slack-token', 'xapp-', '[A-Za-z0-9-]{20,250}'),
  row('webhook', 'https://hooks.slack.com/', '(?:services|workflows|triggers)/[A-Za-z0-9+/_-]{30,200}'),
  row('webhook', 'https://discord.com/api/webhooks/', '[0-9]{10,25}/[A-Za-z0-9_-]{50,120}'),
  row('stripe-key', 'sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_', `${word}{16,120}`),
  row('stripe-key', 'whsec_', '[A-Za-z0-9+/]{24,120}={0,2}'),
  row('square-token', 'sq0atp- sq0csp- sq0idp-', `${wide}{22,60}`),
  row('shopify-token', 'shpat_ shpca_ shppa_ shpss_', '[a-fA-F0-9]{32}'),
  row('shippo-token', 'shippo_live_ shippo_test_', '[a-fA-F0-9]{40}'),
  row('easypost-key', 'EZAK EZTK', `${word}{54}`),
  row('flutterwave-key', 'FLWSECK FLWPUBK', '(?:_TEST)?-[A-Za-z0-9]{12,40}'),
  row('plaid-token', 'access-sandbox- access-development- access-production-', '[a-f0-9]{8}-[a-f0-9-]{27}'),
  row('duffel-token', 'duffel_test_ duffel_live_', '[A-Za-z0-9_=-]{43}'),
  row('npm-token', 'npm_', `${word}{36}`),
  row('pypi-token', 'pypi-AgE', `${wide}{50,1000}`),
  row('rubygems-key', 'rubygems_', '[a-f0-9]{48}'),
  row('nuget-key', 'oy2', `[a-z0-9]{43}${end}`),
  row('crates-token', 'cio', `${word}{32}${end}`),
  row('clojars-token', 'CLOJARS_', '[A-Za-z0-9]{60}'),
  row('docker-token', 'dckr_pat_ dckr_oat_', `${wide}{20,60}`),
  row('artifactory-key', 'AKCp cmVmd', `${word}{55,80}`),
  row('postman-key', 'PMAK-', '[a-f0-9]{24}-[a-f0-9]{34}'),
  row('pulumi-token', 'pul-', '[a-f0-9]{40}'),
  row('prefect-key', 'pnu_', `[A-Za-z0-9]{36}${end}`),
  row('buildkite-token', 'bkua_', '[a-f0-9]{40}'),
  row('circleci-token', 'CCIPAT_', '[A-Za-z0-9]{15,40}_[a-f0-9]{40}'),
  row('harness-token', 'pat. sat.', `${wide}{22}\\.[0-9a-f]{24}\\.${word}{20}`),
  row('airtable-token', 'pat', `${word}{14}\\.[a-f0-9]{64}`),
  row('infracost-key', 'ico-', `${word}{32}${end}`),
  row('digitalocean-token', 'dop_v1_ doo_v1_ dor_v1_', '[a-f0-9]{64}'),
  row('databricks-token', 'dapi', `[a-f0-9]{32}(?:-[0-9])?${end}`),
  row('doppler-token', 'dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.', '[A-Za-z0-9._-]{40,80}'),
  row('vault-token', 'hvs. hvb. hvr.', `${wide}{24,300}`),
  row('heroku-key', 'HRKU-AA', `${wide}{50,70}`),
  row('fly-token', 'fm1a_ fm1r_ fm2_ fo1_', '[A-Za-z0-9+/_=-]{40,2000}'),
  row('vercel-token', 'vcp_ vci_ vca_ vcr_ vck_', `${word}{24,80}`),
  row('netlify-token', 'nfp_', `${word}{30,60}`),
  row('render-key', 'rnd_', `${word}{24,60}`),
  row('supabase-key', 'sbp_', '[a-f0-9]{40}'),
  row('supabase-key', 'sb_secret_', `${wide}{20,80}`),
  row('planetscale-token', 'pscale_tkn_ pscale_pw_ pscale_oauth_', '[A-Za-z0-9=._-]{32,64}'),
  row('clickhouse-key', '4b1d', `${word}{38}${end}`),
  row('scalingo-token', 'tk-us-', `${wide}{48}`),
  row('tailscale-key', 'tskey-', '[a-z]{3,12}-[A-Za-z0-9-]{20,120}'),
  row('cloudflare-key', 'v1.0-', '[a-f0-9]{24}-[a-f0-9]{146}'),
  row('openshift-token', 'sha256~', `${wide}{43}`),
  row('yandex-key', 'AQVN', `${wide}{35,38}${end}`),
  row('atlassian-token', 'ATATT3 ATCTT3', '[A-Za-z0-9_=-]{60,250}'),
  row('bitbucket-token', 'ATBB', `${word}{32}${end}`),
  row('linear-key', 'lin_api_ lin_oauth_', `${word}{40,64}`),
  row('notion-token', 'ntn_', `${word}{40,60}`),
  row('notion-token', 'secret_', `${word}{43}${end}`),
  row('figma-token', 'figd_ figo_ figu_', `${wide}{38,60}`),
  row('frameio-token', 'fio-u-', '[A-Za-z0-9_=-]{64}'),
  row('contentful-token', 'CFPAT-', `${wide}{40,50}`),
  row('readme-key', 'rdme_', '[a-z0-9]{70}'),
  row('sourcegraph-token', 'sgp_', '(?:[a-f0-9]{16}_|local_)?[a-f0-9]{40}'),
  row('sendgrid-key', 'SG.', `${wide}{16,32}\\.${wide}{16,64}`),
  row('brevo-key', 'xkeysib- xsmtpsib-', '[a-f0-9]{64}-[A-Za-z0-9]{16}'),
  row('mailgun-key', 'key-', `[a-f0-9]{32}${end}`),
  row('resend-key', 're_', `${word}{8}_${word}{20,30}${end}`),
  row('twilio-key', 'SK', `[a-f0-9]{32}${end}`),
  row('mapbox-token', 'pk.eyJ sk.eyJ', `${wide}{40,400}\\.${wide}{20,60}`),
  row('facebook-token', 'EAAC EAAM EAAB', `${word}{80,400}`),
  row('sentry-token', 'sntrys_eyJ', '[A-Za-z0-9+/=_-]{80,600}'),
  row('sentry-token', 'sntryu_', '[a-f0-9]{64}'),
  row('grafana-token', 'glc_', '[A-Za-z0-9+/]{32,400}={0,2}'),
  row('grafana-token', 'glsa_', `${word}{32}_[A-Fa-f0-9]{8}`),
  row('grafana-token', 'eyJrIjoi', '[A-Za-z0-9+/]{60,400}={0,2}'),
  row('newrelic-key', 'NRAK- NRAL- NRII- NRJS- NRIQ-', `${wide}{19,60}`),
  row('dynatrace-token', 'dt0c01. dt0s01.', '[A-Z0-9]{24}\\.[A-Z0-9]{64}'),
  row('octopus-key', 'API-', `[A-Z0-9]{26}${end}`),
  row('settlemint-token', 'sm_aat_ sm_pat_ sm_sat_', `${word}{16}${end}`),
  row('onepassword-token', 'ops_eyJ', '[A-Za-z0-9+/]{100,2000}={0,3}'),
  row('onepassword-key', 'A3-', '[A-Z0-9]{6}-[A-Z0-9]{6,11}(?:-[A-Z0-9]{5}){3,4}'),
  row('age-key', 'AGE-SECRET-KEY-1', '[A-Z0-9]{58}'),
  row('adobe-secret', 'p8e-', `[a-z0-9]{32}${end}`),
  row('intra42-secret', 's-s4t2ud-', '[a-f0-9]{64}'),
  row('jwt', 'ZXlK', `[A-Za-z0-9+/_-]{60,4000}={0,2}${end}`),
];

/** Whose keys have no shape of their own: a name, an assignment, and a value of many different characters. */
export const vendors =
  'adafruit adobe airtable algolia alibaba asana atlassian beamer bitbucket bittrex cloudflare codecov cohere coinbase confluent confluence contentful datadog discord dropbox droneci etsy fastly finicity finnhub flickr freemius freshbooks gitter gocardless heroku hubspot intercom jfrog jira kraken kucoin launchdarkly linkedin lob looker mailchimp mapbox mattermost maxmind meraki messagebird netlify newrelic nytimes okta plaid rapidapi sendbird snyk sonar squarespace sumologic telegram travis trello twitch twitter typeform webflow yandex zendesk'.split(
    ' ',
  );
