/** File names in the headers of a diff: quoting, prefixes, time stamps. Pure. */

/** Prefix pairs of git: `a/ b/` and the mnemonic ones. */
const prefixes = ['a/', 'b/', 'i/', 'w/', 'c/', 'o/'];
const escapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  '\\': 92,
};

/** Reads git's C-style quoted name; undefined when it is malformed or not UTF-8. */
export function unquote(text: string): string | undefined {
  if (!/^".*"$/s.test(text) || text.length < 2) return undefined;
  const bytes: number[] = [];
  const body = text.slice(1, -1);
  for (let at = 0; at < body.length; at += 1) {
    const char = body.charAt(at);
    if (char === '"') return undefined;
    if (char !== '\\') {
      const point = String.fromCodePoint(body.codePointAt(at) ?? 0);
      bytes.push(...new TextEncoder().encode(point));
      at += point.length - 1;
      continue;
    }
    const octal = /^[0-3][0-7]{2}/.exec(body.slice(at + 1))?.[0];
    if (octal !== undefined) {
      bytes.push(Number.parseInt(octal, 8));
      at += 3;
      continue;
    }
    const byte = escapes[body.charAt(at + 1)];
    if (byte === undefined) return undefined;
    bytes.push(byte);
    at += 1;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return undefined; // not UTF-8: refused by the caller
  }
}

/** The name in a `---` or `+++` line; null = /dev/null; undefined = malformed. */
export function readHeaderPath(text: string, git: boolean): string | null | undefined {
  if (text.startsWith('"'))
    return unquote(text.replace(/"[\t ].*$|\r$/, (end) => (end[0] === '"' ? '"' : '')));
  // git ends a name that holds a blank with a tab; plain diff puts a tab and the time after it
  const tab = text.indexOf('\t');
  const cut = (tab >= 0 ? text.slice(0, tab) : text).replace(/\r$/, '');
  const name = git ? cut : cut.replace(/ {2,}\d{4}-\d\d-\d\d .*$/, '');
  if (name === '/dev/null') return null;
  return name === '' ? undefined : name;
}

/** Takes the prefixes off a pair of names: both or none. Null when both are /dev/null. */
export function pairPaths(
  old: string | null,
  fresh: string | null,
): { old: string | null; new: string | null } | null {
  if (old === null && fresh === null) return null;
  const both = old !== null && fresh !== null;
  if (both && old === fresh) return { old, new: fresh }; // --no-prefix
  const strip = (name: string | null): string | null =>
    name !== null && hasPrefix(name) ? name.slice(2) : name;
  if (both && !(hasPrefix(old) && hasPrefix(fresh))) return { old, new: fresh };
  return { old: strip(old), new: strip(fresh) };
}

function hasPrefix(name: string): boolean {
  return prefixes.some((prefix) => name.startsWith(prefix)) && name.length > 2;
}

/** The two names of `diff --git`; null when they cannot be told apart (then other lines must name them). */
export function readGitHeader(text: string): { old: string; new: string } | null {
  const line = text.replace(/\r$/, '');
  const pairs: [string, string][] = [];
  const quoted = /^("(?:[^"\\]|\\.)*")( )(.*)$/.exec(line) ?? /^(.*?)( )("(?:[^"\\]|\\.)*")$/.exec(line);
  if (quoted !== null) {
    const [old, fresh] = [quoted[1] ?? '', quoted[3] ?? ''].map((name) =>
      name.startsWith('"') ? unquote(name) : name,
    );
    if (old === undefined || fresh === undefined) return null;
    pairs.push([old, fresh]);
  } else {
    for (let at = line.indexOf(' '); at >= 0; at = line.indexOf(' ', at + 1)) {
      pairs.push([line.slice(0, at), line.slice(at + 1)]);
    }
  }
  // Without a rename both names are the same after their prefixes: the split where they are is the right one.
  for (const [old, fresh] of pairs) {
    const pair = pairPaths(old, fresh);
    if (pair !== null && pair.old === pair.new && pair.old !== null) return { old: pair.old, new: pair.old };
  }
  return null;
}
