/** Which of the models that a server offers is meant when nobody named one. Pure. */
import type { Capabilities, OfferedModel } from './types.js';

/** The model that Ratchet's defaults are made for. */
const preferred = /gpt-?oss-?20b/i;

/** The configured one; else what is loaded before what is not, and gpt-oss-20b before others; else null. */
export function chooseModel(
  { models }: Capabilities,
  type: OfferedModel['type'],
  configured: string | null,
): OfferedModel | null {
  const fitting = models.filter((model) => model.type === type);
  if (configured !== null) {
    const named = models.find(({ id, instances }) => id === configured || instances.includes(configured));
    return named ?? null;
  }
  const rank = ({ id, loaded }: OfferedModel): number =>
    (loaded === true ? 0 : loaded === null ? 2 : 4) + (type === 'chat' && preferred.test(id) ? 0 : 1);
  return fitting.toSorted((a, b) => rank(a) - rank(b))[0] ?? null;
}
