/** Applies migrations by Prisma's own engine as WebAssembly, so that no binary is downloaded anywhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';

/**
 * The adapter cuts a script at every semicolon, also inside a function's body; PostgreSQL itself takes a script whole,
 * and as one transaction.
 */
class WholeScripts extends PrismaPg {
  private readonly pools: { end(): Promise<void> }[] = [];

  async close(): Promise<void> {
    for (const pool of this.pools.splice(0)) await pool.end();
  }

  override async connect() {
    const adapter = await super.connect();
    const client = adapter.underlyingDriver();
    this.pools.push(client);
    adapter.executeScript = async (script) => {
      await client.query(script);
    };
    return adapter;
  }
}

let ready: Promise<void> | undefined;

/** The engine is a process-wide module with global state: instantiated once. */
function instantiate(): Promise<void> {
  ready ??= (async () => {
    const file = join(
      dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')),
      'schema_engine_bg.wasm',
    );
    const { instance } = await WebAssembly.instantiate(readFileSync(file), {
      './schema_engine_bg.js': engine as unknown as WebAssembly.ModuleImports, // the module itself is the import that the engine names
    });
    engine.__wbg_set_wasm(instance.exports);
    (instance.exports.__wbindgen_start as () => void)();
  })();
  return ready;
}

/** Applies what is not yet applied, in order; a second run applies nothing. Returns the names applied. */
export async function applyMigrations(o: { databaseUrl: string; directory: string }): Promise<string[]> {
  await instantiate();
  const scripts = new WholeScripts({ connectionString: o.databaseUrl });
  const adapter = bindMigrationAwareSqlAdapterFactory(scripts);
  const schemaEngine = await engine.SchemaEngine.new({ datamodels: undefined }, () => {}, adapter);
  try {
    const folders = readdirSync(o.directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const { appliedMigrationNames } = await schemaEngine.applyMigrations({
      migrationsList: {
        baseDir: o.directory,
        lockfile: { path: 'migration_lock.toml', content: readFileSync(join(o.directory, 'migration_lock.toml'), 'utf8') },
        shadowDbInitScript: '',
        migrationDirectories: folders
          .map(({ name }) => name)
          .sort()
          .map((path) => ({
            path,
            migrationFile: {
              path: 'migration.sql',
              content: { tag: 'ok' as const, value: readFileSync(join(o.directory, path, 'migration.sql'), 'utf8') },
            },
          })),
      },
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  } finally {
    schemaEngine.free();
    await scripts.close();
  }
}
