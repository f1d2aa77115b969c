/** Proves what a card says and offers, for each state, reader and language, within Slack's limits. Does not prove that it is posted. */
import { describe, expect, it } from 'vitest';
import type { Person } from '../../domain/directory.ts';
import { LOCALES } from '../../domain/names.ts';
import { type Act, agencyName, HA, LAN, MINH, NOW, personName, SON, speaking, taskAfter } from '../../test/people.ts';
import { actions, type CardItem, type CardView, card, digest } from './card.ts';

const viewOf = (viewer: Person): CardView => ({ viewer, now: NOW, blockId: 'key:0', personName, agencyName: agencyName(viewer.locale) });
const offered = (done: readonly Act[], viewer: Person) =>
  actions(taskAfter(done), viewer).flatMap((block) =>
    'elements' in block ? block.elements.map((each) => ('action_id' in each ? each.action_id : '')) : [],
  );

describe('buttons', () => {
  const assigned: Act[] = [];
  const reported: Act[] = ['report'];
  it.each<[string, readonly Act[], Person, string[]]>([
    ['new, to its assignee', assigned, LAN, ['task_acknowledge', 'task_done', 'task_transfer']],
    ['new, to the supervisor', assigned, MINH, []],
    ['new, to the coordinator', assigned, HA, []],
    ['acknowledged, to its assignee', ['acknowledge'], LAN, ['task_done', 'task_extend', 'task_obstacle', 'task_transfer']],
    ['reported, to its assignee', reported, LAN, []],
    ['reported, to the coordinator', reported, HA, ['task_verify', 'task_return']],
    ['returned, to its assignee', ['report', 'return'], LAN, ['task_done', 'task_extend', 'task_obstacle', 'task_transfer']],
    ['completed, to the coordinator', ['report', 'verify'], HA, []],
    ['cancelled, to its assignee', ['cancel'], LAN, []],
    ['transfer asked, to its assignee', ['transfer'], LAN, ['task_acknowledge', 'task_done']],
    ['transfer asked, to the coordinator', ['transfer'], HA, ['transfer_approve', 'transfer_refuse']],
    ['transfer asked, to the receiving head', ['transfer'], SON, []],
    ['transfer approved, to the receiving head', ['transfer', 'approve'], SON, ['transfer_accept', 'transfer_decline']],
    ['transfer approved, to the coordinator', ['transfer', 'approve'], HA, []],
    ['extension asked, to its assignee', ['acknowledge', 'extend'], LAN, ['task_done', 'task_obstacle']],
    ['extension asked, to the coordinator', ['acknowledge', 'extend'], HA, ['extension_grant', 'extension_refuse']],
    ['obstacle open, to the coordinator', ['acknowledge', 'obstacle'], HA, ['obstacle_answer']],
    ['obstacle answered, to the coordinator', ['acknowledge', 'obstacle', 'answer'], HA, []],
    ['transfer refused, to its assignee', ['transfer', 'refuse'], LAN, ['task_acknowledge', 'task_done', 'task_transfer']],
  ])('%s', (_, done, viewer, expected) => {
    expect(offered(done, viewer)).toEqual([...expected, 'task_details']);
  });

  it('carry the code of their task and nothing of its state', () => {
    for (const block of actions(taskAfter(['report']), HA)) {
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
  ])('a card: %s', (_, done, viewer, kind) => {
    expect(card({ task: taskAfter(done), kind }, viewOf(speaking(viewer, locale)))).toMatchSnapshot();
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

  it('a title cannot ping a channel', () => {
    const { text, blocks } = card({ task: taskAfter([], { title: long }), kind: 'escalation' }, viewOf(LAN));
    expect(text).not.toContain('<!channel>');
    for (const block of blocks) {
      const fields = block.type === 'section' ? [block.text, ...(block.fields ?? [])] : [];
      for (const field of fields) if (field?.type === 'mrkdwn') expect(field.text).not.toContain('<!');
    }
  });
});
