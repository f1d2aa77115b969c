import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from './generated/client.ts';

export type Database = PrismaClient;
/** A transaction, passed down as an argument: whoever takes one opens no second connection. */
export type Transaction = Prisma.TransactionClient;

/** Opens the store. `connectionsMax` bounds this process's share of PostgreSQL's connections. */
export function openDatabase(databaseUrl: string, connectionsMax = 10): Database {
  return new PrismaClient({
    adapter: new PrismaPg({ connectionString: databaseUrl, max: connectionsMax, connectionTimeoutMillis: 2_000 }),
  });
}
