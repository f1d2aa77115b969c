/** One task with its record, its notifications and the names of everyone in it. */
import type { Email, Locale } from '../../domain/names.ts';
import type { NotificationKind, NotificationStatus } from '../../domain/notification.ts';
import type { Task, TaskEvent } from '../../domain/task.ts';
import { type IsoInstant, instantFromEpochMs } from '../../domain/time.ts';
import type { Database } from '../../prisma/database.ts';
import { storedEvent, storedTask } from '../../prisma/task-record.ts';

export interface NotificationRow {
  readonly kind: NotificationKind;
  readonly recipient: string;
  readonly channel: string;
  readonly status: NotificationStatus;
  readonly sendAt: IsoInstant;
  readonly sentAt: IsoInstant | null;
  readonly reason: string;
  readonly error: string | null;
}

export interface TaskPage {
  readonly task: Task;
  readonly events: readonly TaskEvent[];
  readonly notifications: readonly NotificationRow[];
  readonly personName: (address: Email) => string;
  readonly agencyName: (code: string) => string;
}

const EVENTS_MAX = 500;
const NOTIFICATIONS_MAX = 500;

export async function readTask(database: Database, code: string, locale: Locale): Promise<TaskPage | null> {
  const row = await database.task.findUnique({
    where: { code },
    include: {
      events: { orderBy: { seq: 'asc' }, take: EVENTS_MAX },
      notifications: { orderBy: [{ sendAt: 'asc' }, { key: 'asc' }], take: NOTIFICATIONS_MAX },
    },
  });
  if (row === null) return null;
  const task = storedTask(row.state);
  const events = row.events.map(({ body }) => storedEvent(body));
  const [people, agencies] = await Promise.all([
    database.person.findMany({
      where: { email: { in: addressesOf(task, events, row.notifications) } },
      select: { email: true, name: true },
    }),
    database.agency.findMany({ where: { code: { in: agenciesOf(task, events) } } }),
  ]);
  const names = new Map(people.map(({ email, name }) => [email, name]));
  const agencyNames = new Map(agencies.map((agency) => [agency.code, { vi: agency.nameVi, en: agency.nameEn, fr: agency.nameFr }[locale]]));
  return {
    task,
    events,
    notifications: row.notifications.map(({ kind, recipient, channel, status, sendAt, sentAt, reason, error }) => ({
      // The columns are checked by the database against the domain's own lists.
      kind: kind as NotificationKind,
      status: status as NotificationStatus,
      recipient: names.get(recipient) ?? recipient,
      channel,
      sendAt: instantFromEpochMs(sendAt.getTime()),
      sentAt: sentAt === null ? null : instantFromEpochMs(sentAt.getTime()),
      reason,
      error,
    })),
    personName: (address) => names.get(address) ?? address,
    agencyName: (agency) => agencyNames.get(agency) ?? agency,
  };
}

function addressesOf(task: Task, events: readonly TaskEvent[], notifications: readonly { recipient: string }[]): string[] {
  const addresses = [
    task.assignee,
    task.supervisor,
    task.coordinator,
    ...events.map(({ by }) => by),
    ...notifications.map(({ recipient }) => recipient),
  ];
  const named = events.flatMap((event) =>
    event.type === 'TransferAccepted' ? [event.assignee] : event.type === 'TaskAssigned' ? [event.assignment.assignee] : [],
  );
  return [...new Set([...addresses, ...named].filter((address) => address !== null))];
}

function agenciesOf(task: Task, events: readonly TaskEvent[]): string[] {
  const moved = events.flatMap((event) =>
    'toAgency' in event ? [event.toAgency] : event.type === 'TransferAccepted' ? [event.agency] : [],
  );
  return [...new Set([task.leadAgency, ...task.coordinatingAgencies, ...task.formerAgencies, ...moved])];
}
