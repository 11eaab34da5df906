/** What a change does, in one line for headings. */

const titles: Readonly<Record<string, string>> = {
  'lookup-in-loop': 'Build the lookup once instead of searching an array in each iteration',
  'quadratic-unique': 'Remove duplicates by a Set instead of a search per element',
  'accumulating-spread': 'Add to the collection instead of copying it for each element',
  'buffer-concat-in-loop': 'Join the chunks once instead of copying the buffer for each chunk',
  'invariant-collection': 'Build the collection once instead of in each iteration',
  'invariant-call': 'Compute the unchanging value once instead of in each iteration',
  'invariant-construction': 'Build the unchanging object once instead of in each iteration',
  'locale-compare-sort': 'Compare with one Collator instead of a new one per comparison',
  'parsing-comparator': 'Compute each sort key once instead of per comparison',
  'filter-first': 'Stop at the first match instead of filtering the whole array',
  'filter-length': 'Stop at the first match instead of counting all of them',
  'sort-for-extreme': 'Find the extreme in one pass instead of sorting',
  'spread-min-max': 'Find the extreme in one pass instead of spreading the array into arguments',
  'queue-shift': 'Walk the queue by an index instead of moving all elements',
  'unshift-in-loop': 'Append and reverse once instead of moving all elements for each one',
  'splice-in-loop': 'Remove elements in one pass instead of moving the rest for each one',
  'spread-for-size': 'Ask for the size instead of copying the collection',
  'split-index': 'Split only as far as needed',
  'reverse-find': 'Search from the end instead of copying and reversing',
  'double-map-lookup': 'Look the key up once instead of twice',
  'object-keys-length': 'Stop at the first key instead of listing all of them',
  'arguments-copy': 'Take rest parameters instead of copying arguments',
  'await-non-thenable': 'Drop an await of a value that is no promise',
  'chained-passes': 'Go through the array once instead of once per step',
  'flat-map-literal': 'Append in one loop instead of building an array per element',
};

/** The title of a proposal; `declaration` names the function that is changed. */
export function titleOf(rule: string, declaration: string | null): string {
  const title = titles[rule] ?? `Change what ${rule} found`;
  return declaration === null ? title : `${title} (${declaration})`;
}
