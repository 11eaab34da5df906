/** The door of the conversation room. */
export {
  answerTurn,
  doneOf,
  explanationOf,
  faultOf,
  promptOf,
  type AnswerParts,
  type Answered,
  type ToolBox,
} from './answer-turn.js';
export { createCodeTools } from './code-tools.js';
export {
  createDeskTools,
  joinTools,
  startWord,
  type ProposalNote,
  type RepositoryDesk,
} from './desk-tools.js';
export { retrieveCode } from './retrieve-code.js';
export {
  createConversations,
  SessionOrder,
  type Conversations,
  type MessagePage,
  type TurnTaken,
} from './sessions.js';
export { summariseConversation } from './summarise.js';
export { messageIds, questionOf } from './policy.js';
export { ConversationExport } from './transfer.js';
export type { LiveRead, LiveReader } from './live-stream.js';
export * from './types.js';
