/** Posts messages to a gateway of one's own; asks it about an uncertain one, or posts that again where the gateway drops what it has had. */
import type { WebhookAccess } from '../config/env.ts';
import { shadowText } from '../config/shadow-text.ts';
import type { Person } from '../domain/directory.ts';
import { onePerTask } from '../domain/notification.ts';
import { goneOf } from '../domain/plan.ts';
import { limitPerSecond } from '../domain/rate-limit.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Database } from '../prisma/database.ts';
import { readReplacement } from '../prisma/replacement.ts';
import { divertPayload, noticePayload, type Payload, replacementPayload, taskPayload } from '../webhook/payload.ts';
import { createWebhookTransport } from '../webhook/transport.ts';
import type { LoadedDirectory } from './directory.ts';
import { createLinks } from './links.ts';
import type { Found, OutgoingMessage, ReadyMessage, Sender, SendOutcome, Sought } from './sender.ts';
import { unmadeBy } from './unmade.ts';

/** Of HTTP to one address of one's own: enough for hundreds a second. */
const ON_WIRE_MAX = 16;
/** As many as are asked about, or posted again, after a crash. */
const UNSETTLED_MAX = 64;
/** Of the contract: so long a gateway that drops repeats remembers what it has had. */
const REMEMBERED_MS = 24 * 3_600_000;
/** It is the address of the trial that is refused: an operator acts. */
const SHADOW_RETRY_MS = 30_000;
const NO_ADDRESS: SendOutcome = { outcome: 'permanent', why: 'no address at the gateway' };

export interface WebhookDependencies {
  readonly database: Database;
  readonly directory: () => Promise<LoadedDirectory>;
  readonly now: () => IsoInstant;
  readonly access: WebhookAccess;
  readonly webUrl: () => string;
  readonly linkSecret: string;
  /** In shadow mode the address that everything goes to instead; null otherwise. */
  readonly shadowAddress: string | null;
}

export function createWebhookSender(o: WebhookDependencies): { readonly sender: Sender; close(): Promise<void> } {
  const { database, directory, now, access, shadowAddress } = o;
  const transport = createWebhookTransport({ ...access, connections: ON_WIRE_MAX, now });
  const links = createLinks(o, 'webhook');

  async function prepare(messages: readonly OutgoingMessage[]): Promise<readonly ReadyMessage[]> {
    const known = await directory();
    return Promise.all(
      messages.map(async (message): Promise<ReadyMessage> => {
        const recipient = known.person(message.recipient);
        const address = shadowAddress ?? recipient?.webhookAddress ?? null;
        if (recipient === undefined || address === null) return { post: async () => NO_ADDRESS };
        try {
          const payload = await compose(recipient, address, message, known);
          return { post: () => post(payload, recipient) };
        } catch (error) {
          return unmadeBy(error, database);
        }
      }),
    );
  }

  async function compose(recipient: Person, address: string, message: OutgoingMessage, known: LoadedDirectory): Promise<Payload> {
    const { id, notifications } = message;
    const [first] = notifications;
    if (first === undefined) throw new Error('a message without a notification');
    const to = { id, address, recipient, now: now() };
    const tasks = notifications.map(({ task }) => task);
    // Never merged: it is the only one in its message.
    const gone = goneOf(first);
    const replacement = gone === null ? undefined : await readReplacement(database, known.people, gone);
    if (replacement !== undefined) {
      const link = links.nameAnother(first.task, recipient, first.id);
      return replacementPayload(to, { replacement, link, listUrl: links.list(tasks, recipient) });
    }
    const items = onePerTask(notifications).map(({ task, kind, text, id: key }) => {
      const link = links.acknowledge(task, recipient, key, known) ?? links.open(task, recipient);
      return { task, kind, text, link };
    });
    return taskPayload(to, {
      items,
      listUrl: links.list(tasks, recipient),
      agencyName: (code) => known.agency(code)?.name[recipient.locale] ?? code,
      personName: (email) => known.person(email)?.name ?? email,
    });
  }

  async function post(payload: Payload, recipient: Person): Promise<SendOutcome> {
    if (shadowAddress === null) return transport.post(payload);
    const result = await transport.post(divertPayload(payload, shadowText(recipient)));
    return result.outcome === 'permanent' ? { outcome: 'limited', why: result.why, retryAfterMs: SHADOW_RETRY_MS } : result;
  }

  async function find({ id }: Sought): Promise<Found> {
    if (access.statusUrl !== null) return transport.ask(access.statusUrl, id);
    return access.dropsRepeats ? { arrived: 'repeatable', forMs: REMEMBERED_MS } : { arrived: 'unknown' };
  }

  const sender: Sender = {
    channel: 'webhook',
    shadow: shadowAddress !== null,
    pace: {
      // Always one: by it a gateway's 429 is obeyed by all who send.
      limit: limitPerSecond(access.perSecond),
      perDay: null,
      perRecipientMs: 0,
      onWireMax: ON_WIRE_MAX,
      unsettledMax: UNSETTLED_MAX,
      aheadMax: 0,
    },
    prepare,
    find,
    async notify(recipient, notice, id) {
      const address = shadowAddress ?? recipient.webhookAddress ?? null;
      if (address === null) return NO_ADDRESS;
      return post(noticePayload({ id, address, recipient, now: now() }, notice), recipient);
    },
  };
  return { sender, close: transport.close };
}
