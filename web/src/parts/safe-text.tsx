/** Text of a repository: as text, with badges for what could not be seen or would turn the text around it. */
import type { ComponentChildren } from 'preact';

const unseen =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\ufe00-\ufe0f]|\u17b4|\u17b5|[\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

const codeOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

export function SafeText({ text }: { readonly text: string }) {
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const found of text.matchAll(unseen)) {
    parts.push(text.slice(from, found.index));
    parts.push(
      <span key={found.index} class="unseen" title="a character that cannot be seen">
        {codeOf(found[0])}
      </span>,
    );
    from = found.index + found[0].length;
  }
  if (from === 0) return <>{text}</>;
  return <>{[...parts, text.slice(from)]}</>;
}

/** How many such characters a text holds. */
export const countUnseen = (text: string): number => [...text.matchAll(unseen)].length;
