/**
 * Proves how pages are served, and what they say where no store is needed: three languages, nothing unescaped, bad filters
 * and failures in a sentence, links that act only on POST. What stands in the store is in `store.test.ts`.
 */
import { describe, expect, it } from 'vitest';
import { vietnamCalendar, yearsAround } from '../config/calendar.ts';
import { reasonWords, whyWords } from '../config/notification-words.ts';
import { text } from '../config/text.ts';
import { oneCalendar } from '../domain/calendar.ts';
import type { Person } from '../domain/directory.ts';
import { type AgencyCode, type Email, LOCALES, type Locale, type TaskCode } from '../domain/names.ts';
import { WHEN } from '../domain/policy.ts';
import { figures } from '../domain/scoreboard.ts';
import type { IsoDate, IsoInstant } from '../domain/time.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { signLink } from '../mail/link.ts';
import { openDatabase } from '../prisma/database.ts';
import { createWeb } from './app.tsx';
import { readFilters } from './filters.ts';
import { deadlineWords, formatShare } from './format.ts';
import { localeOf } from './locale.ts';
import { DeliveryPage, type DeliveryProps } from './pages/delivery.tsx';
import { ScoreboardPage } from './pages/scoreboard.tsx';
import { TasksPage } from './pages/tasks.tsx';
import type { TaskLine } from './queries/task-line.ts';
import type { Query, View } from './view.ts';

const now = '2025-12-04T05:00:00.000Z' as IsoInstant;
const hostile = '<script>alert(1)</script>';

function view(locale: Locale, path = '/', query: Query = {}): View {
  return { locale, now, path, query };
}

const lan: Person = {
  email: 'lan@most.example' as Email,
  name: 'Nguyễn Thị Lan',
  agency: 'MOST' as AgencyCode,
  role: 'assignee',
  locale: 'en',
  timeZone: 'Asia/Ho_Chi_Minh',
  slackId: null,
};

const line = {
  restricted: false,
  code: 'NQ57-0001',
  title: hostile,
  status: 'acknowledged',
  priority: 'high',
  agencyCode: 'MOST',
  agencyName: 'Bộ Khoa học và Công nghệ',
  assigneeName: 'Nguyễn Thị Lan',
  deadline: '2025-12-01' as IsoDate,
  deadlineAt: '2025-12-01T10:00:00.000Z' as IsoInstant,
  completedAt: null,
  cancelledAt: null,
  standing: 'overdue',
} as const satisfies TaskLine;

describe('scoreboard', () => {
  const all = figures({ completed: 601, within_deadline: 404, overdue: 104, regular: 178 }, { '2025-12-31': 368 });
  const data = {
    figures: all,
    missingEvidence: 57,
    yearEnd: '2025-12-31' as IsoDate,
    soonEnd: '2025-12-11' as IsoDate,
    agencies: [{ code: 'MOST', name: hostile, figures: all }],
    longestOverdue: [line],
    dueSoon: [],
  };

  it.each([
    ['vi', '1.287', '46,7%', '3 ngày'],
    ['en', '1,287', '46.7%', '3 days overdue'],
    ['fr', '1\u202f287', '46,7\u00a0%', '3 jours de retard'],
  ] as const)('%s: figures in the language, each a link to the tasks that it counts', (locale, total, share, late) => {
    const page = String(ScoreboardPage({ view: view(locale), data, lacking: [{ name: 'vn', year: 2027 }] }));
    expect(page).toContain(`<html lang="${locale}">`);
    for (const words of [total, share, late, '368', '472', '57', text(locale, 'calendar.year_missing', { name: 'vn', year: 2027 })])
      expect(page).toContain(words);
    for (const link of [
      'standing=counted',
      'standing=overdue',
      'standing=within_deadline&amp;due_before=2025-12-31',
      'missing_evidence=yes',
    ]) {
      expect(page).toContain(`href="/tasks?${link}"`);
    }
    expect(page).not.toContain(hostile);
  });

  it.each(LOCALES)('%s: no task, and still a page', (locale) => {
    const none = figures({ completed: 0, within_deadline: 0, overdue: 0, regular: 0 }, { '2025-12-31': 0 });
    const page = String(
      ScoreboardPage({ view: view(locale), data: { ...data, figures: none, agencies: [], longestOverdue: [] }, lacking: [] }),
    );
    expect(page).not.toContain('NaN');
  });

  it('has no share of nothing', () => expect(formatShare('vi', 0, 0)).toBe('–'));
});

describe('list', () => {
  it('keeps the filters in every link and offers the other languages of the same list', () => {
    const query = { standing: 'overdue', q: 'a&b', lang: 'fr', page: '2' };
    const list = { total: 120, unnamed: 0, page: 2, pages: 3, lines: [line], risks: new Map() };
    const page = String(TasksPage({ view: view('fr', '/tasks', query), agencies: [], bad: [], list }));
    expect(page).toContain('href="/tasks?standing=overdue&amp;q=a%26b&amp;page=3&amp;lang=fr"');
    expect(page).toContain('href="/tasks?standing=overdue&amp;q=a%26b&amp;lang=fr"');
    expect(page).toContain('href="/tasks?standing=overdue&amp;q=a%26b&amp;lang=vi&amp;page=2"');
    expect(page).not.toContain(hostile);
  });

  it.each([
    ['vi', '“soon” không phải là ngày'],
    ['en', '“soon” is not a date'],
    ['fr', '«\u00a0soon\u00a0» n’est pas une date'],
  ] as const)('%s: says which value cannot be used', (locale, sentence) => {
    const bad = [{ name: 'due_before', value: 'soon' } as const];
    expect(String(TasksPage({ view: view(locale, '/tasks'), agencies: [], bad, list: null }))).toContain(sentence);
  });

  it('reads what means something and names the rest', () => {
    const { filters, bad } = readFilters({
      standing: 'late',
      status: '',
      agency: 'MOST',
      q: '  Đo\u0302n đốc ',
      page: '0',
      due_before: '2025-02-30',
    });
    expect(filters).toEqual({ agency: 'MOST', q: 'Đôn đốc' });
    expect(bad.map(({ name }) => name)).toEqual(['standing', 'due_before', 'page']);
  });
});

describe('why a notification is told', () => {
  const name = () => 'Nguyễn Thị Lan';

  it.each([
    ['vi', '3 ngày làm việc trước thời hạn', 'thay cho Nguyễn Thị Lan'],
    ['en', '3 working days before the deadline', 'in place of Nguyễn Thị Lan'],
    ['fr', '3 jours ouvrés avant l’échéance', 'à la place de Nguyễn Thị Lan'],
  ] as const)('%s: in words, also where a substitute is told', (locale, rule, absent) => {
    const reason = 'standard v1, step before-3wd: -3wd from deadline, while unreported';
    expect(reasonWords(locale, reason, name)).toContain(rule);
    expect(reasonWords(locale, `${reason}, in place of lan@most.example`, name)).toMatch(new RegExp(`${rule}.*${absent}$`));
  });

  it.each(WHEN)('knows the state %s', (state) => {
    const reason = `standard v1, step s: 2h from activity, while ${state}`;
    expect(reasonWords('en', reason, name)).toContain('2 hours after the last activity');
  });

  it.each(LOCALES)('%s: gives a reason of another form as it stands', (locale) => {
    expect(reasonWords(locale, 'asked by the coordinator', name)).toBe('asked by the coordinator');
    expect(whyWords(locale, 'no longer applies')).not.toContain('no longer applies');
  });
});

describe('deadline', () => {
  it.each([
    ['2025-12-04T04:59:59.999Z', '2025-12-04', 'overdue today', 'late'],
    ['2025-12-04T05:00:00.000Z', '2025-12-04', 'today', 'soon'],
    ['2025-12-03T10:00:00.000Z', '2025-12-03', '1 day overdue', 'late'],
    ['2025-12-07T10:00:00.000Z', '2025-12-07', '3 days left', 'soon'],
    ['2025-12-08T10:00:00.000Z', '2025-12-08', '4 days left', 'calm'],
  ])('%s', (deadlineAt, deadline, words, tone) => {
    const facts = { ...line, deadlineAt: deadlineAt as IsoInstant, deadline: deadline as IsoDate };
    expect(deadlineWords('en', facts, now)).toEqual({ words, tone });
  });
});

describe('language', () => {
  it.each([
    ['fr', 'en', 'fr'],
    ['xx', 'en', 'en'],
    [undefined, 'fr-CH, fr;q=0.9, en;q=0.8', 'fr'],
    [undefined, 'de, en;q=0.3, fr;q=0.5', 'fr'],
    [undefined, 'en;q=0, fr;q=0.1', 'fr'],
    [undefined, '*', 'vi'],
    [undefined, undefined, 'vi'],
  ] as const)('%s and %s give %s', (wished, header, expected) => expect(localeOf(wished, header)).toBe(expected));
});

describe('delivery', () => {
  const day = { day: '2025-12-04' as IsoDate, channel: 'slack', messages: 1287, p50Ms: 400, p99Ms: 34_000, maxMs: 5_400_000 } as const;
  const past = {
    channel: 'email',
    since: '2025-12-03T01:00:00.000Z' as IsoInstant,
    noticedAt: '2025-12-03T01:05:00.000Z' as IsoInstant,
    endedAt: '2025-12-03T01:40:00.000Z' as IsoInstant,
    reason: { reason: 'refused', answer: '421 4.7.0', until: null, isForAll: false },
  } as const;
  const words = (props: Partial<DeliveryProps>, locale: Locale) =>
    String(<DeliveryPage view={view(locale, '/delivery')} days={14} late={[]} sent={[]} past={[]} {...props} />)
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ');

  it.each(LOCALES)('%s: says that nothing was sent and nothing is late', (locale) => {
    expect(words({}, locale)).toContain(text(locale, 'web.delivery.on_time'));
    expect(words({}, locale)).toContain(text(locale, 'web.delivery.none'));
    expect(words({}, locale)).not.toContain(text(locale, 'web.delivery.past'));
  });

  it.each(LOCALES)('%s: says how long the messages of each channel and day waited, and what was alarmed of', (locale) => {
    const other = { ...day, day: '2025-12-03' as IsoDate, channel: 'email' } as const;
    expect(
      words({ sent: [day, other], past: [past, { ...past, endedAt: null }] }, locale)
        .split(' dondoc ')
        .at(-1),
    ).toMatchSnapshot();
  });

  it('says that nothing is late only where nothing is', () => {
    const late = [{ channel: 'slack', waiting: 3, people: 2, since: now, reason: 'no_courier' }] as const;
    expect(words({ late }, 'en')).not.toContain('Nothing is late');
  });
});

describe('service', () => {
  function service() {
    const submitted: string[] = [];
    const failed: string[] = [];
    const inbox: Inbox = {
      submit: async ({ key }) => {
        submitted.push(key);
        return { answer: 'stored', commandId: '00000000-0000-4000-8000-000000000000' };
      },
      relay: async () => ({ settled: 0, waiting: 0 }),
    };
    const app = createWeb({
      // Nothing listens on port 1: every query fails.
      database: openDatabase('postgresql://nobody@127.0.0.1:1/none'),
      inbox,
      people: async () => new Map([[lan.email, lan]]),
      now: () => now,
      calendars: async () => oneCalendar(vietnamCalendar(yearsAround(now))),
      risks: async () => new Map(),
      backlogs: async () => [],
      linkSecret: 'secret',
      onError: (_error, route) => failed.push(route),
    });
    return { app, submitted, failed };
  }
  const link = (expiresAt: string) =>
    `/a/${signLink('secret', { code: 'NQ57-0001' as TaskCode, recipient: 'lan@most.example' as Email, action: 'acknowledge', expiresAt: expiresAt as IsoInstant, key: 'k', via: 'email' })}`;

  it.each(['/', '/tasks', '/tasks/NQ57-0001'])(
    '%s: a failing database gives a sentence, no stack, and a line for the log',
    async (path) => {
      const { app, failed } = service();
      const answer = await app.request(`${path}?lang=en`);
      const page = await answer.text();
      expect(answer.status).toBe(500);
      expect(page).toContain('This page cannot be shown just now.');
      expect(page).not.toMatch(/ECONNREFUSED|Prisma|\bat .*:\d+/);
      expect(failed).toHaveLength(1);
    },
  );

  it.each(['/', '/nowhere', '/tasks/lower', '/tasks/%00', '/a/x~y'])(
    '%s: is served with headers that let nothing in from outside',
    async (path) => {
      const { headers } = await service().app.request(path);
      expect(headers.get('Content-Security-Policy')).toBe(
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(headers.get('X-Frame-Options')).toBe('DENY');
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
      expect(headers.get('Referrer-Policy')).toBe('no-referrer');
      expect(headers.get('Cache-Control')).toBe('no-store');
    },
  );

  it('serves no address of another host but what a person gave as evidence', async () => {
    const page = await (await service().app.request('/nowhere')).text();
    expect(page.replaceAll(/data:[^"]*/g, '')).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it('does not know a task with a code that cannot be', async () => {
    const answer = await service().app.request(`/tasks/${encodeURIComponent(hostile)}?lang=en`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain(hostile);
  });

  it("acts by the mail's link on POST and never on GET or HEAD", async () => {
    const { app, submitted } = service();
    const path = link('2025-12-05T00:00:00.000Z');
    expect((await app.request(path)).status).toBe(200);
    expect((await app.request(path, { method: 'HEAD' })).status).toBe(200);
    expect(submitted).toEqual([]);
    const answer = await app.request(path, { method: 'POST' });
    expect(await answer.text()).toContain('is stored and will be carried out');
    expect(submitted).toEqual(['mail-link:k']);
  });

  it('refuses an expired and a forged link with their own status', async () => {
    const { app, submitted } = service();
    expect((await app.request(link('2025-12-03T00:00:00.000Z'), { method: 'POST' })).status).toBe(410);
    expect((await app.request(`${link('2025-12-05T00:00:00.000Z')}x`, { method: 'POST' })).status).toBe(403);
    expect(submitted).toEqual([]);
  });
});
