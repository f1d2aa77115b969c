/** The addresses that a message carries: pages, and links signed for one person. */
import type { Person } from '../domain/directory.ts';
import type { Task } from '../domain/task.ts';
import { addMilliseconds, type IsoInstant } from '../domain/time.ts';
import { type Claim, signLink } from '../mail/link.ts';
import type { LoadedDirectory } from './directory.ts';

/** A link outlives a holiday week, not the task's next owner. */
const LINK_DAYS = 14;

export interface LinkDependencies {
  readonly webUrl: () => string;
  readonly linkSecret: string;
  readonly now: () => IsoInstant;
}

/** @param via by which channel the links go: an act by one of them came in there */
export function createLinks({ webUrl, linkSecret, now }: LinkDependencies, via: Claim['via']) {
  const sign = (recipient: Person, task: Task, action: Claim['action'], key: string) => {
    const expiresAt = addMilliseconds(now(), LINK_DAYS * 86_400_000);
    return signLink(linkSecret, { code: task.code, recipient: recipient.email, action, expiresAt, key, via });
  };
  return {
    open: ({ code }: Pick<Task, 'code'>, { locale }: Person) => `${webUrl()}/tasks/${code}?lang=${locale}`,
    /** Null where there is nothing for this person to acknowledge. @param key the notification's */
    acknowledge(task: Task, recipient: Person, key: string, known: LoadedDirectory): string | null {
      const isAsked =
        task.status === 'assigned' && (task.assignee === recipient.email || known.standIn(task.assignee, now())?.email === recipient.email);
      return isAsked ? `${webUrl()}/a/${sign(recipient, task, 'acknowledge', key)}` : null;
    },
    nameAnother: (task: Task, recipient: Person, key: string) => `${webUrl()}/n/${sign(recipient, task, 'name_another', key)}`,
    /** The list of the recipient's own tasks, where all are; nothing else tells the others apart. */
    list(tasks: readonly Task[], { email, locale }: Person): string {
      const own = tasks.every(({ assignee }) => assignee === email);
      return `${webUrl()}/tasks?${new URLSearchParams({ ...(own ? { assignee: email } : {}), lang: locale })}`;
    },
  };
}
