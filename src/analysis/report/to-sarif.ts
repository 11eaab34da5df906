/** The report as SARIF 2.1.0, with fingerprints that code-scanning services match across commits. */
import type { AnalysisReport, Rule, Severity } from '../types.js';

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** @param rules the rules whose descriptions are included, see the door's `rules` */
export function toSarif(report: AnalysisReport, rules: readonly Rule[]): object {
  const index = new Map(rules.map((rule, at) => [rule.id, at]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Ratchet',
            rules: rules.map((rule) => ({
              id: rule.id,
              shortDescription: { text: rule.title },
              fullDescription: { text: rule.why },
              help: { text: `${rule.why}\n${rule.preconditions.join('\n')}` },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { ROOT: { description: { text: 'The analysed tree.' } } },
        invocations: [{ executionSuccessful: true }],
        results: report.findings.map((finding) => ({
          ruleId: finding.rule,
          ...(index.has(finding.rule) ? { ruleIndex: index.get(finding.rule) } : {}),
          level: levels[finding.severity],
          message: { text: `${finding.title}. Effect: ${finding.effect}.` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: encodeURI(finding.file), uriBaseId: 'ROOT' },
                region: {
                  startLine: finding.span.start.line,
                  startColumn: finding.span.start.column,
                  endLine: finding.span.end.line,
                  endColumn: finding.span.end.column,
                },
              },
            },
          ],
          partialFingerprints: { 'ratchet/v1': finding.fingerprint },
          properties: { severity: finding.severity, confidence: finding.confidence, tier: finding.tier },
        })),
      },
    ],
  };
}
