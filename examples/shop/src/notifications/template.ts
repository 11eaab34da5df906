/** Fills `{name}` marks; a mark without a value stays as it is. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (mark, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? mark) : mark,
  );
}

/**
 * The first `limit` marks of each template. Each template is read from its beginning: the pattern is global and
 * remembers where it stopped, so every template gets its own.
 */
export function firstMarks(templates: readonly string[], limit: number): string[][] {
  const found: string[][] = [];
  for (const template of templates) {
    const mark = new RegExp('[{]([a-z]+)[}]', 'g');
    const names: string[] = [];
    while (names.length < limit) {
      const match = mark.exec(template);
      if (match === null) break;
      names.push(match[1] ?? '');
    }
    found.push(names);
  }
  return found;
}
