/** The JSON Schema by which editors complete and check policies: what `config/policies/policy.schema.json` holds. */
import { z } from 'zod';
import { policyFile } from '../domain/policy.ts';

/** What a person may write, before anything is filled in. */
export function policyJsonSchema(): string {
  const schema = z.toJSONSchema(policyFile, { io: 'input' });
  return `${JSON.stringify({ $id: 'https://dondoc.example/policy.schema.json', title: 'dondoc escalation policy', ...schema }, null, 2)}\n`;
}
