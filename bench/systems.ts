/** The systems of a run, dondoc and its peers alike: chosen by name, run one after another, each one line. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Armed } from './armed.ts';
import { armPeer, installPeers, type PeerSystem, warmUp } from './peers.ts';
import type { Limits } from './slack-stub.ts';
import { type Stage, withStage } from './stage.ts';
import { armDondoc } from './storm-dondoc.ts';
import { toldOf } from './told.ts';

const POLL_MS = 100;
/** So many polls in a row without a message are a pause. */
const QUIET_POLLS = 5;

export interface Size {
  readonly reminders: number;
  readonly people: number;
  readonly limits: Limits;
}

interface Contender {
  readonly system: string;
  /** Of dondoc, whether it merges; the others have no such thing. */
  readonly setting: 'off' | 'on' | 'none';
  arm(stage: Stage): Promise<Armed>;
}

function contenders(peers: readonly PeerSystem[], size: Size): Contender[] {
  const own = (['off', 'on'] as const).map((setting) => ({
    system: 'dondoc',
    setting,
    arm: (stage: Stage) => armDondoc(setting, stage, size),
  }));
  return [
    ...own,
    ...peers.map((peer) => ({
      system: peer.name,
      setting: 'none' as const,
      arm: (stage: Stage) => armPeer(peer, stage, { ...size, limited: size.limits === 'slack' }),
    })),
  ];
}

/**
 * Runs each on a stage of its own, so that none finds another's pages, files or messages; prints its line, and returns them all.
 * @param o.only names, or all; `o.absent` the line of one that cannot run here, with why
 * @throws Error naming what `only` may be
 */
export async function runSystems<Line>(o: {
  peers: readonly PeerSystem[];
  size: Size;
  only: readonly string[] | null;
  measure: (armed: Armed, stage: Stage, who: { system: string; setting: string }) => Promise<Line>;
  absent: (who: { system: string; setting: string }, why: string) => Line;
}): Promise<Line[]> {
  const all = contenders(o.peers, o.size);
  const names = new Set(all.map(({ system }) => system));
  const unknown = o.only?.find((name) => !names.has(name));
  if (unknown !== undefined) throw new Error(`--only takes ${[...names].join(', ')}, not ${unknown}`);
  installPeers();
  const lines: Line[] = [];
  for (const { system, setting, arm } of all.filter((each) => o.only === null || o.only.includes(each.system))) {
    process.stderr.write(`bench: ${system}${setting === 'none' ? '' : `, merging ${setting}`} …\n`);
    await withStage({ limits: o.size.limits }, async (stage) => {
      if (o.size.limits === 'none') await warmUp(stage);
      const armed = await armOrWhyNot(() => arm(stage));
      const line = typeof armed === 'string' ? o.absent({ system, setting }, armed) : await o.measure(armed, stage, { system, setting });
      process.stdout.write(`${JSON.stringify(line)}\n`);
      lines.push(line);
    });
  }
  return lines;
}

/** One that cannot be set up here is said to be absent; the others are measured all the same. */
async function armOrWhyNot(arm: () => Promise<Armed>): Promise<Armed | string> {
  try {
    return await arm();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Resolves when everyone is told and `atRest` agrees, or at `giveUpAt` (epoch milliseconds). */
export async function untilTold(armed: Armed, stage: Stage, o: { giveUpAt: number; atRest: () => Promise<boolean> }): Promise<void> {
  let before = -1;
  let quiet = 0;
  while (Date.now() < o.giveUpAt) {
    const { accepted } = await stage.slack.count();
    quiet = accepted === before ? quiet + 1 : 0;
    before = accepted;
    // The log is asked for only when nothing comes any more, or enough has come: its making would take from what is measured.
    if (
      accepted > 0 &&
      (quiet % QUIET_POLLS === QUIET_POLLS - 1 || accepted >= armed.reminders) &&
      (await isTold(armed, stage)) &&
      (await o.atRest())
    )
      return;
    await pause(POLL_MS);
  }
}

async function isTold(armed: Armed, stage: Stage): Promise<boolean> {
  return toldOf(await armed.planned(), await stage.slack.log()).missing.length === 0;
}
