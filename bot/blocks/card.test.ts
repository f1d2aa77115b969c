/** Proves what a card says and offers, for each state, reader and language, within Slack's limits. Does not prove that it is posted. */
import { describe, expect, it } from 'vitest';
import { text } from '../../config/text.ts';
import type { Person } from '../../domain/directory.ts';
import { type Email, LOCALES } from '../../domain/names.ts';
import type { Assessment } from '../../domain/risk.ts';
import { type Act, agencyName, HA, LAN, lanIsGone, MINH, NOW, personName, SON, speaking, taskAfter } from '../../test/people.ts';
import { ACTION, actions, type CardItem, type CardView, card, digest } from './card.ts';
import { replacementCard } from './gone.ts';

const viewOf = (viewer: Person): CardView => ({
  speaksAs: (address) => address === viewer.email,
  viewer,
  now: NOW,
  blockId: 'key:0',
  personName,
  agencyName: agencyName(viewer.locale),
  openUrl: (code) => `https://dondoc.example/tasks/${code}`,
});
const NAMES = new Map<string, string>(Object.entries(ACTION).map(([name, id]) => [id, name]));
/** The acts that blocks offer, those of the list of rarer ones after an ellipsis. */
const namesOf = (blocks: ReturnType<typeof actions>) =>
  blocks.flatMap((block) =>
    'elements' in block
      ? block.elements.flatMap((each) =>
          'options' in each && each.options !== undefined
            ? each.options.map(({ value }) => `… ${NAMES.get(value?.split(':')[0] ?? '')}`)
            : [NAMES.get(('action_id' in each && each.action_id) || '') ?? ''],
        )
      : [],
  );
const offered = (done: readonly Act[], viewer: Person) => namesOf(actions(taskAfter(done), viewOf(viewer)));
const RARE_WHILE_ASKED = ['… obstacle', '… risk', '… question', '… contribution'];
const RARE = ['… extend', '… transfer', ...RARE_WHILE_ASKED];
const RARE_WHEN_NEW = ['… progress', ...RARE];

const RISKY: Assessment = {
  score: 0.71,
  level: 'high',
  reasons: [{ feature: 'silence', value: 12, unit: 'working_days', said: { days: 12 }, points: 1.2 }],
};

describe('buttons', () => {
  const assigned: Act[] = [];
  const reported: Act[] = ['report'];
  const period: Act[] = ['acknowledge', 'recur', 'openPeriod'];
  it.each<[string, readonly Act[], Person, string[]]>([
    ['new, to its assignee', assigned, LAN, ['acknowledge', 'done', 'details', ...RARE_WHEN_NEW]],
    ['new, to the supervisor', assigned, MINH, ['details']],
    ['new, to the coordinator', assigned, HA, ['details', '… nudge', '… risk']],
    ['acknowledged, to its assignee', ['acknowledge'], LAN, ['done', 'progress', 'details', ...RARE]],
    ['reported, to its assignee', reported, LAN, ['details']],
    ['reported, to the coordinator', reported, HA, ['verify', 'return', 'details']],
    ['returned, to its assignee', ['report', 'return'], LAN, ['done', 'progress', 'details', ...RARE]],
    ['completed, to the coordinator', ['report', 'verify'], HA, ['details']],
    ['cancelled, to its assignee', ['cancel'], LAN, ['details']],
    ['transfer asked, to its assignee', ['transfer'], LAN, ['acknowledge', 'done', 'details', '… progress', ...RARE_WHILE_ASKED]],
    ['transfer asked, to the coordinator', ['transfer'], HA, ['approveTransfer', 'refuseTransfer', 'details', '… nudge', '… risk']],
    ['transfer asked, to the receiving head', ['transfer'], SON, ['details']],
    ['transfer approved, to the receiving head', ['transfer', 'approve'], SON, ['acceptTransfer', 'declineTransfer', 'details']],
    ['transfer approved, to the coordinator', ['transfer', 'approve'], HA, ['details', '… nudge', '… risk']],
    ['extension asked, to its assignee', ['acknowledge', 'extend'], LAN, ['done', 'progress', 'details', ...RARE_WHILE_ASKED]],
    [
      'extension asked, to the coordinator',
      ['acknowledge', 'extend'],
      HA,
      ['grantExtension', 'refuseExtension', 'details', '… nudge', '… risk'],
    ],
    ['obstacle open, to the coordinator', ['acknowledge', 'obstacle'], HA, ['answerObstacle', 'details', '… nudge', '… risk']],
    ['obstacle answered, to the coordinator', ['acknowledge', 'obstacle', 'answer'], HA, ['details', '… nudge', '… risk']],
    ['question open, to the coordinator', ['acknowledge', 'question'], HA, ['answerQuestion', 'details', '… nudge', '… risk']],
    ['contribution owed, to who owes it', ['contribution'], SON, ['acknowledgeContribution', 'giveContribution', 'details']],
    ['contribution acknowledged, to who owes it', ['contribution', 'willContribute'], SON, ['giveContribution', 'details']],
    ['contribution given, to who owed it', ['contribution', 'contribute'], SON, ['details']],
    ['period open, to its assignee', [...period], LAN, ['reportPeriod', 'progress', 'details', ...RARE, '… done']],
    ['period open, to the coordinator', [...period], HA, ['details', '… nudge', '… risk']],
    ['period reported, to its assignee', [...period, 'reportPeriod'], LAN, ['progress', 'details', ...RARE, '… done']],
    [
      'period reported, to the coordinator',
      [...period, 'reportPeriod'],
      HA,
      ['verifyPeriod', 'returnPeriod', 'details', '… nudge', '… risk'],
    ],
    [
      'period returned, to its assignee',
      [...period, 'reportPeriod', 'returnPeriod'],
      LAN,
      ['reportPeriod', 'progress', 'details', ...RARE, '… done'],
    ],
    ['period verified, to the coordinator', [...period, 'reportPeriod', 'verifyPeriod'], HA, ['details', '… nudge', '… risk']],
    ['transfer refused, to its assignee', ['transfer', 'refuse'], LAN, ['acknowledge', 'done', 'details', ...RARE_WHEN_NEW]],
  ])('%s', (_, done, viewer, expected) => {
    expect(offered(done, viewer)).toEqual(expected);
  });

  it('ask for the cause of a delay once, when there is one', () => {
    const late = (done: readonly Act[]) => namesOf(actions(taskAfter(done, { deadline: '2026-02-20' }), viewOf(LAN)));
    expect(late(['acknowledge'])).toContain('delayCause');
    expect(late(['acknowledge', 'delayCause'])).not.toContain('delayCause');
  });

  it('are offered to who stands in for the assignee', () => {
    const standingIn = { ...viewOf(MINH), speaksAs: (address: string) => address === LAN.email };
    expect(namesOf(actions(taskAfter([]), standingIn))).toContain('acknowledge');
  });

  it('ask how likely it is to be late until it is, and once of who is assignee and coordinator', () => {
    const late = (viewer: Person) => namesOf(actions(taskAfter(['acknowledge'], { deadline: '2026-02-20' }), viewOf(viewer)));
    expect([...late(LAN), ...late(HA)]).not.toContain('… risk');
    const both = { ...viewOf(HA), speaksAs: (address: string) => address === LAN.email };
    expect(namesOf(actions(taskAfter([]), both)).filter((name) => name === '… risk')).toHaveLength(1);
  });

  it('carry the code of their task and nothing of its state', () => {
    for (const block of actions(taskAfter(['report']), viewOf(HA))) {
      for (const element of 'elements' in block ? block.elements : []) expect(element).toMatchObject({ value: 'NQ57-0001' });
    }
  });
});

describe.each(LOCALES)('in %s', (locale) => {
  it.each<[string, readonly Act[], Person, CardItem['kind']]>([
    ['new', [], LAN, 'assignment'],
    ['returned', ['report', 'return'], LAN, 'returned'],
    ['reported', ['report'], HA, 'verification_request'],
    ['transfer', ['transfer'], HA, 'transfer_decision_request'],
    ['extension', ['acknowledge', 'extend'], HA, 'extension_decision_request'],
    ['obstacle', ['acknowledge', 'obstacle'], HA, 'obstacle_reported'],
    ['completed', ['report', 'verify'], LAN, 'reminder'],
    ['late', ['acknowledge', 'progress', 'late'], LAN, 'escalation'],
    ['much asked', ['acknowledge', 'question', 'contribution', 'nudge'], LAN, 'nudge'],
    ['contribution', ['contribution'], SON, 'contribution_requested'],
    ['partly done', ['reportPartly'], HA, 'verification_request'],
    ['restricted', ['restrict'], LAN, 'assignment'],
    ['period open', ['acknowledge', 'recur', 'openPeriod'], LAN, 'period_opened'],
    ['period reported', ['acknowledge', 'recur', 'openPeriod', 'reportPeriod'], HA, 'period_verification_request'],
    ['period returned', ['acknowledge', 'recur', 'openPeriod', 'reportPeriod', 'returnPeriod'], LAN, 'period_returned'],
    ['period missed', ['acknowledge', 'recur', 'openPeriod', 'openNextPeriod'], LAN, 'period_opened'],
  ])('a card: %s', (_, done, viewer, kind) => {
    expect(card({ task: taskAfter(done), kind }, viewOf(speaking(viewer, locale)))).toMatchSnapshot();
  });

  it('a high risk in one line, computed and by hand; of a restricted task nothing', () => {
    const said = (done: readonly Act[], risk: Assessment | null) =>
      JSON.stringify(card({ task: taskAfter(done), kind: 'reminder', risk }, viewOf(speaking(LAN, locale))).blocks);
    const high = text(locale, 'risk.reason.silence', { days: 12 });
    expect(said(['acknowledge', 'worry'], RISKY)).toContain(high);
    expect(said(['acknowledge', 'worry'], RISKY)).toContain('Chưa có đơn vị tư vấn');
    expect(said(['acknowledge', 'worry', 'calm'], { ...RISKY, level: 'medium' })).not.toMatch(
      new RegExp(`${high}|Chưa có đơn vị tư vấn|Đã có`),
    );
    expect(said(['acknowledge', 'worry', 'report'], null)).not.toContain('Chưa có đơn vị tư vấn');
    expect(said(['acknowledge', 'worry', 'restrict'], RISKY)).not.toMatch(new RegExp(`${high}|Chưa có đơn vị tư vấn`));
  });

  it('a digest', () => {
    const items = [taskAfter([]), taskAfter(['acknowledge'], { code: 'NQ57-0002', deadline: '2026-02-20' })].map((task) => ({
      task,
      kind: 'reminder' as const,
    }));
    expect(digest(items, viewOf(speaking(LAN, locale)))).toMatchSnapshot();
  });
});

describe("Slack's limits", () => {
  const long = 'Đ&<!channel> '.repeat(80).slice(0, 1_000);
  const many = Array.from({ length: 100 }, (_, index) => ({
    task: taskAfter([], { code: `T-${index}`, title: long }),
    kind: 'escalation' as const,
  }));

  it.each([
    ['a card with the longest title', card({ task: taskAfter([], { title: long }), kind: 'escalation' }, viewOf(LAN))],
    ['a digest of a hundred tasks with the longest titles', digest(many, viewOf(LAN))],
  ])('hold for %s', (_, { blocks, text }) => {
    expect(blocks.length).toBeLessThanOrEqual(50);
    expect(JSON.stringify(blocks).length).toBeLessThan(13_200);
    expect(text.length).toBeLessThanOrEqual(4_000);
    for (const block of blocks) {
      if (block.type === 'header') expect(block.text.text.length).toBeLessThanOrEqual(150);
      if (block.type === 'section') expect(block.text?.text.length ?? 0).toBeLessThanOrEqual(3_000);
    }
    const ids = blocks.flatMap(({ block_id }) => block_id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('hold for a digest whose policy says long lines', () => {
    const text = { vi: long.slice(0, 500), en: 'x', fr: 'x' };
    const { blocks } = digest(many.map((item) => ({ ...item, text })).slice(0, 10), viewOf(LAN));
    expect(JSON.stringify(blocks).length).toBeLessThan(13_200);
  });

  it("the policy's own line is plain text, filled in, and nowhere on a restricted card", () => {
    const text = { vi: '<!channel> {title}: {agency}, {assignee}, {deadline}, {code}', en: 'x', fr: 'x' };
    const said = (done: readonly Act[]) => card({ task: taskAfter(done, { title: '<!here>' }), kind: 'reminder', text }, viewOf(LAN));
    const line = '<!channel> <!here>: Bộ Khoa học và Công nghệ, Nguyễn Thị Lan, 20/03/2026, NQ57-0001';
    expect(said([]).blocks).toContainEqual({ type: 'section', text: { type: 'plain_text', text: line } });
    expect(said([]).text).not.toContain('<!channel>');
    expect(JSON.stringify(said(['restrict']))).not.toContain('channel');
    const both = digest(
      [
        { task: taskAfter([]), kind: 'reminder', text },
        { task: taskAfter(['restrict']), kind: 'reminder', text },
      ],
      viewOf(LAN),
    );
    expect(JSON.stringify(both.blocks).match(/<!channel>/g)).toHaveLength(1);
  });

  it('a title cannot ping a channel', () => {
    const { text, blocks } = card({ task: taskAfter([], { title: long }), kind: 'escalation' }, viewOf(LAN));
    expect(text).not.toContain('<!channel>');
    for (const block of blocks) {
      const fields = block.type === 'section' ? [block.text, ...(block.fields ?? [])] : [];
      for (const field of fields) if (field?.type === 'mrkdwn') expect(field.text).not.toContain('<!');
    }
  });
});

describe('the question about who has left', () => {
  const question = (o: Parameters<typeof lanIsGone>[0] = {}, viewer = SON) => replacementCard(lanIsGone(o), viewOf(viewer));

  it.each(LOCALES)('in %s', (locale) => {
    expect(question({}, speaking(SON, locale))).toMatchSnapshot();
  });

  it('names no restricted task, and pings nobody', () => {
    const said = JSON.stringify(question());
    for (const hidden of ['KIN', 'NQ57-0002']) expect(said).not.toContain(hidden);
    expect(JSON.stringify(question().blocks.filter((block) => JSON.stringify(block).includes('mrkdwn')))).not.toContain('<!channel>');
    expect(question().text).not.toContain('<!');
  });

  it.each<[string, Parameters<typeof lanIsGone>[0]]>([
    ['answered', { settled: true }],
    ['taken back', { back: true }],
    ['asked where nobody is left', { alone: true }],
  ])('%s: offers no choice', (_, o) => {
    expect(question(o).blocks.filter(({ type }) => type === 'actions')).toEqual([]);
  });

  it('stays within the limits of a select', () => {
    const choices = Array.from({ length: 150 }, (_, index) => ({
      ...MINH,
      name: 'Trần '.repeat(20),
      email: `${index}@most.example` as Email,
    }));
    const long = { ...MINH, email: `${'a'.repeat(80)}@most.example` as Email };
    const { blocks } = replacementCard({ ...lanIsGone(), choices: [long, ...choices] }, viewOf(SON));
    const [select] = blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
    const options = select?.type === 'static_select' ? (select.options ?? []) : [];
    expect(options).toHaveLength(100);
    for (const { text, value } of options) expect(Math.max(text.text.length, value?.length ?? 0)).toBeLessThanOrEqual(75);
  });

  it('is offered of each task alone, to who stands in within the agency only', () => {
    const head: Person = { ...SON, agency: LAN.agency };
    const offers = (viewer: Person, o: Partial<CardView>) => namesOf(actions(taskAfter([]), { ...viewOf(viewer), ...o }));
    const standing = { speaksAs: () => true, isGone: (address: string) => address === LAN.email };
    expect(offers(head, standing)).toContain('… nameAnother');
    for (const [viewer, o] of [
      [SON, standing],
      [head, { ...standing, isGone: () => false }],
      [head, { ...standing, speaksAs: () => false }],
    ] as const)
      expect(offers(viewer, o)).not.toContain('… nameAnother');
  });
});

it('offers who can answer whether more time is needed to answer it, and nobody else', () => {
  const asked = { ...taskAfter(['acknowledge']), extensionQuestion: { seq: 3, at: NOW, step: 'late', open: true } };
  const offers = (viewer: Person, task = asked) => namesOf(actions(task, viewOf(viewer)));
  expect(offers(HA)).toEqual(['giveTime', 'refuseExtension', 'details', '… nudge', '… risk']);
  expect(offers(HA, { ...asked, extensionQuestion: { ...asked.extensionQuestion, open: false } })).toEqual([
    'details',
    '… nudge',
    '… risk',
  ]);
  expect(offers(LAN)).toEqual(['done', 'progress', 'extend', 'details', '… transfer', ...RARE_WHILE_ASKED]);
  expect(offers(MINH)).toEqual(['details']);
});
