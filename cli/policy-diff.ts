/** `dondoc policy diff A B`: who of the running tasks' people would hear more, less, earlier or later under another policy. */
import { type Difference, differences, tellingOf } from '../domain/difference.ts';
import { loads, Outbox } from '../domain/outbox.ts';
import { openTasks } from '../prisma/past.ts';
import { type Context, Failure, withDatabase } from './context.ts';
import { Differences, inWords, lineOf, sum } from './differences.ts';
import { chosenTask, type FutureFlags, futureOf, loadToday, readPolicyOf, spanAhead } from './futures.ts';

const SHOWN = 20;

export async function diffPolicies(context: Context, a: string, b: string, flags: FutureFlags): Promise<void> {
  const code = chosenTask(flags);
  await withDatabase(context, async (database) => {
    const today = await loadToday(database);
    const span = spanAhead(flags, today.now);
    const [before, after] = [await readPolicyOf(database, a), await readPolicyOf(database, b)];
    const outboxes = { a: new Outbox(), b: new Outbox() };
    const found = new Differences();
    let tasks = 0;
    for await (const page of openTasks(database, code)) {
      for (const each of page) {
        tasks += 1;
        const toldA = futureOf(each, () => before, today, span);
        const toldB = futureOf(each, () => after, today, span);
        for (const told of toldA) outboxes.a.add(told);
        for (const told of toldB) outboxes.b.add(told);
        found.add(each.task.code, differences(toldA.map(tellingOf), toldB.map(tellingOf)));
      }
    }
    if (code !== null && tasks === 0) throw new Failure(`there is no open task ${code}`);
    const loadsA = new Map(loads(outboxes.a.days(today.timeZoneOf)).map((load) => [load.recipient, load]));
    const loadsB = new Map(loads(outboxes.b.days(today.timeZoneOf)).map((load) => [load.recipient, load]));
    const perPerson = [...found.perPerson]
      .map(([recipient, counts]) => ({
        recipient,
        ...counts,
        messages: [loadsA.get(recipient)?.messages ?? 0, loadsB.get(recipient)?.messages ?? 0] as const,
        perDayMax: [loadsA.get(recipient)?.perDayMax ?? 0, loadsB.get(recipient)?.perDayMax ?? 0] as const,
      }))
      .sort((x, y) => sum(y) - sum(x) || (x.recipient < y.recipient ? -1 : 1));
    const names = [before, after].map(({ name, version }) => ({ name, version }));
    const perTask = found.perTask();
    context.print(
      { a: names[0], b: names[1], tasks, changedTasks: found.changedTasks, ...found.totals, perPerson, perTask: perTask.map(shown) },
      [
        `${names.map(({ name, version }) => `${name} version ${version}`).join(' → ')}: of ${tasks} open tasks ${found.changedTasks} would tell otherwise${found.changedTasks === 0 ? '' : `: ${inWords(found.totals)}`}`,
        ...(perPerson.length === 0 ? [] : ['', 'people: messages in all and on the fullest day, before → after']),
        ...perPerson
          .slice(0, SHOWN)
          .map(
            ({ recipient, messages, perDayMax, ...counts }) =>
              `${messages.join(' → ').padStart(12)}  ${perDayMax.join(' → ').padStart(8)}  ${recipient}: ${inWords(counts)}`,
          ),
        ...(perPerson.length > SHOWN ? [`and ${perPerson.length - SHOWN} more people`] : []),
        ...(perTask.length === 0 ? [] : ['', 'tasks']),
        ...perTask
          .slice(0, SHOWN)
          .flatMap((each) => [`${each.task}: ${inWords(each)}`, ...each.first.map((line) => `    ${lineOf(line)}`)]),
        ...(found.changedTasks > SHOWN ? [`and ${found.changedTasks - SHOWN} more tasks`] : []),
      ].join('\n'),
    );
  });
}

/** A task's changes as a document. */
export function shown<T extends { readonly first: readonly Difference[] }>({ first, ...rest }: T) {
  const side = (telling: Difference['before']) => (telling === null ? null : { at: telling.at, step: telling.step });
  return {
    ...rest,
    first: first.map(({ change, before, after }) => ({
      change,
      recipient: (after ?? before)?.recipient,
      channel: (after ?? before)?.channel,
      before: side(before),
      after: side(after),
    })),
  };
}
