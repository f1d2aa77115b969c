/** The web's first look: read-only pages on loopback, and the page behind a mail's link, the only one that acts. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { refusalText } from '../config/refusal-text.ts';
import { text } from '../config/text.ts';
import { addMinutes } from '../domain/calendar.ts';
import type { Person } from '../domain/directory.ts';
import { type Email, LOCALES, type Locale, STATUSES } from '../domain/names.ts';
import { STANDINGS } from '../domain/scoreboard.ts';
import { COMMITTEE_TIME_ZONE, type IsoInstant, isoDate, localDate } from '../domain/time.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { type Claim, readLink } from '../mail/link.ts';
import type { Database } from '../prisma/database.ts';
import { Confirm } from './pages/acknowledge.tsx';
import { type Here, Sentence } from './pages/layout.tsx';
import { Scoreboard } from './pages/scoreboard.tsx';
import { TaskView } from './pages/task.tsx';
import { Tasks } from './pages/tasks.tsx';
import { readScoreboard } from './queries/scoreboard.ts';
import { readTask } from './queries/task.ts';
import { readTasks } from './queries/tasks.ts';

export interface WebDependencies {
  readonly database: Database;
  readonly inbox: Inbox;
  readonly person: (email: Email) => Promise<Person | undefined>;
  readonly now: () => IsoInstant;
  readonly linkSecret: string;
  /** What failed is told here; the reader gets a sentence. */
  readonly onFailure?: (error: unknown) => void;
}

const STYLE = readFileSync(new URL('./style.css', import.meta.url), 'utf8');
const STYLE_TAG = `"${createHash('sha256').update(STYLE).digest('hex').slice(0, 16)}"`;
const SOON_MINUTES = 7 * 24 * 60;

export function createWeb({ database, inbox, person, now, linkSecret, onFailure }: WebDependencies) {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header('Referrer-Policy', 'no-referrer');
    context.header('X-Content-Type-Options', 'nosniff');
    context.header('X-Frame-Options', 'DENY');
    context.header(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    if (context.req.path !== '/style.css') context.header('Cache-Control', 'no-store');
  });
  app.onError((error, context) => {
    onFailure?.(error);
    const here = hereOf(context);
    return context.html(
      <Sentence here={here} title="dondoc">
        <p>{text(here.locale, 'web.error')}</p>
      </Sentence>,
      503,
    );
  });
  app.notFound((context) => {
    const here = hereOf(context);
    return context.html(
      <Sentence here={here} title="dondoc">
        <p>{text(here.locale, 'web.not_found')}</p>
      </Sentence>,
      404,
    );
  });

  app.get('/style.css', (context) => {
    context.header('ETag', STYLE_TAG);
    context.header('Cache-Control', 'no-cache');
    if (context.req.header('If-None-Match') === STYLE_TAG) return context.body(null, 304);
    return context.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8' });
  });

  app.get('/', async (context) => {
    const here = hereOf(context);
    const at = now();
    const yearEnd = isoDate.parse(`${localDate(at, COMMITTEE_TIME_ZONE).slice(0, 4)}-12-31`);
    const board = await readScoreboard(database, { at, soon: addMinutes(at, SOON_MINUTES), yearEnd, locale: here.locale });
    return context.html(<Scoreboard reading={{ here, now: at, timeZone: COMMITTEE_TIME_ZONE }} board={board} yearEnd={yearEnd} />);
  });

  app.get('/tasks', async (context) => {
    const here = hereOf(context);
    const at = now();
    const filter = listFilter.safeParse(Object.fromEntries([...here.query].filter(([, value]) => value !== '')));
    if (!filter.success) {
      const name = String(filter.error.issues[0]?.path[0] ?? '');
      return context.html(
        <Sentence here={here} title={text(here.locale, 'web.list')}>
          <p>{text(here.locale, 'web.bad_filter', { name, value: here.query.get(name) ?? '' })}</p>
        </Sentence>,
        400,
      );
    }
    const [found, agencies] = await Promise.all([
      readTasks(database, filter.data, { at, locale: here.locale }),
      database.agency.findMany({ select: { code: true, nameVi: true, nameEn: true, nameFr: true } }),
    ]);
    const names = agencies
      .map((agency) => ({ code: agency.code, name: { vi: agency.nameVi, en: agency.nameEn, fr: agency.nameFr }[here.locale] }))
      .sort((a, b) => a.name.localeCompare(b.name, here.locale));
    const view = { filter: filter.data, ...found, agencies: names };
    return context.html(<Tasks reading={{ here, now: at, timeZone: COMMITTEE_TIME_ZONE }} view={view} />);
  });

  app.get('/tasks/:code', async (context) => {
    const here = hereOf(context);
    const code = context.req.param('code');
    const page = await readTask(database, code, here.locale);
    if (page === null) {
      return context.html(
        <Sentence here={here} title={code.slice(0, 40)}>
          <p>{text(here.locale, 'refusal.task_unknown', { code: code.slice(0, 40) })}</p>
        </Sentence>,
        404,
      );
    }
    return context.html(<TaskView reading={{ here, now: now(), timeZone: COMMITTEE_TIME_ZONE }} page={page} />);
  });

  // RFC 9110: GET is safe. Mail scanners follow every link; only the button acts.
  app.get('/a/:token', (context) =>
    withLink(context, async ({ code, recipient }) => {
      const reader = await person(recipient);
      const here = { ...hereOf(context), locale: reader?.locale ?? 'vi' };
      const task = await database.task.findUnique({ where: { code }, select: { title: true } });
      return context.html(<Confirm here={here} code={code} title={task?.title ?? code} person={`${reader?.name ?? ''} <${recipient}>`} />);
    }),
  );

  app.post('/a/:token', (context) =>
    withLink(context, async ({ code, recipient, key }) => {
      const here = { ...hereOf(context), locale: (await person(recipient))?.locale ?? 'vi' };
      const given = await inbox.submit({
        key: `mail-link:${key}`,
        code,
        actor: recipient,
        via: 'email',
        request: { type: 'AcknowledgeTask' },
      });
      const said =
        given.answer === 'done'
          ? text(here.locale, 'answer.AcknowledgeTask', { code })
          : given.answer === 'refused'
            ? refusalText(here.locale, given.refusal)
            : text(here.locale, `answer.${given.answer}`, { code });
      return context.html(
        <Sentence here={here} title={code} bare>
          <p>{said}</p>
        </Sentence>,
        given.answer === 'not_stored' ? 503 : 200,
      );
    }),
  );

  function withLink(context: Context, act: (claim: Claim) => Promise<Response>): Response | Promise<Response> {
    const link = readLink(linkSecret, context.req.param('token') ?? '', now());
    if (link.ok) return act(link.claim);
    const here = hereOf(context);
    return context.html(
      <Sentence here={here} title="dondoc" bare>
        <p>{text(here.locale, `link.${link.why}`)}</p>
      </Sentence>,
      link.why === 'expired' ? 410 : 403,
    );
  }

  return app;
}

const listFilter = z
  .object({
    standing: z.enum(STANDINGS).nullable().default(null),
    status: z.enum(STATUSES).nullable().default(null),
    agency: z.string().max(20).nullable().default(null),
    assignee: z.string().max(254).nullable().default(null),
    q: z.string().max(200).nullable().default(null),
    due_before: isoDate.nullable().default(null),
    page: z.coerce.number().int().min(1).max(10_000).default(1),
  })
  .transform(({ due_before, ...filter }) => ({ ...filter, dueBefore: due_before }));

/** The language is asked for in the URL, else by the browser, else Vietnamese. */
function hereOf(context: Context): Here {
  const query = new URL(context.req.url).searchParams;
  const wished = [
    query.get('lang'),
    ...(context.req.header('Accept-Language') ?? '').split(',').map((part) => part.trim().slice(0, 2).toLowerCase()),
  ];
  query.delete('lang');
  const locale = wished.map((each) => LOCALES.find((known): known is Locale => known === each)).find((each) => each !== undefined) ?? 'vi';
  return { locale, path: context.req.path, query };
}

export function startWeb(dependencies: WebDependencies, port: number): Promise<{ url: string; stop(): Promise<void> }> {
  const app = createWeb(dependencies);
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, ({ port: bound }) =>
      resolve({
        url: `http://127.0.0.1:${bound}`,
        stop: () =>
          new Promise((done) => {
            server.close(() => done());
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      }),
    );
  });
}
