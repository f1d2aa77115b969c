/** The web: read-only pages on loopback, and the pages behind a mail's links, which alone can act. */
import { serve } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { backlogText } from '../config/backlog-text.ts';
import { bannerText } from '../config/hold-text.ts';
import { refusalText } from '../config/refusal-text.ts';
import { text } from '../config/text.ts';
import type { Backlog } from '../domain/backlog.ts';
import { missingYears } from '../domain/calendar.ts';
import type { Person } from '../domain/directory.ts';
import { type Email, taskCode } from '../domain/names.ts';
import { type IsoInstant, localDate } from '../domain/time.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { readLink } from '../mail/link.ts';
import type { ReadCalendars } from '../prisma/calendars.ts';
import type { Database } from '../prisma/database.ts';
import { type ReadBacklogs, readDeliveryDays, readPastBacklogs } from '../prisma/delivery.ts';
import { readHeartbeat } from '../prisma/heartbeat.ts';
import type { ReadRisks } from '../prisma/risk.ts';
import { readFilters } from './filters.ts';
import { localeOf } from './locale.ts';
import { nameAnotherPages } from './name-another.tsx';
import { AcknowledgePage } from './pages/acknowledge.tsx';
import { DeliveryPage } from './pages/delivery.tsx';
import { HoldsPage } from './pages/holds.tsx';
import { Message, STYLE } from './pages/layout.tsx';
import { PoliciesPage } from './pages/policies.tsx';
import { ScoreboardPage } from './pages/scoreboard.tsx';
import { TaskPage } from './pages/task.tsx';
import { TasksPage } from './pages/tasks.tsx';
import { readFile } from './queries/file.ts';
import { readStanding, readWaiting, type StandingHold } from './queries/holds.ts';
import { readScoreboard } from './queries/scoreboard.ts';
import { isRestricted, readTask } from './queries/task.ts';
import { readAgencies, readTasks } from './queries/tasks.ts';
import { refuseLink } from './refuse-link.tsx';
import type { View } from './view.ts';

/** Two weeks: a day is compared with the same weekday before it. */
const DELIVERY_DAYS = 14;

export interface WebDependencies {
  readonly database: Database;
  readonly inbox: Inbox;
  /** The directory, by address. */
  readonly people: () => Promise<ReadonlyMap<string, Person>>;
  readonly now: () => IsoInstant;
  readonly calendars: ReadCalendars;
  readonly risks: ReadRisks;
  readonly backlogs: ReadBacklogs;
  readonly linkSecret: string;
  /** Shadow mode: said on every page. */
  readonly shadow?: boolean;
  /** Hears what broke, with the route's pattern and never the address, which may hold a signed token. Standard error by default. */
  readonly onError?: (error: unknown, route: string) => void;
}

export function createWeb(dependencies: WebDependencies) {
  const { database, inbox, people, now, calendars, risks, backlogs, linkSecret, shadow = false, onError = logError } = dependencies;
  const app = new Hono<{ Variables: { holds: readonly StandingHold[]; late: readonly Backlog[] } }>();
  const person = async (address: Email) => (await people()).get(address);
  const viewOf = (context: Context): View => {
    const query = context.req.query();
    const locale = localeOf(query.lang, context.req.header('accept-language'));
    // None where the store does not answer: the page then says that.
    const holds: readonly StandingHold[] = context.get('holds') ?? [];
    const late: readonly Backlog[] = context.get('late') ?? [];
    const at = now();
    const banners = [
      ...(shadow ? [text(locale, 'shadow.banner')] : []),
      ...holds.map(({ hold, agencyName }) => bannerText(locale, hold, (code) => agencyName ?? code)),
      ...late.map((backlog) => backlogText(locale, backlog, at)),
    ];
    return { locale, now: at, path: context.req.path, query, banners };
  };

  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ['data:'],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
      referrerPolicy: 'no-referrer',
      xFrameOptions: 'DENY',
      xContentTypeOptions: 'nosniff',
      // Loopback is plain HTTP; whoever puts a TLS proxy before it decides for the name it has there.
      strictTransportSecurity: false,
    }),
  );
  app.use(async (context, next) => {
    await next();
    if (context.res.headers.has('Cache-Control')) return;
    context.header('Cache-Control', 'no-store');
    context.header('Vary', 'Accept-Language');
  });

  app.get('/style.css', (context) =>
    context.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': 'public, max-age=31536000, immutable' }),
  );

  app.use(async (context, next) => {
    const { lang } = context.req.query();
    const locale = localeOf(lang, context.req.header('accept-language'));
    const at = now();
    const [holds, late] = await Promise.all([readStanding(database, locale, at).catch(() => []), backlogs(at).catch(() => [])]);
    context.set('holds', holds);
    context.set('late', late);
    await next();
  });

  app.get('/holds', async (context) => {
    return context.html(<HoldsPage view={viewOf(context)} holds={await readWaiting(database, context.get('holds'))} />);
  });

  app.get('/delivery', async (context) => {
    const view = viewOf(context);
    const window = { days: DELIVERY_DAYS, at: view.now };
    const [sent, past] = await Promise.all([readDeliveryDays(database, window), readPastBacklogs(database, window)]);
    return context.html(<DeliveryPage view={view} days={DELIVERY_DAYS} late={context.get('late')} sent={sent} past={past} />);
  });

  app.get('/', async (context) => {
    const view = viewOf(context);
    const [data, inForce] = await Promise.all([readScoreboard(database, view.locale, view.now), calendars()]);
    const lacking = missingYears(inForce, localDate(view.now, inForce.main.timeZone));
    return context.html(<ScoreboardPage view={view} data={data} lacking={lacking} />);
  });

  app.get('/tasks', async (context) => {
    const view = viewOf(context);
    const { filters, bad } = readFilters(view.query);
    const agencies = await readAgencies(database, view.locale);
    if (filters.agency !== undefined && !agencies.some(({ code }) => code === filters.agency)) {
      bad.push({ name: 'agency', value: filters.agency });
    }
    const list = bad.length === 0 ? await readTasks({ database, risks, locale: view.locale, filters, at: view.now }) : null;
    return context.html(<TasksPage view={view} agencies={agencies} bad={bad} list={list} />, list === null ? 400 : 200);
  });

  app.get('/policies', async (context) => context.html(<PoliciesPage view={viewOf(context)} policies={await readHeartbeat(database)} />));

  app.get('/tasks/:code', async (context) => {
    const view = viewOf(context);
    const given = context.req.param('code');
    const code = taskCode.safeParse(given);
    // Working days are counted by the committee's, whoever leads the task.
    const { main: calendar } = await calendars();
    const data = code.success ? await readTask(database, { code: code.data, locale: view.locale, at: view.now, calendar, risks }) : null;
    // RFC 9110 wants a challenge beside 401; there is none to name until people can sign in.
    if (data === 'restricted') return restricted(context, view);
    if (data !== null) return context.html(<TaskPage view={view} data={data} />);
    const said = text(view.locale, 'refusal.task_unknown', { code: given.slice(0, 80) });
    return context.html(
      <Message view={view} title={text(view.locale, 'web.not_found.title')}>
        {said}
      </Message>,
      404,
    );
  });

  // Whatever a file is, a browser keeps it and opens nothing: it comes from people, under this very address.
  app.get('/files/:sha256{[0-9a-f]{64}}', async (context) => {
    const file = await readFile(database, context.req.param('sha256'));
    if (file === null) return context.notFound();
    return context.body(file.content, 200, { 'Content-Type': 'application/octet-stream', 'Content-Disposition': asAttachment(file.name) });
  });

  // RFC 9110: GET is safe. Mail scanners follow every link; only the button acts.
  app.get('/a/:token', async (context) => {
    const view = viewOf(context);
    const link = readLink(linkSecret, context.req.param('token'), view.now);
    if (!link.ok) return refuseLink(context, view, link.why);
    if (link.claim.action !== 'acknowledge') return refuseLink(context, view, 'forged');
    const reader = await person(link.claim.recipient);
    return context.html(
      <AcknowledgePage
        view={{ ...view, locale: reader?.locale ?? 'vi' }}
        code={link.claim.code}
        person={`${reader?.name ?? ''} <${link.claim.recipient}>`}
      />,
    );
  });
  app.post('/a/:token', async (context) => {
    const view = viewOf(context);
    const link = readLink(linkSecret, context.req.param('token'), view.now);
    if (!link.ok) return refuseLink(context, view, link.why);
    if (link.claim.action !== 'acknowledge') return refuseLink(context, view, 'forged');
    const { code, recipient, key, via } = link.claim;
    const locale = (await person(recipient))?.locale ?? 'vi';
    const given = await inbox.submit({
      key: `mail-link:${key}`,
      code,
      actor: recipient,
      via,
      request: { type: 'AcknowledgeTask' },
    });
    // A refusal can name people.
    if (given.answer === 'refused' && (await isRestricted(database, code))) return restricted(context, { ...view, locale }, false);
    const said =
      given.answer === 'done'
        ? text(locale, 'answer.AcknowledgeTask', { code })
        : given.answer === 'refused'
          ? refusalText(locale, given.refusal)
          : text(locale, `answer.${given.answer}`, { code });
    return context.html(
      <Message view={{ ...view, locale }} title={code} languages={false}>
        {said}
      </Message>,
      given.answer === 'not_stored' ? 503 : 200,
    );
  });

  app.route('/', nameAnotherPages({ database, inbox, people, linkSecret, viewOf }));

  app.notFound((context) => {
    const view = viewOf(context);
    return context.html(
      <Message view={view} title={text(view.locale, 'web.not_found.title')}>
        {text(view.locale, 'web.not_found')}
      </Message>,
      404,
    );
  });
  app.onError((error, context) => {
    onError(error, `${context.req.method} /${context.req.path.split('/')[1] ?? ''}`);
    const view = viewOf(context);
    return context.html(
      <Message view={view} title={text(view.locale, 'web.error.title')}>
        {text(view.locale, 'web.error')}
      </Message>,
      500,
    );
  });

  return app;
}

/** Says only that a restricted task waits. */
function restricted(context: Context, view: View, languages = true) {
  const title = text(view.locale, 'secret.title');
  return context.html(
    <Message view={view} title={title} languages={languages}>
      {text(view.locale, 'note.secret')}
    </Message>,
    401,
  );
}

/** RFC 6266: a name in any script, percent-encoded as RFC 8187 has it. */
function asAttachment(name: string): string {
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename*=UTF-8''${encoded}`;
}

function logError(error: unknown, route: string): void {
  process.stderr.write(`web: ${route} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}

export function startWeb(dependencies: WebDependencies, port: number): Promise<{ url: string; stop(): Promise<void> }> {
  const app = createWeb(dependencies);
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, ({ port: bound }) =>
      resolve({ url: `http://127.0.0.1:${bound}`, stop: () => new Promise((done) => server.close(() => done())) }),
    );
  });
}
