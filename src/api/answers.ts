/**
 * The type of each operation's JSON answer, by the operation's id. From these types and their comments the schemas of
 * the document are made (`npm run openapi`); what the API answers is compared with them by its contract tests.
 */
import type { CycleStatus, PatchTrialStatus, ProposalStatus } from '../activities/types.js';
import type { NightStatus, ScheduleView } from '../activities/night-types.js';
import type {
  ConversationExport,
  ConversationSession,
  Message,
  MessagePage,
  Summary,
} from '../conversation/index.js';
import type { Proposal } from '../improvement/types.js';
import type { Health, OfferedModel, ServerKind } from '../llm/types.js';
import type { Alert, AlertRule, MetricAnswer, Report, TrendItem } from '../metrics/index.js';
import type { MetricDefinition, SeriesInfo } from '../metrics/types.js';
import type { AuditEntry, AuditVerification, StopState } from '../safety/types.js';
import type { TestAssessment } from '../verification/history/index.js';
import type { Evidence } from '../verification/types.js';
import type { Change, Repository } from '../versioning/types.js';
import type { ListPage } from './list-page.js';
import type { wholeAnswer } from './openai/complete-chat.js';
import type { OpenAiError } from './openai/shapes.js';
import type { Problem } from './problem.js';
import type { AnalysisView } from './routes/analyses.js';
import type { CycleView } from './routes/cycles.js';
import type { ProposalView } from './routes/evidence.js';
import type { FindingsView } from './routes/findings.js';
import type { HealthView } from './routes/health.js';
import type { SignedIn } from './routes/sign-in.js';
import type { PatchTrialView } from './routes/trials.js';
import type { AnalysisStatus } from '../analysis/without-compiler.js';

/** A whole list. */
interface List<T> {
  readonly items: readonly T[];
}

/** Where a question that was taken in will be answered. */
interface AskedView {
  readonly turn: string;
  readonly question: string;
  readonly answer: string;
  /** Path of the live events. */
  readonly events: string;
  readonly state: 'asked' | 'complete' | 'stopped' | 'failed';
  /** Questions before this one. */
  readonly waiting: number;
}

interface FoundMemory {
  readonly kind: string;
  readonly source: string;
  readonly at: string | null;
  readonly score: number;
  readonly why?: string;
  readonly session: string | null;
  readonly repository: string | null;
  readonly text: string;
}

interface StopView {
  readonly stop: StopState | null;
}
interface StopChanged extends StopView {
  /** Null: Temporal does not answer; they see the stop by themselves. */
  readonly workflowsTold: number | null;
}
interface NightView extends NightStatus {
  /** The night in one sentence. */
  readonly headline: string;
}
interface SessionView extends ConversationSession {
  readonly summary: Summary | null;
  readonly waiting: readonly { readonly turn: string; readonly at: string }[];
}

/** By the operation's id. */
export interface Answers {
  startAnalysis: { readonly id: string; readonly repositoryId: string };
  listAnalyses: ListPage<AnalysisStatus>;
  readAnalysis: AnalysisView;
  cancelAnalysis: AnalysisStatus;
  listChanges: ListPage<Change>;
  readChange: Change;
  rollBackChange: Pick<Change, 'id' | 'state'>;
  startCycle: { readonly cycleId: string; readonly repositoryId: string };
  listCycles: ListPage<CycleStatus>;
  readCycle: CycleView;
  stopCycle: { readonly cycleId: string };
  readEvidence: Evidence;
  listFindings: FindingsView;
  live: { readonly status: 'ok' };
  ready: { readonly status: 'ready' | 'degraded'; readonly temporal: boolean };
  readHealth: HealthView;
  searchMemory: {
    readonly items: readonly FoundMemory[];
    /** Null: found by words alone. */
    readonly embeddingModel: string | null;
  };
  listModels: {
    readonly available: boolean;
    readonly server: ServerKind | null;
    readonly items: readonly OfferedModel[];
    readonly fault: { readonly code: string; readonly message: string; readonly mend: string | null } | null;
  };
  readModelHealth: Health;
  openAiModels: {
    readonly object: 'list';
    readonly data: readonly {
      readonly id: string;
      readonly object: 'model';
      readonly created: number;
      readonly owned_by: string;
    }[];
  };
  openAiChat: ReturnType<typeof wholeAnswer>;
  openAiEmbeddings: {
    readonly object: 'list';
    readonly data: readonly {
      readonly object: 'embedding';
      readonly index: number;
      /** Numbers, or base64 of little-endian float32. */
      readonly embedding: readonly number[] | string;
    }[];
    readonly model: string;
    readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
  };
  listProposals: ListPage<ProposalStatus>;
  readProposal: ProposalStatus & { readonly proposal: Proposal };
  viewProposal: ProposalView;
  readProposalEvidence: Evidence;
  decide: { readonly id: string; readonly decision: 'approve' | 'reject'; readonly evidence: string };
  registerRepository: Repository;
  listRepositories: List<Repository>;
  readRepository: Repository;
  changeRepository: Repository;
  readStop: StopView;
  setStop: StopChanged;
  liftStop: StopChanged;
  readAudit: ListPage<AuditEntry>;
  verifyAudit: AuditVerification;
  createSession: ConversationSession;
  listSessions: List<ConversationSession>;
  importSession: ConversationSession;
  readSession: SessionView;
  changeSession: ConversationSession;
  clearSession: ConversationSession;
  deleteSession: { readonly id: string; readonly deleted: true };
  forkSession: ConversationSession;
  exportSession: ConversationExport;
  readSignIn: SignedIn;
  signIn: SignedIn;
  signOut: { readonly signedOut: true };
  issueSignInCode: { readonly code: string };
  listTests: {
    /** False: Redis could not be asked. */
    readonly available: boolean;
    readonly total: number;
    readonly items: readonly TestAssessment[];
  };
  startTrial: { readonly id: string; readonly repositoryId: string };
  listTrials: List<PatchTrialStatus>;
  readTrial: PatchTrialView;
  cancelTrial: PatchTrialStatus;
  ask: AskedView;
  regenerate: AskedView;
  stopTurn: { readonly turn: string; readonly stopping: boolean };
  /** Tokens by part, and why something was retrieved. */
  readPromptParts: Readonly<Record<string, unknown>> & { readonly turn: string };
  listMessages: MessagePage;
  readMessage: Message;
  setSchedule: ScheduleView;
  listSchedules: List<ScheduleView>;
  readSchedule: ScheduleView;
  pauseSchedule: ScheduleView;
  resumeSchedule: ScheduleView;
  runSchedule: ScheduleView;
  backfillSchedule: ScheduleView;
  removeSchedule: { readonly name: string; readonly removed: true };
  listNights: List<NightView>;
  readNight: NightView;
  queryMetrics: MetricAnswer;
  listSeries: {
    /** How they are kept: by the time-series module, or in strings and hashes of any Redis. */
    readonly keptAs: 'time-series' | 'plain';
    readonly metrics: readonly MetricDefinition[];
    readonly items: readonly SeriesInfo[];
    /** Samples that were not kept, by reason. */
    readonly refused: Readonly<Record<string, number>>;
  };
  listAlerts: {
    readonly total: number;
    readonly items: readonly Alert[];
    readonly rules: readonly AlertRule[];
  };
  acknowledgeAlert: Alert;
  silenceAlert: Alert;
  listTrends: {
    readonly series: number;
    readonly items: readonly TrendItem[];
    readonly notes: readonly string[];
  };
  listReports: List<Pick<Report, 'id' | 'from' | 'to' | 'headline'>>;
  readReport: Report;
  readDocument: Readonly<Record<string, unknown>>;
}

/** What failures answer. */
export interface Failures {
  problem: Problem;
  openAi: OpenAiError;
}
