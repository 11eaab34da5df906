/**
 * Questions about a repository whose right file is known: the first sentence of the comment above an exported function
 * or class. Such comments are taken out of the files before these are indexed, so the sentence itself is not there.
 */
export interface FileQuestion {
  readonly text: string;
  readonly path: string;
}

const declaration =
  /^(?:export\s+(?:default\s+)?(?:async\s+)?(?:function\*?|class|const)\s+[A-Za-z_$]|function\s+[A-Za-z_$]|(?:module\.)?exports\b|[A-Za-z_$][\w$.]*\.prototype\.)/;
const wordsMinimum = 5;

function sentenceOf(comment: string): string {
  const text = comment
    .replaceAll(/^\s*\/\*\*?|\*\/\s*$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s?/, ''))
    .join(' ')
    .replaceAll(/\{@\w+\s+([^}]*)\}/g, '$1')
    .trim();
  return (/^[^@]*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text.split('@')[0] ?? '').trim();
}

/** The file without its comments of this kind, and a question for each. */
export function questionsIn(
  path: string,
  text: string,
): { readonly text: string; readonly questions: readonly FileQuestion[] } {
  const questions: FileQuestion[] = [];
  const without = text.replaceAll(
    /^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n(?=(.*))/gm,
    (comment: string, next: string) => {
      if (!declaration.test(next)) return comment;
      const sentence = sentenceOf(comment);
      if (sentence.split(/\s+/).length < wordsMinimum) return comment;
      questions.push({ text: sentence.slice(0, 300), path });
      return '';
    },
  );
  return { text: without, questions };
}
