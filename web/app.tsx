/** The web's first look: read-only pages on loopback, and the page behind a mail's link. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Child } from 'hono/jsx';
import { refusalText } from '../config/refusal-text.ts';
import { formatInstant, text } from '../config/text.ts';
import type { Person } from '../domain/directory.ts';
import { type Email, LOCALES, type Locale } from '../domain/names.ts';
import type { IsoInstant } from '../domain/time.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { readLink } from '../mail/link.ts';
import type { Database } from '../prisma/database.ts';

export interface WebDependencies {
  readonly database: Database;
  readonly inbox: Inbox;
  readonly person: (email: Email) => Promise<Person | undefined>;
  readonly now: () => IsoInstant;
  readonly linkSecret: string;
}

const STYLE = `body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#1b2430;background:#f2f4f7}main{max-width:1080px;margin:24px auto;padding:24px;background:#fff;border-radius:8px}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:8px 12px;border-bottom:1px solid #e4e7ec;vertical-align:top}button{padding:12px 22px;background:#0b5cab;color:#fff;border:0;border-radius:6px;font:inherit;font-weight:600}
.muted{color:#5b6472}h1{margin-top:0;font-size:22px}a{color:#0b5cab}`;

function Page({ locale, title, children }: { locale: Locale; title: string; children: Child }) {
  return (
    <html lang={locale}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · dondoc`}</title>
        <style>{STYLE}</style>
      </head>
      <body>
        <main>
          <h1>{title}</h1>
          {children}
        </main>
      </body>
    </html>
  );
}

export function createWeb({ database, inbox, person, now, linkSecret }: WebDependencies) {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header('Referrer-Policy', 'no-referrer');
    context.header('Cache-Control', 'no-store');
  });

  // RFC 9110: GET is safe. Mail scanners follow every link; only the button acts.
  app.get('/a/:token', async (context) => {
    const link = readLink(linkSecret, context.req.param('token'), now());
    if (!link.ok)
      return context.html(
        <Page locale="vi" title="dondoc">
          {text('vi', `link.${link.why}`)}
        </Page>,
        link.why === 'expired' ? 410 : 403,
      );
    const reader = await person(link.claim.recipient);
    const locale = reader?.locale ?? 'vi';
    return context.html(
      <Page locale={locale} title={`${link.claim.code}`}>
        <p>{text(locale, 'link.confirm', { person: `${reader?.name ?? ''} <${link.claim.recipient}>` })}</p>
        <form method="post">
          <button type="submit">{text(locale, 'action.acknowledge')}</button>
        </form>
      </Page>,
    );
  });
  app.post('/a/:token', async (context) => {
    const link = readLink(linkSecret, context.req.param('token'), now());
    if (!link.ok)
      return context.html(
        <Page locale="vi" title="dondoc">
          {text('vi', `link.${link.why}`)}
        </Page>,
        link.why === 'expired' ? 410 : 403,
      );
    const { code, recipient, key } = link.claim;
    const locale = (await person(recipient))?.locale ?? 'vi';
    const given = await inbox.submit({
      key: `mail-link:${key}`,
      code,
      actor: recipient,
      via: 'email',
      request: { type: 'AcknowledgeTask' },
    });
    const said =
      given.answer === 'done'
        ? text(locale, 'answer.AcknowledgeTask', { code })
        : given.answer === 'refused'
          ? refusalText(locale, given.refusal)
          : text(locale, `answer.${given.answer}`, { code });
    return context.html(
      <Page locale={locale} title={code}>
        {said}
      </Page>,
      given.answer === 'not_stored' ? 503 : 200,
    );
  });

  app.get('/', async (context) => {
    const locale = localeOf(context.req.query('lang'));
    const tasks = await database.task.findMany({ orderBy: { deadlineAt: 'asc' }, take: 100 });
    return context.html(
      <Page locale={locale} title="dondoc">
        <table>
          {tasks.map((task) => (
            <tr>
              <td>
                <a href={`/tasks/${task.code}?lang=${locale}`}>{task.code}</a>
              </td>
              <td>{task.title}</td>
              <td>{formatInstant(locale, task.deadlineAt.toISOString() as IsoInstant, 'Asia/Ho_Chi_Minh')}</td>
              <td>{text(locale, `status.${task.status as 'assigned'}`)}</td>
            </tr>
          ))}
        </table>
      </Page>,
    );
  });

  app.get('/tasks/:code', async (context) => {
    const locale = localeOf(context.req.query('lang'));
    const code = context.req.param('code');
    const task = await database.task.findUnique({
      where: { code },
      include: { events: { orderBy: { seq: 'asc' } }, notifications: { orderBy: { sendAt: 'asc' } } },
    });
    if (task === null)
      return context.html(
        <Page locale={locale} title={code}>
          {text(locale, 'refusal.task_unknown', { code })}
        </Page>,
        404,
      );
    return context.html(
      <Page locale={locale} title={`${task.code} · ${task.title}`}>
        <p class="muted">
          {text(locale, 'field.deadline')}: {formatInstant(locale, task.deadlineAt.toISOString() as IsoInstant, 'Asia/Ho_Chi_Minh')} ·{' '}
          {text(locale, `status.${task.status as 'assigned'}`)} · {task.assignee}
        </p>
        <table>
          {task.events.map((event) => (
            <tr>
              <td>{event.seq}</td>
              <td>{formatInstant(locale, event.at.toISOString() as IsoInstant, 'Asia/Ho_Chi_Minh')}</td>
              <td>{event.type}</td>
              <td>{event.by ?? ''}</td>
              <td>{event.via}</td>
            </tr>
          ))}
        </table>
        <table>
          {task.notifications.map((notification) => (
            <tr>
              <td>{formatInstant(locale, notification.sendAt.toISOString() as IsoInstant, 'Asia/Ho_Chi_Minh')}</td>
              <td>{text(locale, `kind.${notification.kind as 'reminder'}`)}</td>
              <td>{notification.recipient}</td>
              <td>{notification.channel}</td>
              <td>{notification.status}</td>
            </tr>
          ))}
        </table>
      </Page>,
    );
  });

  return app;
}

export function startWeb(dependencies: WebDependencies, port: number): Promise<{ url: string; stop(): Promise<void> }> {
  const app = createWeb(dependencies);
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, ({ port: bound }) =>
      resolve({ url: `http://127.0.0.1:${bound}`, stop: () => new Promise((done) => server.close(() => done())) }),
    );
  });
}

function localeOf(wished: string | undefined): Locale {
  return LOCALES.find((locale) => locale === wished) ?? 'vi';
}
