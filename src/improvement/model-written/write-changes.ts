/**
 * Model-written changes: for each target several candidates at several temperatures, cheap gates first, and what a
 * gate says goes back for a bounded number of turns. A wrong answer costs a candidate and nothing else.
 */
import { isRatchetError } from '../../errors.js';
import type { ChatMessage } from '../../llm/types.js';
import type { Answer } from './answer-schema.js';
import { askModel } from './ask-model.js';
import { excerptsFor } from './excerpts.js';
import { findDeclaration, parseFile, type DeclarationPlace } from './find-declaration.js';
import { addUsage, mayRepair, noUsage, promptVersion, seedOf, temperatureOf, usedUp } from './policy.js';
import { readAnswer } from './read-answer.js';
import type {
  Attempt,
  AttemptEnd,
  Claims,
  Target,
  Usage,
  WriteParts,
  WriteRequest,
  WriteResult,
  Written,
} from './types.js';
import { writePrompt, writeRepair } from './write-prompt.js';

/** What one run has used and made so far. */
interface Run {
  readonly parts: WriteParts;
  readonly request: WriteRequest;
  readonly before: Usage;
  readonly attempts: Attempt[];
  readonly written: Written[];
  spent: Usage;
  endedEarly: string | null;
}

/** One target with its text. */
interface Subject {
  readonly target: Target;
  readonly place: DeclarationPlace;
  readonly text: string;
  readonly prompt: (failures: readonly string[]) => ChatMessage[];
  /** Forms of the candidates so far: the same again is not tried again. */
  readonly forms: Set<string>;
  readonly failures: string[];
}

/**
 * Asks for each target in order until all are asked for, enough is written, or a limit is reached.
 * @throws RatchetError CANCELLED, STOPPED, and what keeps gates from being run at all.
 */
export async function writeChanges(parts: WriteParts, request: WriteRequest): Promise<WriteResult> {
  const run: Run = {
    ...{ parts, request, before: await parts.today.spent() },
    ...{ attempts: [], written: [], spent: request.alreadySpent ?? noUsage, endedEarly: null },
  };
  const skipped: { target: string; reason: string }[] = [];
  for (const target of request.targets) {
    if (run.written.length >= request.limit || run.endedEarly !== null) break;
    const subject = await subjectOf(parts, request, target);
    if (typeof subject === 'string') skipped.push({ target: target.key, reason: subject });
    else await writeOne(run, subject);
  }
  const { attempts, written, spent, endedEarly } = run;
  return { attempts, written, spent, skipped, endedEarly };
}

async function subjectOf(
  parts: WriteParts,
  { examples }: WriteRequest,
  target: Target,
): Promise<Subject | string> {
  const text = await parts.readFile(target.file);
  if (text === null) return 'the file is gone';
  const place = findDeclaration(parseFile(target.file, text), target.offset);
  if (typeof place === 'string') return place;
  const excerpts = await excerptsFor(place, target.file, parts.files, parts.readFile);
  const explanation = parts.explain(target.rule);
  const { screen } = parts;
  return {
    ...{ target, place, text, forms: new Set(), failures: [] },
    prompt: (failures) => writePrompt({ target, place, excerpts, explanation, examples, failures, screen }),
  };
}

async function writeOne(run: Run, subject: Subject): Promise<void> {
  const { candidates, firstIsEnough, limit } = run.request;
  for (let candidate = 0; candidate < candidates; candidate += 1) {
    const accepted = await writeCandidate(run, subject, candidate);
    if (run.endedEarly !== null || run.written.length >= limit) return;
    if (accepted && firstIsEnough) return;
  }
}

/** One candidate with its repair turns; true when it was let through. */
async function writeCandidate(run: Run, subject: Subject, candidate: number): Promise<boolean> {
  const { repairs } = run.request;
  let messages = subject.prompt(subject.failures.slice(-3));
  for (let turn = 0; turn <= repairs; turn += 1) {
    const room = roomFor(run, turn === 0);
    if (room !== null) {
      run.endedEarly = room;
      return false;
    }
    const { attempt, answer, feedback } = await takeTurn(run, subject, { candidate, turn, messages });
    if (attempt === null) return false;
    if (attempt.end === 'accepted') return true;
    const said = `${attempt.end}: ${attempt.detail}`.replaceAll(/\s+/g, ' ').slice(0, 180);
    if (turn === 0 && mayRepair(attempt.end) && !subject.failures.includes(said)) subject.failures.push(said);
    if (answer === null || !mayRepair(attempt.end)) return false;
    messages = [...messages, ...writeRepair(answer, feedback, run.parts.screen)];
  }
  return false;
}

/** Checked before each call. */
function roomFor({ spent, before, request }: Run, isNew: boolean): string | null {
  const ofRun = usedUp(spent, request.budget.run, isNew);
  if (ofRun !== null) return `the limit of ${ofRun} for one cycle is reached`;
  const ofDay = usedUp(addUsage(before, spent), request.budget.day, isNew);
  return ofDay === null ? null : `the limit of ${ofDay} for one day is reached`;
}

interface Turn {
  readonly candidate: number;
  readonly turn: number;
  readonly messages: readonly ChatMessage[];
}

interface Taken {
  /** Null: the model is away. */
  readonly attempt: Attempt | null;
  readonly answer: Answer | null;
  readonly feedback: string;
}

async function takeTurn(run: Run, subject: Subject, { candidate, turn, messages }: Turn): Promise<Taken> {
  const { parts, request } = run;
  const { target, place } = subject;
  const temperature = temperatureOf(candidate);
  const seed = seedOf(request.seed, target.key, candidate * 100 + turn);
  const of = `${place.name} in ${target.file}, candidate ${candidate + 1} of ${request.candidates}`;
  parts.onStep?.(`the model writes ${of}${turn === 0 ? '' : `, repair ${turn}`}`);
  const leftMs = (request.budget.run.seconds - run.spent.seconds) * 1_000;
  const asked = await askModel({
    ...{ model: parts.model, messages, temperature, seed, signal: request.signal, now: parts.now },
    withinMs: leftMs,
  });
  const spent = { ...asked.spent, candidates: turn === 0 ? 1 : 0 };
  run.spent = addUsage(run.spent, spent);
  await parts.today.add(spent);
  if (asked.kind === 'away') {
    run.endedEarly = asked.detail;
    return { attempt: null, answer: null, feedback: '' };
  }
  const known = {
    ...{ target: target.key, file: target.file, rule: target.rule, candidate, turn, temperature, seed },
    ...{ promptVersion, prompt: await parts.keep(messages) },
    answer: asked.kind === 'answer' ? await parts.keep(asked.answer) : null,
    model: asked.kind === 'answer' ? asked.model : '',
    ...{ tokens: spent.tokens, milliseconds: Math.round(spent.seconds * 1_000) },
  };
  const ended =
    asked.kind === 'none'
      ? bare('no-answer', asked.detail)
      : await judgeAnswer(run, subject, asked.answer, seed);
  const attempt: Attempt = {
    ...known,
    ...{ end: ended.end, detail: ended.detail, mended: ended.mended, evidence: ended.evidence },
  };
  run.attempts.push(attempt);
  if (ended.patch !== null && asked.kind === 'answer' && ended.end === 'accepted')
    run.written.push({
      ...{ target, declaration: place.name, patch: ended.patch, attempt },
      claims: claimsOf(asked.answer, parts.screen),
    });
  await parts.onAttempt?.(attempt, target);
  return { attempt, answer: asked.kind === 'answer' ? asked.answer : null, feedback: ended.feedback };
}

interface Ended extends Pick<Attempt, 'end' | 'detail' | 'mended' | 'evidence'> {
  readonly patch: Written['patch'] | null;
  readonly feedback: string;
}

const bare = (end: AttemptEnd, detail: string): Ended => ({
  ...{ end, detail, mended: [], evidence: null, patch: null },
  feedback: detail,
});

/** Faults that no answer has caused: they end the run. Others end the candidate. */
const ends: ReadonlySet<string> = new Set([
  ...[
    'CANCELLED',
    'STOPPED',
    'SANDBOX_UNAVAILABLE',
    'DISK_FULL',
    'NO_TESTS',
    'INSTALL_FAILED',
    'BASELINE_FAILED',
  ],
]);

/** Shape, then repetition, then the gates. */
async function judgeAnswer(run: Run, subject: Subject, answer: Answer, seed: number): Promise<Ended> {
  const { parts } = run;
  const { target, place, text } = subject;
  const reading = readAnswer({
    ...{ code: answer.code, path: target.file, text, place },
    ordersIn: (words) => parts.screen(words).orders,
  });
  if (reading.kind === 'end') return bare(reading.end, reading.detail);
  if (subject.forms.has(reading.form)) return bare('duplicate', 'The same change was tried before.');
  subject.forms.add(reading.form);
  parts.onStep?.(`the gates try ${place.name} in ${target.file}`);
  try {
    const judged = await parts.judge({ path: target.file, before: text, after: reading.after }, { seed });
    const { end, reason, detail, patch, evidence } = judged;
    return {
      ...{ end, evidence, patch, mended: reading.mended, feedback: detail },
      detail: reason.slice(0, 600),
    };
  } catch (error) {
    if (!isRatchetError(error) || ends.has(error.code)) throw error;
    return bare(error.code === 'PATCH_REFUSED' ? 'policy' : 'inconclusive', error.message);
  }
}

/** The model's own words, cleaned and cut: nobody has checked them. */
function claimsOf(answer: Answer, screen: WriteParts['screen']): Claims {
  const said = (text: string, most: number): string =>
    screen(text).text.replaceAll(/\s+/g, ' ').trim().slice(0, most);
  return {
    reason: said(answer.reason, 300),
    complexity: { before: said(answer.complexityBefore, 40), after: said(answer.complexityAfter, 40) },
    risk: answer.risk,
    assumptions: answer.assumptions.slice(0, 5).map((one) => said(one, 200)),
  };
}
