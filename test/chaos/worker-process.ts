/**
 * A worker of the chaos tests where the role alone does not do: with a clock that runs ahead, so that leases end at once, or with the
 * question to the provider taken out, to see what it is good for. Its connections are those of the role, from the environment.
 */
import { parseArgs } from 'node:util';
import { productionConnections } from '../../cli/role.ts';
import { startSystem } from '../../cli/system.ts';
import { readEnvironment } from '../../config/env.ts';
import { instantFromEpochMs } from '../../domain/time.ts';

const { values } = parseArgs({ options: { 'ahead-ms': { type: 'string', default: '0' }, 'without-reconcile': { type: 'boolean' } } });
const aheadMs = Number(values['ahead-ms']);

await startSystem(productionConnections(readEnvironment(process.env)), 0, {
  roles: ['worker'],
  now: () => instantFromEpochMs(Date.now() + aheadMs),
  // Nobody asks: what may have arrived is taken for lost, and sent again.
  ...(values['without-reconcile'] === true
    ? { throughSender: (sender) => ({ ...sender, find: async () => ({ arrived: false as const }) }) }
    : {}),
});
process.stdout.write('dondoc worker runs\n');
