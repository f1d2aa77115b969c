/** Proves what one change of agencies makes of one task, and that its undoing gives back what was, also after a second change. */
import { describe, expect, it } from 'vitest';
import { HA, LAN, NOW, SON, taskAfter } from '../test/people.ts';
import { agenciesForTask, leadAsGiven, type Succession } from './agency-change.ts';
import type { Actor, Request } from './command.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import type { AgencyCode, Email } from './names.ts';
import { isRefusal } from './refusals.ts';
import type { Task } from './task.ts';

const [MOST, MOF, MEST] = ['MOST', 'MOF', 'MEST'] as AgencyCode[];
const [FIRST, SECOND] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];

function acted(task: Task, request: object, actor: Actor = HA): Task {
  const decided = decide(task.code, task, { kind: 'command', id: 'x', actor, via: 'cli', request: request as Request }, NOW);
  if (isRefusal(decided)) throw new Error(decided.refused);
  return decided.reduce<Task>(evolve, task);
}
const refusedFor = (task: Task, request: object, actor: Actor = HA) =>
  decide(task.code, task, { kind: 'command', id: 'x', actor, via: 'cli', request: request as Request }, NOW);
const change = (id: string | undefined, agencies: object) => ({ type: 'ChangeAgencies', change: id, agencies });
const undo = (id: string | undefined) => ({ type: 'UndoAgencyChange', change: id });
const withoutSeq = (task: Task) => ({ ...task, seq: 0 });

describe('a task whose agencies are merged', () => {
  it('names the successor wherever it named them, once, and keeps everything else', () => {
    const before = taskAfter(['acknowledge', 'transfer', 'contribution']);
    const now = acted(before, change(FIRST, { MOST: 'MEST', MOF: 'MEST' }));
    expect([now.leadAgency, now.coordinatingAgencies, now.transfer?.toAgency, now.contributions[0]?.agency]).toEqual([
      MEST,
      [],
      MEST,
      MEST,
    ]);
    expect([now.status, now.heldSince, now.heldSinceSeq, now.activity]).toEqual([
      before.status,
      before.heldSince,
      before.heldSinceSeq,
      before.activity,
    ]);
    expect(withoutSeq(acted(now, undo(FIRST)))).toEqual(withoutSeq(before));
  });

  it('goes back step by step through two changes, the later one first', () => {
    const before = taskAfter(['acknowledge']);
    const one = acted(before, change(FIRST, { MOST: 'MEST' }));
    const two = acted(one, change(SECOND, { MEST: 'MERGED', MOF: 'MERGED' }));
    expect(leadAsGiven(two)).toBe(MOST);
    expect(refusedFor(two, undo(FIRST))).toMatchObject({ refused: 'agency_change_unknown' });
    const back = acted(two, undo(SECOND));
    expect(withoutSeq(back)).toEqual(withoutSeq(one));
    expect(withoutSeq(acted(back, undo(FIRST)))).toEqual(withoutSeq(before));
  });

  it('follows once more in the same change what named an old code meanwhile, and goes back in one', () => {
    const before = taskAfter(['acknowledge']);
    const one = acted(before, change(FIRST, { MOST: 'MEST' }));
    const named = acted(one, { type: 'RequestTransfer', toAgency: MOST, reason: 'x' }, LAN);
    const again = acted(named, change(FIRST, { MOST: 'MEST', MOF: 'MEST' }));
    expect([again.transfer?.toAgency, again.agencyChange?.before.leadAgency]).toEqual([MEST, MOST]);
    expect(acted(again, undo(FIRST))).toMatchObject({ leadAgency: MOST, coordinatingAgencies: [MOF], agencyChange: null });
  });

  it('was given under its present code once it has been handed on', () => {
    const moved = acted(acted(taskAfter([]), change(FIRST, { MOST: 'MEST' })), {
      type: 'ReassignTask',
      agency: MOF,
      assignee: SON.email,
      assigneeAgency: MOF,
      supervisor: null,
      reason: 'x',
    });
    expect(leadAsGiven(moved)).toBe(MOF);
    expect(refusedFor(moved, undo(FIRST))).toMatchObject({ refused: 'agency_change_built_upon' });
  });

  it('follows only a coordinator', () => {
    expect(refusedFor(taskAfter([]), change(FIRST, { MOST: 'MEST' }), LAN)).toMatchObject({ refused: 'not_a_coordinator' });
  });
});

it.each<[string, Record<string, string[]>, [string, string][], string, object]>([
  ['a split: with its assignee', { MOST: ['MOST', 'A', 'B'] }, [[LAN.email, 'B']], 'MOST', { MOST: 'B' }],
  ['a split: with who stays', { MOST: ['MOST', 'A', 'B'] }, [[LAN.email, 'MOST']], 'MOST', {}],
  ['a split of what lives on, where it does not lead', { MOF: ['MOF', 'A'] }, [[LAN.email, 'A']], 'MOST', {}],
  ['a dissolution, where it does not lead: the chief successor', { MOF: ['A', 'B'] }, [[SON.email, 'B']], 'MOST', { MOF: 'A' }],
  ['a dissolution, its assignee of elsewhere', { MOST: ['A', 'B'] }, [[LAN.email, 'MPS']], 'MOST', { MOST: 'A' }],
  ['a renaming', { MOST: ['MOST'] }, [], 'MOST', {}],
])('%s', (_, successors, moved, leadAgency, expected) => {
  const succession = { successors, movedTo: new Map(moved) } as unknown as Succession;
  expect(agenciesForTask({ leadAgency: leadAgency as AgencyCode, assignee: LAN.email as Email }, succession)).toEqual(expected);
});
