/** Opens a conversation for the terminal: a new one about a repository, or one that is continued. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ConversationSession } from '../../conversation/types.js';
import { RatchetError, isRatchetError } from '../../errors.js';
import type { Repository } from '../../versioning/types.js';
import type { ApiClient } from '../client.js';

export interface OpenOptions {
  /** Path of the repository; left out: the present directory, where it is one. */
  readonly path: string | undefined;
  /** Id, the beginning of one, or `last`. */
  readonly session: string | undefined;
  readonly model: string | undefined;
  readonly temporary: boolean;
}

export interface Opened {
  readonly session: ConversationSession;
  readonly repository: Repository | null;
}

/** @throws NOT_FOUND, NOT_A_REPOSITORY when a path was named that is none */
export async function openConversation(api: ApiClient, options: OpenOptions): Promise<Opened> {
  if (options.session !== undefined) {
    const session = await findSession(api, options.session);
    const repository =
      session.repositoryId === null
        ? null
        : await api.get<Repository>(`/api/repositories/${session.repositoryId}`).catch(noneWhenGone);
    return { session, repository };
  }
  const repository = await repositoryAt(api, options.path);
  const session = await api.post<ConversationSession>('/api/sessions', {
    ...(repository === null ? {} : { repositoryId: repository.id }),
    ...(options.model === undefined ? {} : { model: options.model }),
    ...(options.temporary ? { temporary: true } : {}),
  });
  return { session, repository };
}

function noneWhenGone(error: unknown): null {
  if (isRatchetError(error) && error.code === 'NOT_FOUND') return null;
  throw error;
}

async function repositoryAt(api: ApiClient, path: string | undefined): Promise<Repository | null> {
  const source = resolve(path ?? '.');
  if (path === undefined && !existsSync(join(source, '.git'))) return null;
  return api.post<Repository>('/api/repositories', { source });
}

async function findSession(api: ApiClient, wanted: string): Promise<ConversationSession> {
  const { items } = await api.get<{ items: ConversationSession[] }>('/api/sessions?archived=true');
  if (wanted === 'last') {
    const newest = items.toSorted((a, b) => (a.usedAt < b.usedAt ? 1 : -1))[0];
    if (newest !== undefined) return newest;
    throw new RatchetError('NOT_FOUND', 'There is no conversation yet.', {
      mend: 'Begin one: ratchet chat.',
    });
  }
  const [only, ...others] = items.filter(({ id }) => id.startsWith(wanted));
  if (only !== undefined && others.length === 0) return only;
  // A temporary one is not listed, but who knows its id may go on with it.
  if (only === undefined) return api.get<ConversationSession>(`/api/sessions/${encodeURIComponent(wanted)}`);
  throw new RatchetError('NOT_FOUND', `${wanted} fits ${others.length + 1} conversations.`, {
    where: '--session',
    mend: 'Give more of the id: ratchet chat --list.',
  });
}
