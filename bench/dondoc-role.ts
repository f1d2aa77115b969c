/** One role of dondoc in a process of its own, its connections one JSON argument: as in production, on the bench's stage. */
import type { Role } from '../cli/roles.ts';
import { type Connections, startSystem } from '../cli/system.ts';

const [, , role = '', connections = ''] = process.argv;
const system = await startSystem(JSON.parse(connections) as Connections, 0, { roles: [role as Role] }); // `bench/dondoc.ts` gives both
process.stdout.write(`${JSON.stringify({ event: 'ready' })}\n`);
process.once('SIGTERM', () => void system.stop().finally(() => process.exit(0)));
