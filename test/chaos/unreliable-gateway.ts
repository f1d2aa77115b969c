/**
 * A gateway that cuts lines and asks for patience, as the seed says. It runs beside the test and is not killed: like the local Slack it is
 * a witness.
 */
import { chance } from '../../rehearsal/chance.ts';
import { type Conduct, type Gateway, openGateway } from '../gateway.ts';
import { type Fault, faultOf, GATEWAY } from './faults.ts';

export interface UnreliableGateway extends Pick<Gateway, 'access' | 'close'> {
  /** What was injected, in order. */
  readonly faults: readonly Fault[];
  /** Of every message that it took, its id; of one that it took twice, twice. */
  taken(): string[];
}

/**
 * Whether it can be asked or drops repeats is the seed's: each is a way of its own to settle what is in doubt.
 * @param o.times how much likelier than usual a post goes wrong
 * @param o.isCalm whether everything goes well by now
 */
export async function openUnreliableGateway(o: { seed: string; times: number; isCalm: () => boolean }): Promise<UnreliableGateway> {
  const gateway = await openGateway(chance(`${o.seed}/gateway`)() < 0.5 ? { statusUrl: true } : { dropsRepeats: true });
  const faults: Fault[] = [];
  let nth = 0;
  gateway.conduct = () => {
    const fault = o.isCalm() ? null : faultOf({ seed: o.seed, method: GATEWAY, nth, times: o.times });
    nth += 1;
    if (fault === null) return null;
    faults.push(fault);
    return conductOf(fault);
  };
  return {
    access: gateway.access,
    close: gateway.close,
    faults,
    taken: () => gateway.taken.map(({ id }) => id),
  };
}

function conductOf(fault: Fault): Conduct {
  if (fault === 'rate_limited') return { status: 429, headers: { 'retry-after': '1' } };
  return { cut: fault === 'cut_after' ? 'taken' : 'untaken' };
}
