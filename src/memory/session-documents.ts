/** A conversation as documents: its messages, its summary, its pinned facts. */
import type { Message } from '../conversation/types.js';
import type { MemoryDocument, SessionView } from './types.js';

const piece = 2_000;
const piecesMaximum = 50;

/** Pieces of a long text, cut at line ends where there are some. */
export function piecesOfText(text: string, size = piece): readonly string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > size && pieces.length < piecesMaximum - 1) {
    const line = rest.lastIndexOf('\n', size);
    const at = line > size / 2 ? line + 1 : size;
    pieces.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  pieces.push(rest.slice(0, size));
  return pieces;
}

function messageDocuments({ id, turn, role, content, at }: Message, place: number): MemoryDocument[] {
  return piecesOfText(content).map((text, number) => ({
    ...{ id: number === 0 ? id : `${id}#${number}`, kind: 'message' as const, source: id, at, turn, place },
    text: `${role === 'user' ? 'Person' : 'Ratchet'}: ${text}`,
  }));
}

/** Failed turns taught nobody anything; temporary conversations are never remembered. */
export function sessionDocuments({ session, summary, messages }: SessionView): readonly MemoryDocument[] {
  if (session.temporary) return [];
  const failed = new Set(messages.filter(({ state }) => state === 'failed').map(({ turn }) => turn));
  const first = session.messages - messages.length;
  const said = messages.flatMap((message, at) =>
    failed.has(message.turn) || message.content.trim() === '' ? [] : messageDocuments(message, first + at),
  );
  const facts = session.pins.map((text, at) => ({
    ...{ id: `pin-${at}`, kind: 'fact' as const, text, source: 'pinned', at: session.usedAt },
  }));
  const short =
    summary === null
      ? []
      : [
          ...piecesOfText(summary.text).map((text, at) => ({
            ...{ id: `summary-${at}`, kind: 'summary' as const, text, source: summary.upTo, at: summary.at },
          })),
        ];
  return [...said, ...facts, ...short];
}
