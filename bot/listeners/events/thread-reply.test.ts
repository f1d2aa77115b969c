/** Proves what one line in a card's thread asks for. */
import { expect, it } from 'vitest';
import type { Task } from '../../../domain/task.ts';
import { taskAfter } from '../../../test/people.ts';
import type { FileEvidence } from '../../conversation.ts';
import { ofPeriod, toRequest } from './thread-reply.ts';

const file: FileEvidence = { type: 'file', sha256: 'a'.repeat(64), name: 'nghi-dinh.pdf', bytes: 3 };

it.each<[string, FileEvidence[], object]>([
  ['done', [], { type: 'ReportDone', evidence: [] }],
  ['Xong', [], { type: 'ReportDone', evidence: [] }],
  ['XONG.', [], { type: 'ReportDone', evidence: [] }],
  ['xong rồi ạ', [], { type: 'ReportDone', evidence: [] }],
  ['fait !', [], { type: 'ReportDone', evidence: [] }],
  ['đã hoàn thành', [], { type: 'ReportDone', evidence: [] }],
  ['xong, Nghị định 12/2026/NĐ-CP', [], { type: 'ReportDone', evidence: [{ type: 'text', text: 'Nghị định 12/2026/NĐ-CP' }] }],
  ['done: <https://most.example/12|nghị định>', [], { type: 'ReportDone', evidence: [{ type: 'link', url: 'https://most.example/12' }] }],
  ['done https://most.example/12', [], { type: 'ReportDone', evidence: [{ type: 'link', url: 'https://most.example/12' }] }],
  ['xong', [file], { type: 'ReportDone', evidence: [file] }],
  // A question is not an answer, and a word that only begins like one is not that word.
  ['xong chưa?', [], { type: 'AddComment', text: 'xong chưa?', files: [] }],
  ['done?', [], { type: 'AddComment', text: 'done?', files: [] }],
  ['not done yet', [], { type: 'AddComment', text: 'not done yet', files: [] }],
  ['faites attention', [], { type: 'AddComment', text: 'faites attention', files: [] }],
  ['đang chờ ý kiến', [file], { type: 'AddComment', text: 'đang chờ ý kiến — nghi-dinh.pdf', files: [file] }],
  ['', [file], { type: 'AddComment', text: 'nghi-dinh.pdf', files: [file] }],
])('%s', (text, files, expected) => {
  expect(toRequest({ text }, files)).toEqual(expected);
});

it('says "done" of the open period under a regular task, of nothing between two, of the whole under any other', () => {
  const text = 'xong, Báo cáo 15/BC';
  const done = toRequest({ text }, []);
  const evidence = [{ type: 'text', text: 'Báo cáo 15/BC' }];
  const said = (task: Task | undefined) => ofPeriod({ text }, done, task);
  expect(said(taskAfter(['acknowledge', 'recur', 'openPeriod']))).toEqual({ type: 'ReportPeriod', period: '2026-02-25', evidence });
  expect(said(taskAfter(['recur']))).toEqual({ type: 'AddComment', text, files: [] });
  for (const task of [taskAfter([]), undefined]) expect(said(task)).toEqual({ type: 'ReportDone', evidence });
});
