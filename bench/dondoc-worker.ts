/** A worker in a process of its own, with its connections as one JSON argument: the production role, on the bench's stage. */
import { type Connections, startSystem } from '../cli/system.ts';

const system = await startSystem(JSON.parse(process.argv[2] ?? '') as Connections, 0, { roles: ['worker'] });
process.stdout.write(`${JSON.stringify({ event: 'ready' })}\n`);
process.once('SIGTERM', () => void system.stop().finally(() => process.exit(0)));
