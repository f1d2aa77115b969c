/** What every subcommand needs: where the state is, what runs there, and how to answer. */
import { once } from 'node:events';
import { Client, Connection } from '@temporalio/client';
import { readStackInfo, type StackInfo } from '../ops/stack.ts';
import { type Database, openDatabase } from '../prisma/database.ts';
import { createPayloadCodec } from '../worker/payload-codec.ts';

/** What is said to a person instead of a stack trace; the exit status is 1. */
export class Failure extends Error {}

/** Wrong usage: the exit status is 2. */
export class Usage extends Error {}

export interface Context {
  /** The state folder; relative to the folder from which the command is given. */
  readonly state: string;
  readonly json: boolean;
  /** One JSON document, or the text for people. */
  print(document: unknown, human: string): void;
  say(line: string): void;
}

/** Prints in pieces what is too large to be made whole, as fast as it is read. */
export async function stream(pieces: Iterable<string> | AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
}

/** @throws Failure when no stack runs on the state folder */
export function runningStack({ state }: Context): StackInfo {
  const info = readStackInfo(state);
  if (info === null || info.pid === 0)
    throw new Failure(`no stack runs on the state folder ${state}; start one with: npm start -- --state ${state}`);
  return info;
}

/** Opens the running stack's store for one piece of work. */
export async function withDatabase<T>(context: Context, act: (database: Database, info: StackInfo) => Promise<T>): Promise<T> {
  const info = runningStack(context);
  const database = openDatabase(info.databaseUrl, 4);
  try {
    return await act(database, info);
  } finally {
    await database.$disconnect();
  }
}

/** Opens store and engine; the engine is connected on first use, so that a command is stored even while it is down. */
export async function withEngine<T>(
  context: Context,
  act: (database: Database, temporal: Client, info: StackInfo) => Promise<T>,
): Promise<T> {
  return withDatabase(context, async (database, info) => {
    const { address, namespace, apiKey, historySecret } = info.temporal;
    const connection = Connection.lazy({ address, ...(apiKey === undefined ? {} : { apiKey, tls: true as const }) });
    try {
      return await act(
        database,
        new Client({ connection, namespace, dataConverter: { payloadCodecs: [createPayloadCodec(historySecret)] } }),
        info,
      );
    } finally {
      await connection.close();
    }
  });
}
