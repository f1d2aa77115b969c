import { cpus, totalmem } from 'node:os';

/** What a figure was measured on, said with each. */
export const MACHINE = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
