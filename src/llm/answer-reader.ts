/**
 * Turns the content pieces of a stream into what a reader may see: reasoning tags become reasoning, template markup is
 * found before anybody sees it, calls that a template left in the text become calls, loops are cut.
 */
import { ModelSignal } from './classify-fault.js';
import { RepetitionWatch } from './repetition.js';
import type { Delta } from './types.js';

/** Control tokens that begin another message: the template does not fit, and what follows is not for people. */
const openings = [
  '<|channel|>',
  '<|start|>',
  '<|message|>',
  '<|call|>',
  '<|im_start|>',
  '<|start_header_id|>',
];
/** Control tokens that only end one: what stands before is the answer. */
const endings = ['<|im_end|>', '<|eot_id|>', '<|endoftext|>', '<|return|>', '<|end|>'];
/** Harmony whose control tokens were stripped: the words remain. */
const harmonyWords = [
  'commentary to=functions.',
  'assistantfinal',
  'assistantcommentary',
  'assistantanalysis',
];
const callOpenings = ['<tool_call>', '[TOOL_REQUEST]'];
const callClosings = /<\/tool_call>|\[END_TOOL_REQUEST\]/;

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Length of the longest end of `text` that is the beginning, but not the whole, of one of `marks`. */
function heldBack(text: string, marks: readonly string[]): number {
  let longest = 0;
  for (const mark of marks) {
    for (let size = Math.min(mark.length - 1, text.length); size > longest; size -= 1) {
      if (text.endsWith(mark.slice(0, size))) longest = size;
    }
  }
  return longest;
}

/** Follows whether the end of the text so far stands inside a code fence or inline code. */
class CodeState {
  #fenced = false;
  #line = '';

  feed(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = (lines.pop() ?? '').slice(0, 2_000);
    for (const line of lines) if (/^\s*(?:```|~~~)/.test(line)) this.#fenced = !this.#fenced;
  }

  get inside(): boolean {
    return this.#fenced || (this.#line.split('`').length - 1) % 2 === 1 || /^\s*```/.test(this.#line);
  }
}

export class AnswerReader {
  text = '';
  reasoning = '';
  /** Raw text of calls that stood in the content. */
  readonly callTexts: string[] = [];
  /** Why the rest of the stream is of no interest; null while it is. */
  cut: 'ending' | 'repetition' | 'length' | null = null;

  readonly #marks: readonly string[];
  readonly #pattern: RegExp;
  readonly #code = new CodeState();
  readonly #textLoop = new RepetitionWatch();
  readonly #reasoningLoop = new RepetitionWatch();
  #mode: 'start' | 'think' | 'text' | 'call' = 'start';
  #pending = '';

  constructor(options: { readonly harmony: boolean; readonly tools: boolean }) {
    this.#marks = [
      ...openings,
      ...endings,
      ...(options.harmony ? harmonyWords : []),
      ...(options.tools ? callOpenings : []),
    ];
    this.#pattern = new RegExp(this.#marks.map(escape).join('|'), 'g');
  }

  /** Takes reasoning that the server itself kept apart. */
  feedReasoning(piece: string): readonly Delta[] {
    if (piece === '' || this.cut !== null) return [];
    this.reasoning += piece;
    if (this.#reasoningLoop.feed(piece)) this.cut = 'repetition';
    return [{ kind: 'reasoning', text: piece }];
  }

  /** Takes content. @throws ModelSignal `leaked-markup` */
  feed(piece: string): readonly Delta[] {
    if (this.cut !== null) return [];
    this.#pending += piece;
    const deltas: Delta[] = [];
    while (this.cut === null && this.#step(deltas));
    return deltas;
  }

  /** Some servers ignore the maximum of tokens: 32 characters each is more than any tokenizer needs. */
  boundBy(maxTokens: number): void {
    if (this.text.length + this.reasoning.length > maxTokens * 32 + 4_096) this.cut ??= 'length';
  }

  /** The stream is over: nothing is held back any longer. */
  end(): readonly Delta[] {
    const deltas: Delta[] = [];
    if (this.#mode === 'call') this.callTexts.push(this.#pending);
    else if (this.#mode === 'think') deltas.push(...this.feedReasoning(this.#pending));
    else if (this.cut === null) this.#emit(this.#pending, deltas);
    this.#pending = '';
    return deltas;
  }

  /** One step through what is pending; false when more of the stream is needed. */
  #step(deltas: Delta[]): boolean {
    if (this.#mode === 'start') return this.#atStart();
    if (this.#mode === 'think') return this.#inThought(deltas);
    if (this.#mode === 'call') return this.#inCall();
    return this.#inText(deltas);
  }

  #atStart(): boolean {
    const begun = this.#pending.trimStart();
    if (begun.startsWith('<think>')) {
      this.#mode = 'think';
      this.#pending = begun.slice('<think>'.length);
      return true;
    }
    if ('<think>'.startsWith(begun)) return false;
    this.#mode = 'text';
    return true;
  }

  #inThought(deltas: Delta[]): boolean {
    const end = this.#pending.indexOf('</think>');
    const upTo = end === -1 ? this.#pending.length - heldBack(this.#pending, ['</think>']) : end;
    deltas.push(...this.feedReasoning(this.#pending.slice(0, upTo)));
    if (end === -1) {
      this.#pending = this.#pending.slice(upTo);
      return false;
    }
    this.#mode = 'text';
    this.#pending = this.#pending.slice(end + '</think>'.length).trimStart();
    return true;
  }

  #inCall(): boolean {
    const closing = callClosings.exec(this.#pending);
    if (closing === null) return false;
    this.callTexts.push(this.#pending.slice(0, closing.index));
    this.#pending = this.#pending.slice(closing.index + closing[0].length).trimStart();
    this.#mode = 'text';
    return true;
  }

  #inText(deltas: Delta[]): boolean {
    this.#pattern.lastIndex = 0;
    const found = this.#pattern.exec(this.#pending);
    if (found === null) {
      const upTo = this.#pending.length - heldBack(this.#pending, this.#marks);
      this.#emit(this.#pending.slice(0, upTo), deltas);
      this.#pending = this.#pending.slice(upTo);
      return false;
    }
    const [mark] = found;
    this.#emit(this.#pending.slice(0, found.index), deltas);
    this.#pending = this.#pending.slice(found.index + mark.length);
    // Quoted markup is an answer about markup.
    if (this.#code.inside) this.#emit(mark, deltas);
    else if (callOpenings.includes(mark)) this.#mode = 'call';
    else if (endings.includes(mark) && this.text.trim() !== '') this.cut = 'ending';
    else throw new ModelSignal('leaked-markup', `${mark} stands in the answer.`);
    return true;
  }

  #emit(text: string, deltas: Delta[]): void {
    if (text === '') return;
    this.text += text;
    this.#code.feed(text);
    deltas.push({ kind: 'text', text });
    if (this.#textLoop.feed(text)) this.cut = 'repetition';
  }
}
