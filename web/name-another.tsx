/** Naming another assignee by the link of a mail: reading shows what is asked, sending acts. */
import { type Context, Hono } from 'hono';
import { namedText } from '../config/gone-text.ts';
import { refusalText } from '../config/refusal-text.ts';
import { text } from '../config/text.ts';
import type { Person } from '../domain/directory.ts';
import { type Email, email } from '../domain/names.ts';
import type { NotificationKind } from '../domain/notification.ts';
import { goneOf } from '../domain/plan.ts';
import { refuse } from '../domain/refusals.ts';
import { mayLeave } from '../domain/secrecy.ts';
import type { Replacement } from '../domain/stand-in.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { nameAnother } from '../inbox/name-another.ts';
import { type Claim, readLink } from '../mail/link.ts';
import type { Database } from '../prisma/database.ts';
import { readReplacement } from '../prisma/replacement.ts';
import { Message } from './pages/layout.tsx';
import { NameAnotherPage } from './pages/name-another.tsx';
import { readNames } from './queries/names.ts';
import { refuseLink } from './refuse-link.tsx';
import type { View } from './view.ts';

interface Dependencies {
  readonly database: Database;
  readonly inbox: Inbox;
  readonly people: () => Promise<ReadonlyMap<string, Person>>;
  readonly linkSecret: string;
  readonly viewOf: (context: Context) => View;
}

interface Question {
  readonly claim: Claim;
  readonly reader: Person;
  readonly replacement: Replacement;
}

export function nameAnotherPages({ database, inbox, people, linkSecret, viewOf }: Dependencies) {
  const app = new Hono();

  async function questionOf(context: Context, view: View): Promise<Question | 'forged' | 'expired'> {
    const link = readLink(linkSecret, context.req.param('token') ?? '', view.now);
    if (!link.ok) return link.why;
    const { claim } = link;
    const row = claim.action === 'name_another' ? await database.notification.findUnique({ where: { id: claim.key } }) : null;
    // The column is checked against the domain's own list when it is written.
    const gone = row === null ? null : goneOf({ kind: row.kind as NotificationKind, key: row.key });
    const known = await people();
    const reader = known.get(claim.recipient);
    const replacement = gone === null ? undefined : await readReplacement(database, known, gone);
    return reader === undefined || replacement === undefined ? 'forged' : { claim, reader, replacement };
  }

  app.get('/n/:token', async (context) => {
    const view = viewOf(context);
    const question = await questionOf(context, view);
    if (typeof question === 'string') return refuseLink(context, view, question);
    const { reader, replacement } = question;
    const person = `${reader.name} <${reader.email}>`;
    return context.html(<NameAnotherPage view={{ ...view, locale: reader.locale }} replacement={replacement} person={person} />);
  });

  app.post('/n/:token', async (context) => {
    const view = viewOf(context);
    const question = await questionOf(context, view);
    if (typeof question === 'string') return refuseLink(context, view, question);
    const { locale } = question.reader;
    const given = String((await context.req.parseBody()).assignee ?? '');
    const assignee = email.safeParse(given);
    const said = assignee.success
      ? await hand(question, assignee.data)
      : refusalText(locale, refuse('person_unknown', { email: given.slice(0, 80) }));
    return context.html(
      <Message view={{ ...view, locale }} title={text(locale, 'action.name_another')} languages={false}>
        {said}
      </Message>,
      assignee.success ? 200 : 422,
    );
  });

  async function hand(
    { claim, reader: { email: actor, locale }, replacement: { gone, tasks } }: Question,
    assignee: Email,
  ): Promise<string> {
    const reason = text(locale, 'gone.reason', { person: gone.name });
    const key = `mail-link:${claim.key}:${assignee}`;
    const named = await nameAnother({ database, inbox }, { key, gone: gone.email, assignee, actor, via: claim.via, reason });
    const names = await readNames(database, locale, { named, assignee });
    const restricted = new Set<string>(tasks.filter(({ secrecy }) => !mayLeave(secrecy, 'web')).map(({ code }) => code));
    return namedText(locale, named, { person: names.person(assignee), names, isRestricted: (code) => restricted.has(code) });
  }

  return app;
}
